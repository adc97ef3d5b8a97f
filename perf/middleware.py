"""What every request gets, whatever it asks for."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

REQUEST_ID_HEADER = "X-Request-Id"
CORRELATION_ID_HEADER = "X-Correlation-Id"

_SENT_ID = re.compile(r"[\x21-\x7e]{1,128}")
_request_id: ContextVar[str] = ContextVar("request id", default="-")


class IdentifiedRequest(HttpRequest):
    """A request that has been through the middleware."""

    request_id: str


class RequestIdMiddleware:
    """Gives each request an id of our own making, which its answer, log lines and audit rows carry.

    The id that a client gave it goes back as https://hl7.org/fhir/R4/http.html#custom says.
    """

    def __init__(self, get_response: Callable[[IdentifiedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: IdentifiedRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex
        token = _request_id.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response.headers.setdefault(REQUEST_ID_HEADER, request.request_id)
        sent = request.headers.get(REQUEST_ID_HEADER, "")
        if _SENT_ID.fullmatch(sent):
            response.headers[CORRELATION_ID_HEADER] = sent
        return response


class RequestIdFilter(logging.Filter):
    """Gives each log record the id of the request that is being answered, "-" outside of any."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True

"""What every request gets, whatever it asks for."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

REQUEST_ID_HEADER = "X-Request-Id"


class IdentifiedRequest(HttpRequest):
    """A request that has been through the middleware."""

    request_id: str


class RequestIdMiddleware:
    """Gives each request an id of our own making, which its answer, log lines and audit rows carry."""

    def __init__(self, get_response: Callable[[IdentifiedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: IdentifiedRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex
        response = self.get_response(request)
        response.headers.setdefault(REQUEST_ID_HEADER, request.request_id)
        return response

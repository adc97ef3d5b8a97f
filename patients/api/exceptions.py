"""What went wrong, as an OperationOutcome: the one place where failures become answers.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Mapping
from typing import Any

import django.db
from django.conf import settings
from django.core import exceptions as django_exceptions
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions as rest_exceptions
from rest_framework.response import Response
from rest_framework.views import APIView

from patients.api.renderers import FhirJsonRenderer
from patients.fhir import outcomes
from patients.fhir.outcomes import FhirError

RETRY_AFTER_SECONDS = 1
TOO_OFTEN = "You ask more often than this service allows; wait as many seconds as Retry-After says."
LOG_IN = "Log in to use this service: send a bearer token, HTTP Basic over TLS, or the session of the pages."

# The failures of Django and REST framework: what they are in FHIR's words, and the sentence for the client
# (none: their own). The first class that fits counts.
_TRANSLATIONS: tuple[tuple[type[Exception], type[FhirError], str | None], ...] = (
    (rest_exceptions.NotAuthenticated, outcomes.NotAuthenticated, LOG_IN),
    (rest_exceptions.AuthenticationFailed, outcomes.NotAuthenticated, None),
    (rest_exceptions.PermissionDenied, outcomes.Forbidden, None),
    (rest_exceptions.Throttled, outcomes.Throttled, TOO_OFTEN),
    (rest_exceptions.ParseError, outcomes.InvalidRequest, None),
    (django_exceptions.PermissionDenied, outcomes.Forbidden, "You may not do this."),
    (Http404, outcomes.NotFound, "There is nothing at this address."),
    (UnreadablePostError, outcomes.InvalidRequest, "The body ended before its announced length."),
    (django_exceptions.SuspiciousOperation, outcomes.InvalidRequest, "The request was refused as malformed."),
    (
        django.db.OperationalError,
        outcomes.Unavailable,
        "The database does not answer; nothing was changed. Try again in a moment.",
    ),
    (
        django.db.InterfaceError,
        outcomes.Unavailable,
        "The database does not answer; nothing was changed. Try again in a moment.",
    ),
)

_OUTSIDE_OF_VIEWS = {
    400: outcomes.InvalidRequest("The request was refused as malformed."),
    403: outcomes.Forbidden("You may not do this."),
    404: outcomes.NotFound("There is nothing at this address."),
    429: outcomes.Throttled(TOO_OFTEN),
    503: outcomes.Unavailable("The audit cannot be written, so nothing is answered. Try again later."),
}


def operation_outcome(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer a failure that was anticipated; None for a defect, which `answer` tells of."""
    view: APIView = context["view"]
    failure = _failure(exception, view)
    if failure is None:
        return None
    response = Response(outcomes.operation_outcome(failure.issues), status=failure.status)
    if challenge := getattr(exception, "auth_header", None):
        response.headers["WWW-Authenticate"] = challenge
    if failure.status == outcomes.MethodNotAllowed.status:
        response.headers["Allow"] = ", ".join(view.allowed_methods)
    if failure.status == outcomes.Unavailable.status:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def answer(request: HttpRequest, status: int) -> HttpResponse:
    """Answer what failed outside of any view; of a defect, only the number under which the log has it."""
    failure = _OUTSIDE_OF_VIEWS.get(status) or FhirError(
        f"Something went wrong here; the log has it as {getattr(request, 'request_id', 'unknown')}."
    )
    return HttpResponse(
        FhirJsonRenderer().render(outcomes.operation_outcome(failure.issues)),
        status=failure.status,
        content_type=f"{FhirJsonRenderer.media_type}; charset={FhirJsonRenderer.charset}",
        headers={"Cache-Control": "private, no-cache"},
    )


def _failure(exception: Exception, view: APIView) -> FhirError | None:
    if isinstance(exception, FhirError):
        return exception
    if isinstance(exception, rest_exceptions.MethodNotAllowed):
        return outcomes.MethodNotAllowed(
            f"{view.request.method} is not offered at this address, only {', '.join(view.allowed_methods)}."
        )
    if isinstance(exception, django_exceptions.RequestDataTooBig):
        return outcomes.TooLarge(f"The body is longer than {settings.MAX_BODY_BYTES} bytes; no more is read.")
    for kind, translation, sentence in _TRANSLATIONS:
        if isinstance(exception, kind):
            return translation(sentence or str(getattr(exception, "detail", exception)))
    return None

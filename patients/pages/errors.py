"""The pages that say what went wrong: what it is, what it means, and what to do next.

`fhirsite/urls.py` names the four handlers; a view's FhirError becomes a page here and nowhere else.
"""

import logging
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.fhir.outcomes import FhirError
from patients.pages.context import request_id

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a page says of a failure."""

    title: str | Promise
    sentence: str | Promise
    can_be_tried_again: bool = False


FORM_EXPIRED = Failure(
    _("This form has expired"),
    _("Nothing was sent. Go back, load the page again, and fill it in once more."),
)
FAILURES = {
    400: Failure(
        _("This cannot be understood"), _("The address or the form has something in it that cannot be read.")
    ),
    403: Failure(
        _("You may not open this"),
        _("Your role does not include this page. If you need it, ask your site administrator."),
    ),
    404: Failure(
        _("There is nothing at this address"),
        _("The record may have moved, or it may not exist. Search for the patient."),
    ),
    410: Failure(
        _("This record was deleted"), _("It was here, and somebody deleted it. Its history is kept.")
    ),
    429: Failure(
        _("You ask more often than this site allows"),
        _("This protects it, and the accounts on it. Wait a minute, then go on."),
        can_be_tried_again=True,
    ),
    500: Failure(
        _("Something went wrong here, not with you"),
        _("Nothing you had saved is lost. What you were just saving was not saved."),
        can_be_tried_again=True,
    ),
    503: Failure(
        _("The records cannot be read just now"),
        _("No answer came. This does not mean that there is nothing. Try again in a moment."),
        can_be_tried_again=True,
    ),
}


def failure_page(
    request: HttpRequest, status: int, cause: Exception | None = None, failure: Failure | None = None
) -> HttpResponse:
    context = {
        "failure": failure or FAILURES.get(status, FAILURES[500]),
        "detail": _detail(cause),
        "status": status,
        "request_id": request_id(request),
        "now": timezone.localtime(),
    }
    return render(request, "pages/failure.html", context, status=status)


def _detail(cause: Exception | None) -> str:
    """Return the sentence of a failure that was foreseen, if it is one that the reader can act on."""
    if isinstance(cause, FhirError) and cause.status in (400, 404, 410):
        return cause.issues[0].diagnostics
    return ""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure_page(request, 400, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure_page(request, 403, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure_page(request, 404, exception)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: `CSRF_FAILURE_VIEW`."""
    logger.warning("%s form refused: %s", request_id(request), reason)
    return failure_page(request, 403, failure=FORM_EXPIRED)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer who asks too often; it is not asked who that is, since that would cost what is to be saved."""
    return _failure_page_for_anybody(request, 429)


def unavailable(request: HttpRequest) -> HttpResponse:
    return _failure_page_for_anybody(request, 503)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a defect; who is logged in is not asked, the database may be what failed."""
    return _failure_page_for_anybody(request, 500)


def _failure_page_for_anybody(request: HttpRequest, status: int) -> HttpResponse:
    context = {
        "failure": FAILURES[status],
        "status": status,
        "request_id": request_id(request),
        "now": timezone.localtime(),
        "user": None,
        "navigation": (),
    }
    return render(request, "pages/failure.html", context, status=status)

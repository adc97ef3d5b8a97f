"""Too many failed log-ins under one name from one address: that pair has to wait.

django-axes counts them, known names and others alike, and asks before any password is looked at.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

STATUS = 429


def is_locked_out(request: HttpRequest) -> bool:
    """Whether this request met a lock, or brought it about."""
    return bool(getattr(request, "axes_locked_out", False))


def sentence() -> str:
    """What to tell who is locked out; the same whether there is such a user or not."""
    minutes = settings.LOCK_OUT_MINUTES
    return ngettext(
        "Too many log-ins have failed. Try again in %(minutes)d minute.",
        "Too many log-ins have failed. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}


def answer(_: HttpRequest, response: HttpResponse, __: dict[str, Any] | None) -> HttpResponse:
    """Give the answer of the door that was tried its status (`AXES_LOCKOUT_CALLABLE`)."""
    response.status_code = STATUS
    response.headers["Retry-After"] = str(settings.LOCK_OUT_MINUTES * 60)
    return response

"""Too many failed log-ins under one name from one address: that pair has to wait.

django-axes counts them, known names and others alike, and asks before any password is looked at.
"""

import ipaddress
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext

STATUS = 429
_IPV6_SITE = 64


def address_of(request: HttpRequest) -> str | None:
    """The client's address, if it is one that the database can keep (`AXES_CLIENT_IP_CALLABLE`).

    Of IPv6 the first of the network of 64 bits, all of which one client has to try from.
    """
    text = request.META.get("REMOTE_ADDR", "").partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 4 or address.ipv4_mapped:
        return str(address)
    return str(ipaddress.ip_network((address.packed, _IPV6_SITE), strict=False).network_address)


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


def is_locked(request: HttpRequest, name: str) -> bool:
    """Ask whether the name is locked out at this address, before anything else is looked at."""
    if AxesProxyHandler.is_allowed(request, {"username": name}):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    return True


def count_failure(request: HttpRequest, name: str) -> None:
    """Count a wrong code as a wrong password: it is recorded, and locks out in the end."""
    user_login_failed.send(sender=__name__, credentials={"username": name}, request=request)


def unlock(name: str) -> None:
    """Let the name try again, from wherever it was locked out."""
    AccessAttempt.objects.filter(username=name).delete()


def forget_old() -> None:
    """Remove the failures that count no more; they hold names and addresses."""
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()

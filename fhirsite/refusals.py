"""What was refused before an interaction began is in the audit as well (docs/security.md#audit).

An interaction records itself, refused or not. Nobody would tell of a request without a log-in, for an
address or by a method that there is not, with a body that cannot be read, or that came too often.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from fhirsite.handlers import is_for_api, unavailable
from patients import audit
from patients.access import Actor
from patients.access.actors import Channel
from patients.audit import AuditEntry, NotRecorded
from patients.fhir.resource import ID_PATTERN

INTERACTION = "refused"

_FIRST_REFUSAL = 400
# Neither discloses anything, and browsers and probes ask for them by themselves.
_UNRECORDED = ("/livez", "/readyz", "/csp-report", "/favicon.ico")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_CHANNELS: dict[str, Channel] = {"bearer": "token", "basic": "basic"}
_LONGEST_QUERY = 2_000
_ID = re.compile(ID_PATTERN)
_TYPE = re.compile(r"[A-Za-z]{1,64}")


class RefusalsMiddleware:
    """Records a refusal that no interaction has recorded; if that cannot be done, it is not answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < _FIRST_REFUSAL or not _is_recorded_here(request):
            return response
        try:
            audit.record(_entry(request, response.status_code))
        except NotRecorded:
            return unavailable(request)
        return response


def _is_recorded_here(request: HttpRequest) -> bool:
    if request.path_info in _UNRECORDED or request.path_info.startswith(settings.STATIC_URL):
        return False
    return not audit.has_recorded(_id_of(request))


def _entry(request: HttpRequest, status: int) -> AuditEntry:
    match = request.resolver_match
    found = match.kwargs if match else {}
    resource_type, id = str(found.get("resource_type", "")), str(found.get("id", ""))
    return AuditEntry(
        _actor(request),
        INTERACTION,
        resource_type if _TYPE.fullmatch(resource_type) else "",
        id if _ID.fullmatch(id) else None,
        query=_asked(request),
        outcome=status,
    )


def _asked(request: HttpRequest) -> str:
    """The method, the pattern of the address, and the query as it was sent."""
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "another method"
    address = f"/{match.route}" if match else "an unknown address"
    query = request.META.get("QUERY_STRING", "").replace("\0", "")[:_LONGEST_QUERY]
    return f"{method} {address}{'?' if query else ''}{query}"


def _actor(request: HttpRequest) -> Actor:
    """Who asked, as far as that was found out: to ask now could fail, or cost what a refusal saves."""
    user: Any = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    is_known = getattr(user, "pk", None) is not None
    return Actor(
        user_id=user.pk if is_known else None,
        name=user.get_username() if is_known else "",
        channel=_channel(request),
        request_id=_id_of(request),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _channel(request: HttpRequest) -> Channel:
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return _CHANNELS.get(scheme, "session") if is_for_api(request) else "session"


def _id_of(request: HttpRequest) -> str:
    return getattr(request, "request_id", "")

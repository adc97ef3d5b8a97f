"""Who asks too often waits: limits by address, person and log-in attempt (docs/security.md#rate-limits).

Those of programs are counted where these are known, in `patients/api/throttling.py`; all are told in the
headers of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/09/.
"""

import ipaddress
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from fhirsite.handlers import is_for_api, too_many_requests
from perf import rate_limits
from perf.rate_limits import Verdict

# Asked by who stands beside the process.
_UNLIMITED = ("/livez", "/readyz")
_REPORTS = "/csp-report"
_IPV6_SITE = 64


class RateLimitMiddleware:
    """Answers 429 to who asks too often, and tells everybody else how much is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.RATE_LIMITS or request.path_info in _UNLIMITED:
            return self.get_response(request)
        verdicts: list[Verdict] = []
        request.rate_verdicts = verdicts  # type: ignore[attr-defined]
        response = self._answer(request, verdicts)
        _tell(response, verdicts)
        return response

    def _answer(self, request: HttpRequest, verdicts: list[Verdict]) -> HttpResponse:
        address = network_of(request.META.get("REMOTE_ADDR", ""))
        for verdict in _verdicts(request, address):
            verdicts.append(verdict)
            if not verdict.is_allowed:
                return too_many_requests(request)
        response = self.get_response(request)
        if response.status_code == 401 and _has_password(request):
            verdicts.append(rate_limits.count("log-in", address))
        return response


def network_of(address: str) -> str:
    """The address; of IPv6 the network of 64 bits, all of which one client has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        # Where one socket hears both versions, everybody of version 4 would be of the same network.
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed.packed, _IPV6_SITE), strict=False))


def _verdicts(request: HttpRequest, address: str) -> Iterator[Verdict]:
    """What counts against the request, one after another: what one refuses, the next does not count."""
    yield rate_limits.count("address", address)
    if is_for_api(request):
        # Only a wrong password is an attempt: that is counted when it is known.
        if _has_password(request) and not (attempt := rate_limits.peek("log-in", address)).is_allowed:
            yield attempt
    elif request.path_info == _REPORTS:
        yield rate_limits.count("report", address)
    elif request.user.is_authenticated:
        yield rate_limits.count("user", str(request.user.pk))
    elif request.method == "POST":
        # A form that nobody sends is one to log in, whichever page it is on.
        yield rate_limits.count("log-in", address)


def _has_password(request: HttpRequest) -> bool:
    # As Django REST Framework reads it, which takes any white space after the scheme.
    return request.headers.get("Authorization", "").lower().split(None, 1)[:1] == ["basic"]


def _tell(response: HttpResponse, verdicts: list[Verdict]) -> None:
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{each.policy.name}";q={each.policy.quota};w={each.policy.window_seconds}' for each in verdicts
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{each.policy.name}";r={each.remaining};t={each.reset_seconds}' for each in verdicts
    )
    if response.status_code == 429 and (refused := [each for each in verdicts if not each.is_allowed]):
        response.headers["Retry-After"] = str(max(each.reset_seconds for each in refused))

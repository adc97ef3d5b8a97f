"""How often a program, or a person through the API, may ask: counted once it is known who that is."""

import hashlib
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from patients.api.inner_requests import InnerRequest
from perf import rate_limits
from perf.rate_limits import Verdict


class ClientThrottle(BaseThrottle):
    """By token, or by user where there is none; the entries of a bundle count with their bundle."""

    verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        if not settings.RATE_LIMITS or isinstance(request._request, InnerRequest) or not request.user.pk:
            return True
        self.verdict = rate_limits.count(*_policy_and_name(request))
        _verdicts_of(request).append(self.verdict)
        return self.verdict.is_allowed

    def wait(self) -> float | None:
        return self.verdict.reset_seconds if self.verdict else None


def _policy_and_name(request: Request) -> tuple[str, str]:
    match getattr(request.successful_authenticator, "channel", "session"):
        case "session":
            return "user", str(request.user.pk)
        case "token":
            # Each token has a count of its own; that it is good is known by now.
            digest = hashlib.blake2b(request.headers["Authorization"].encode(), digest_size=12)
            return "client", digest.hexdigest()
        case _:
            return "client", f"user-{request.user.pk}"


def _verdicts_of(request: Request) -> list[Verdict]:
    """What the answer's headers will tell."""
    found: Any = getattr(request._request, "rate_verdicts", None)
    return found if isinstance(found, list) else []

"""What stands before every page and every request of a session: no administrator without a second factor."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from patients.accounts import auditing, second_factor

# What a session without its second factor may open: the pages that make up for it, and the way out.
_OPEN_VIEWS = (
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_reauthenticate",
)
_API = ("/fhir", "/api")


class SecondFactorMiddleware:
    """Lets administrators do nothing before they have shown their second factor, or set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """:raises PermissionDenied: if a program uses a session that lacks its second factor."""
        if settings.MFA != "required" or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if (
            not isinstance(user, User)
            or second_factor.is_shown(request)
            or not second_factor.is_required_of(user)
        ):
            return None
        if getattr(request.resolver_match, "view_name", "") in _OPEN_VIEWS:
            return None
        if request.path_info.startswith(_API):
            auditing.record(request, user, "second-factor", query=request.method, outcome=403)
            raise PermissionDenied
        page = "mfa_reauthenticate" if second_factor.is_set_up(user) else "mfa_activate_totp"
        return redirect_to_login(request.get_full_path(), reverse(page))

"""Who needs a second factor, and whether this session has shown one.

`FHIRSITE_MFA`: `required` of administrators, or `optional`, for the demo. Whoever has set one up is asked
for it at each log-in, required or not.
"""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from patients import access
from patients.access import Actor

ADMINISTRATOR = "administrator"
# In the session: whose second factor was shown.
SHOWN = "second_factor"

# What a session without its second factor may open: the pages that make up for it, and the way out.
_OPEN_VIEWS = (
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_reauthenticate",
)
_API = ("/fhir", "/api")


def is_required_of(user: User) -> bool:
    """Whether the user may do nothing without: administrators, where the site requires it."""
    if settings.MFA != "required":
        return False
    return user.is_staff or user.is_superuser or ADMINISTRATOR in _roles(user)


def is_set_up(user: AbstractBaseUser) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def note_shown(request: HttpRequest, user: User) -> None:
    """Let the session be one that has shown its user's second factor."""
    request.session[SHOWN] = user.pk


def is_shown(request: HttpRequest) -> bool:
    return request.session.get(SHOWN) == request.user.pk


def _roles(user: User) -> tuple[str, ...]:
    return access.roles_of(Actor(user_id=user.pk, name=user.get_username(), channel="session"))


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
        if not isinstance(user, User) or is_shown(request) or not is_required_of(user):
            return None
        if getattr(request.resolver_match, "view_name", "") in _OPEN_VIEWS:
            return None
        if request.path_info.startswith(_API):
            raise PermissionDenied
        page = "mfa_reauthenticate" if is_set_up(user) else "mfa_activate_totp"
        return redirect_to_login(request.get_full_path(), reverse(page))

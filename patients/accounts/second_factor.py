"""Who needs a second factor, and whether this session has shown one.

`FHIRSITE_MFA`: `required` of administrators, or `optional`, for the demo. Whoever has set one up is asked
for it at each log-in, required or not.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.http import HttpRequest

from patients import access
from patients.access import Actor

ADMINISTRATOR = "administrator"
# In the session: whose second factor was shown.
SHOWN = "second_factor"


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

"""What happens to log-ins goes to the audit: Django's, axes' and allauth's signals become entries."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from patients import audit
from patients.access import Actor
from patients.accounts import lock_out, second_factor
from patients.audit import AuditEntry

TYPE = "Session"
UNKNOWN = "unknown"


def connect() -> None:
    """Listen from now on; called once, when the site starts."""
    user_logged_in.connect(_logged_in)
    user_logged_out.connect(_logged_out)
    user_login_failed.connect(_log_in_failed)
    user_locked_out.connect(_locked_out)
    authenticator_used.connect(_second_factor_shown)
    post_save.connect(_second_factor_saved, sender=Authenticator)
    post_delete.connect(_second_factor_removed, sender=Authenticator)


def record(
    request: HttpRequest,
    user: AbstractBaseUser | None,
    interaction: str,
    *,
    outcome: int = 200,
    query: str | None = None,
) -> None:
    """Write an entry of what a person did about a log-in; nobody in particular is `unknown`.

    :raises NotRecorded: if it cannot be written; then it must not be done either.
    """
    actor = Actor(
        user_id=user.pk if user else None,
        name=user.get_username() if user else UNKNOWN,
        channel="session",
        request_id=getattr(request, "request_id", ""),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    audit.record(AuditEntry(actor, interaction, TYPE, query=query, outcome=outcome))


def _logged_in(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    record(request, user, "login")


def _logged_out(request: HttpRequest, user: AbstractBaseUser | None, **_: Any) -> None:
    if user is not None:
        record(request, user, "logout")


def _log_in_failed(request: HttpRequest | None, credentials: dict[str, Any], **_: Any) -> None:
    # One that met a lock is recorded as that.
    if request is not None and not lock_out.is_locked_out(request):
        record(request, _known(credentials), "login", outcome=401)


def _locked_out(request: HttpRequest, username: str, **_: Any) -> None:
    record(request, _known({"username": username}), "lock-out", outcome=lock_out.STATUS)


def _second_factor_shown(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    second_factor.note_shown(request, user)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record(request, user, "second-factor", query="used recovery_codes")


def _second_factor_saved(instance: Authenticator, created: bool, **_: Any) -> None:
    if created and (request := context.request) is not None:
        record(request, request.user, "second-factor", query=f"added {instance.type}")
        if instance.type == Authenticator.Type.TOTP:
            # It was set up by a code of its own.
            second_factor.note_shown(request, instance.user)


def _second_factor_removed(instance: Authenticator, **_: Any) -> None:
    if (request := context.request) is not None:
        of_whom = "" if instance.user_id == request.user.pk else f" of user {instance.user_id}"
        record(request, request.user, "second-factor", query=f"removed {instance.type}{of_whom}")


def _known(credentials: dict[str, Any]) -> AbstractBaseUser | None:
    """The user of that name. What names nobody is not kept: it may be a password in the wrong field."""
    name = credentials.get("username") or ""
    return get_user_model().objects.filter(username=name).first()

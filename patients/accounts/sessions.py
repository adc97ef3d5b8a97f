"""The life of a person's sessions: a fresh one at each log-in, and the end of all of them."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from patients.models import Session
from patients.models.sessions import BEGAN


def begin(request: HttpRequest, **_: Any) -> None:
    """Count the hours of a session from this log-in on (`user_logged_in`)."""
    request.session.pop(BEGAN, None)


def end_all(user: AbstractBaseUser, *, but: str | None = None) -> int:
    """End the user's sessions on every machine, and tell how many; `but` is the key of one that stays."""
    sessions = Session.objects.filter(user_id=user.pk).exclude(session_key=but or "")
    return sessions.delete()[0]

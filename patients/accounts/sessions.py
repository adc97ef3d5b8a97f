"""The end of sessions before their time."""

from django.contrib.auth.base_user import AbstractBaseUser

from patients.models import Session
from patients.models.sessions import SessionStore


def end_all(user: AbstractBaseUser, *, but: str | None = None) -> int:
    """End the user's sessions on every machine, and tell how many; `but` is the key of one that stays."""
    sessions = Session.objects.filter(user_id=user.pk).exclude(session_key=but or "")
    return sessions.delete()[0]


def forget_ended() -> None:
    """Remove the rows of sessions that are over."""
    SessionStore.clear_expired()

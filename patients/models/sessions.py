"""Sessions of people, with two ends: so long without use, and so long after the log-in.

`SESSION_ENGINE`. A session is read on the primary by each request, so that one that was ended is over at
once, in every process. It is written when it changes; that it was used is noted once a minute.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

# When the log-in was, in the session's data.
BEGAN = "began"
NOTED_EVERY = timedelta(seconds=60)


class Session(AbstractBaseSession):
    """A log-in that is open until `expire_date`; before the log-in, what a form needs.

    Its user has a column, so that all sessions of one person can be ended.
    """

    user_id = models.BigIntegerField(null=True, editable=False)

    class Meta(AbstractBaseSession.Meta):
        db_table = "sessions"
        indexes = [models.Index(fields=["user_id"], name="sessions_user")]

    @classmethod
    def get_session_store_class(cls) -> type[DatabaseStore]:
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's, whose rows know their user and end for good some hours after the log-in."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = _open_row(self.session_key or "")
        if row is None:
            self._session_key = None
            return {}
        data = self.decode(row.session_data)
        end = _end(data)
        if end - row.expire_date >= NOTED_EVERY:
            # Nothing but the end: what another request writes meanwhile is not undone.
            Session.objects.filter(session_key=row.session_key).update(expire_date=end)
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        if SESSION_KEY in data:
            data.setdefault(BEGAN, timezone.now().isoformat())
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=_end(data),
            user_id=int(data[SESSION_KEY]) if SESSION_KEY in data else None,
        )


def _open_row(key: str) -> Session | None:
    # A cookie may hold anything, and the database can't be asked for all of it.
    if not key.isalnum():
        return None
    return Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()


def _end(data: dict[str, Any]) -> datetime:
    idle_end = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if BEGAN not in data:
        return idle_end
    began = datetime.fromisoformat(data[BEGAN])
    return min(idle_end, began + timedelta(hours=settings.SESSION_HOURS))

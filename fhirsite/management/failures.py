"""Failures of commands that a person can mend, each in one sentence."""

import django.db
import psycopg
from django.core.exceptions import ImproperlyConfigured

from fhirsite.embedded.failures import EmbeddedError

# SQLSTATEs of a server that is there and takes no sessions: connection exceptions, shutting down or
# starting, too many sessions. A session that never came about has none.
_NOT_ANSWERING = ("08", "57P", "53300")


def sentence_for(failure: Exception) -> str | None:
    """What to tell in a traceback's place; nothing if only the traceback tells it."""
    match failure:
        case django.db.OperationalError() | psycopg.OperationalError():
            return _sentence_for_database(failure)
        case ImproperlyConfigured() | EmbeddedError():
            return str(failure)
        case PermissionError() | NotADirectoryError():
            return f"{failure.filename}: {failure.strerror}."
    return None


def _sentence_for_database(failure: Exception) -> str | None:
    cause = failure if isinstance(failure, psycopg.Error) else failure.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is not None and not state.startswith(_NOT_ANSWERING):
        return None
    reason = str(failure).partition("\n")[0]
    return f"the database does not answer; `manage.py doctor` tells more. ({reason})"

"""The way through the only door: authorise, do, audit.

An interaction runs inside `opened`. It is recorded before its answer leaves; a write within its own
transaction (`audit.record`), so that neither is there without the other. What is refused or fails is recorded
as well; what cannot be recorded is not answered.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import django.db
import psycopg

from patients import access, audit
from patients.access import Actor
from patients.audit import AuditEntry, NotRecorded
from patients.fhir.outcomes import Conflict, FhirError, Unavailable

logger = logging.getLogger(__name__)

_WRITES = ("create", "update", "patch", "delete", "transaction")
_TOO_LONG = "This took longer than a request may; nothing was changed. Ask for less, or more precisely."
_NO_ANSWER = "The database does not answer. Try again in a moment."
# The connection may have been lost after the commit.
_UNKNOWN = (
    "The database does not answer, and whether the change was stored is not known: "
    "look for it before you send it again."
)

_OVERTAKEN = "Others are changing the same resources; nothing was changed. Try again in a moment."
_LOST_RACES = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_DATABASE_ERRORS = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)


@contextmanager
def opened(
    actor: Actor,
    interaction: str,
    resource_type: str,
    *,
    id: str | None = None,
    version_id: int | None = None,
    query: str | None = None,
) -> Iterator[AuditEntry]:
    """Let `actor` through, and record what came of it in the entry that is yielded.

    :raises Forbidden: if the policy grants no such interaction.
    :raises Unavailable: if the database does not answer, or not in time.
    :raises Conflict: if it has made it give way to others.
    :raises NotRecorded: if the audit cannot be written.
    """
    entry = AuditEntry(actor, interaction, resource_type, id, version_id, query)
    try:
        entry.roles = access.roles_of(actor)
        access.authorise(actor, interaction, resource_type)
        yield entry
        if not entry.is_recorded:
            audit.record(entry)
    except NotRecorded:
        raise
    except FhirError as error:
        _record_failure(entry, error.status)
        raise
    except _DATABASE_ERRORS as error:
        logger.warning("%s %s: database: %s", actor.request_id, interaction, type(error).__name__)
        failure = _failure(error, interaction)
        _record_failure(entry, failure.status)
        raise failure from error
    except Exception:
        _record_failure(entry, 500)
        raise


def _failure(error: Exception, interaction: str) -> FhirError:
    cause = error.__cause__ or error
    if isinstance(cause, _LOST_RACES):
        return Conflict(_OVERTAKEN)
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return Unavailable(_TOO_LONG)
    return Unavailable(_UNKNOWN if interaction in _WRITES else _NO_ANSWER)


def _record_failure(entry: AuditEntry, status: int) -> None:
    """Record outside the transaction that failed."""
    entry.outcome = status
    entry.patients = []
    audit.record(entry)

"""Records an interaction: in the spool of this process, or within the transaction of what it changes."""

import logging
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import cast

from django.conf import settings
from django.db import connections

from patients.access import roles_of
from patients.audit import keys, payloads, rows
from patients.audit.entries import AuditEntry
from patients.fhir.outcomes import Unavailable
from perf import database
from perf.spool import Spool, Sync

logger = logging.getLogger(__name__)

# What these disclose stays disclosed, whatever becomes of a transaction that they happen to be in.
_DISCLOSURES = frozenset(
    {"read", "vread", "history", "search", "validate", "everything", "meta", "batch", "transaction"}
)
_FIRST_FAILURE = 400

_recorded_for: ContextVar[str] = ContextVar("request of the last record", default="")

_spool: Spool | None = None
_spool_lock = Lock()


class NotRecorded(Unavailable):
    """The audit cannot be written, so there is no answer either."""


def record(entry: AuditEntry) -> None:
    """Record the entry; a change within its transaction, if there is one.

    :raises NotRecorded: if it could not be done.
    """
    record_all([entry])


def record_all(entries: Sequence[AuditEntry]) -> None:
    """Record the entries of one group, in their order.

    :raises NotRecorded: if it could not be done; then none of them is.
    """
    if not entries:
        return
    if len(entries) > 1:
        _join(entries)
    is_in_transaction = connections[database.PRIMARY_ALIAS].in_atomic_block
    changes = [entry for entry in entries if is_in_transaction and is_change(entry)]
    others = [entry for entry in entries if not (is_in_transaction and is_change(entry))]
    if changes:
        for entry in changes:
            entry.roles = entry.roles or roles_of(entry.actor)
        rows.insert_with_transaction([entry.payload() for entry in changes])
    if others:
        _append(others)
    _recorded_for.set(entries[-1].actor.request_id)


def has_recorded(request_id: str) -> bool:
    """Whether something was recorded of the request that this thread is at."""
    return _recorded_for.get() == request_id


def is_change(entry: AuditEntry) -> bool:
    """Whether it is to be there if, and only if, the transaction under way is committed."""
    return entry.interaction not in _DISCLOSURES and entry.outcome < _FIRST_FAILURE


def spool() -> Spool:
    """The spool of this process."""
    global _spool
    if _spool is None:
        with _spool_lock:
            if _spool is None:
                _spool = Spool(
                    Path(settings.AUDIT_DIR), key=keys.key("chain"), sync=cast(Sync, settings.AUDIT_FSYNC)
                )
    return _spool


def has_spool() -> bool:
    """Whether this process has recorded anything there."""
    return _spool is not None


def close_spool() -> None:
    """Leave what was recorded to the next drain."""
    if _spool is not None:
        _spool.close()


def _append(entries: Sequence[AuditEntry]) -> None:
    try:
        spool().append([entry.payload() for entry in entries])
    except OSError as error:
        for entry in entries:
            entry.recorded_as = None
        logger.exception("audit: %d entries could not be written", len(entries))
        raise NotRecorded("The audit cannot be written, so nothing is answered. Try again later.") from error


def _join(entries: Sequence[AuditEntry]) -> None:
    group_id = payloads.id_and_time()[0]
    for entry in entries:
        entry.group_id = entry.group_id or group_id

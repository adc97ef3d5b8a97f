"""Refreshing `patient_summary` and pruning its delta (docs/architecture.md#patient-search).

One REPEATABLE READ transaction takes its snapshot and refreshes the view, so that both see the same; a
second one, READ COMMITTED, prunes the delta rows that this snapshot could see. Pruning in the first would
fail to serialise against writers, and pruning by time would lose a transaction that was open meanwhile.
A session lock, on a connection of its own, is held from before the first to after the second.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone

from patients.models.summary import PatientSummaryDelta, SummaryRefresh

# Whoever rebuilds or refreshes the view holds this advisory lock.
LOCK_KEY = 7_240_118_530_001

KEPT_FOR = timedelta(days=30)

Trigger = Literal["beat", "command", "admin"]


def refresh(*, trigger: Trigger, is_forced: bool = False) -> SummaryRefresh:
    """Refresh the view if that is due, and record the verdict.

    The beat refreshes only what has changed, and only within its share of the time
    (`FHIRSITE_SUMMARY_REFRESH_SHARE`); `is_forced` refreshes in any case.
    """
    record = SummaryRefresh(
        started=timezone.now(), trigger=trigger, verdict="refreshed", duration_seconds=0.0, delta_rows=0
    )
    began = time.monotonic()
    connection = _connect(connections.settings["default"])
    try:
        if not _value(connection, "SELECT pg_try_advisory_lock(%s)", LOCK_KEY):
            record.verdict = "busy"
        else:
            record.verdict = _refresh_locked(connection, record, is_forced=is_forced)
    except psycopg.Error as error:
        record.verdict, record.detail = "failed", str(error.sqlstate or type(error).__name__)
        raise
    finally:
        connection.close()
        record.duration_seconds = time.monotonic() - began
        record.save()
        SummaryRefresh.objects.filter(started__lt=timezone.now() - KEPT_FOR).delete()
    return record


@contextmanager
def lock_held(settings_dict: dict[str, Any]) -> Iterator[None]:
    """Wait until nobody refreshes the view, and let nobody begin."""
    connection = _connect(settings_dict)
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
        yield
    finally:
        connection.close()


def _refresh_locked(connection: psycopg.Connection, record: SummaryRefresh, *, is_forced: bool) -> str:
    record.delta_rows = PatientSummaryDelta.objects.using("default").count()
    is_populated = _is_populated(connection)
    if is_populated and not is_forced:
        if not record.delta_rows:
            return "unchanged"
        if _is_too_soon():
            return "spaced"
    before = _value(connection, "SELECT pg_current_wal_insert_lsn()::text")
    snapshot = _refresh_view(connection, is_concurrent=is_populated)
    record.pruned_rows = _value(connection, "SELECT patient_summary_prune(%s::pg_snapshot)", snapshot)
    if record.pruned_rows:
        # A standby walks over dead index entries that the primary would skip. Where the role may not
        # vacuum (PostgreSQL 15 and 16) the server only warns, and autovacuum comes within a minute or two.
        connection.execute("VACUUM (TRUNCATE off, INDEX_CLEANUP on) patient_summary_delta")
    record.wal_bytes = _value(
        connection, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s::pg_lsn)::bigint", before
    )
    return "refreshed"


def _refresh_view(connection: psycopg.Connection, *, is_concurrent: bool) -> str:
    """Refresh, and answer the snapshot that the view's rows are of."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        snapshot: str = _value(connection, "SELECT pg_current_snapshot()::text")
        connection.execute("SELECT patient_summary_refresh(%s)", (is_concurrent,))
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    return snapshot


def _is_too_soon() -> bool:
    """Whether another refresh as long as the last would take more than its share of the time."""
    last = SummaryRefresh.objects.filter(verdict="refreshed").order_by("-started").first()
    if last is None:
        return False
    since = (timezone.now() - last.started).total_seconds()
    return since < last.duration_seconds / settings.SUMMARY_REFRESH_SHARE


def _is_populated(connection: psycopg.Connection) -> bool:
    return bool(
        _value(
            connection,
            "SELECT relispopulated FROM pg_class WHERE oid = to_regclass('public.patient_summary')",
        )
    )


def _value(connection: psycopg.Connection, sql: str, *params: object) -> Any:
    """The first column of the first row, or None."""
    row = connection.execute(sql, params).fetchone()
    return row[0] if row else None


def _connect(settings_dict: dict[str, Any]) -> psycopg.Connection:
    """A direct connection: a pooler would hand the session's lock to somebody else."""
    options = {
        key: value
        for key, value in settings_dict["OPTIONS"].items()
        if key not in ("prepare_threshold", "pool", "options", "server_side_binding")
    }
    return psycopg.connect(
        dbname=settings_dict["NAME"],
        user=settings_dict["USER"],
        password=settings_dict["PASSWORD"],
        host=settings_dict["HOST"],
        port=settings_dict["PORT"] or 5432,
        autocommit=True,
        **options,
    )

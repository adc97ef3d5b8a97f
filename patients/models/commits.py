"""What is committed, as the primary knows it: up to which moment all of it, and in which snapshot what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import django.db
import psycopg

from perf.database import Query, fetch_primary
from perf.own_writes import parse_position

# What is older than this is committed, or never will be: a version's time is read from the clock after its
# statement began, and only a transaction that has an id yet may have written in an earlier statement. The
# position is read after that, so that a standby that has replayed it has all of that.
_COMPLETE_UNTIL = Query(
    "complete until",
    """
    WITH complete AS MATERIALIZED (
        SELECT date_trunc('milliseconds', least(statement_timestamp(), min(
            CASE
                WHEN a.backend_xid IS NOT NULL THEN a.xact_start
                WHEN a.state = 'active' THEN a.query_start
            END
        ))) AS until
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.backend_type = 'client backend'
            AND a.pid <> pg_backend_pid()
    )
    SELECT until, pg_current_wal_insert_lsn()::text FROM complete
    """,
)
_SNAPSHOT = Query(
    "snapshot",
    """
    SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, ARRAY(
        SELECT k.id FROM unnest(%s::bigint[], %s::integer[]) AS k(id, version_id)
        JOIN fhir_resources r ON r.id = k.id
        WHERE r.version_id <> k.version_id
    )
    """,
)
_LOG_POSITION = Query("log position", "SELECT pg_current_wal_insert_lsn()::text")
# Of each resource all versions that were current at some time since the snapshot, up to the one named, if
# that has been written since.
_VERSIONS_SINCE = Query(
    "versions since",
    """
    SELECT k.id, v.version_id, v.content
    FROM unnest(%s::bigint[], %s::integer[]) AS k(id, version_id)
    JOIN fhir_resource_versions named ON named.resource_id = k.id AND named.version_id = k.version_id
    JOIN fhir_resource_versions v ON v.resource_id = k.id AND v.version_id <= k.version_id
    LEFT JOIN fhir_resource_versions next
        ON next.resource_id = v.resource_id AND next.version_id = v.version_id + 1
    WHERE NOT pg_visible_in_snapshot(named.xact, %s::pg_snapshot)
        AND (next.xact IS NULL OR NOT pg_visible_in_snapshot(next.xact, %s::pg_snapshot))
    """,
)

# Without a primary nothing changes, and the standby answers on.
UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, django.db.Error)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was committed when it was taken; a standby that has replayed `position` has all of it."""

    text: str
    position: int


def complete_until() -> tuple[datetime, int]:
    """The moment before which every change is committed, and the log position that has them."""
    until, position = fetch_primary(_COMPLETE_UNTIL)[0]
    return until, parse_position(position)


def log_position() -> int:
    """The position of the log that has all that is committed; 0 where there is no primary to ask."""
    try:
        return parse_position(fetch_primary(_LOG_POSITION)[0][0])
    except UNREACHABLE:
        return 0


def snapshot(versions: Sequence[tuple[int, int]]) -> tuple[Snapshot, list[int]]:
    """A snapshot of now; and of these resources, those that have another version than named."""
    text, position, changed = fetch_primary(_SNAPSHOT, _columns(versions))[0]
    return Snapshot(text, parse_position(position)), changed


def versions_since(snapshot: str, versions: Sequence[tuple[int, int]]) -> list[tuple[int, int, str | None]]:
    """Id, version and content of what was current since the snapshot, of those that have changed since."""
    return fetch_primary(_VERSIONS_SINCE, [*_columns(versions), snapshot, snapshot])


def _columns(versions: Sequence[tuple[int, int]]) -> list[list[int]]:
    return [[id for id, _ in versions], [version_id for _, version_id in versions]]

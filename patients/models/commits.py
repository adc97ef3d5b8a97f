"""What is committed, as the primary knows it: up to which moment all of it, and in which snapshot what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import django.db
import psycopg

from perf import database
from perf.database import Query
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
    SELECT until, statement_timestamp(), pg_current_wal_insert_lsn()::text FROM complete
    """,
)
# A transaction that asks knows what it has written itself, which its snapshot does not tell.
_SNAPSHOT = Query(
    "snapshot",
    """
    SELECT concat_ws('/', pg_current_snapshot(), pg_current_xact_id_if_assigned()),
        pg_current_wal_insert_lsn()::text, ARRAY(
        SELECT k.id FROM unnest(%s::bigint[], %s::integer[]) AS k(id, version_id)
        CROSS JOIN LATERAL (SELECT r.version_id FROM fhir_resources r WHERE r.id = k.id OFFSET 0) r
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
    CROSS JOIN (
        SELECT split_part(t, '/', 1)::pg_snapshot, nullif(split_part(t, '/', 2), '')::xid8
        FROM (VALUES (%s)) AS v(t)
    ) AS s(others, own)
    CROSS JOIN LATERAL (
        SELECT n.xact FROM fhir_resource_versions n
        WHERE n.resource_id = k.id AND n.version_id = k.version_id OFFSET 0
    ) named
    CROSS JOIN LATERAL (
        SELECT v.version_id, v.content FROM fhir_resource_versions v
        WHERE v.resource_id = k.id AND v.version_id <= k.version_id AND v.version_id >= coalesce((
            SELECT seen.version_id FROM fhir_resource_versions seen
            WHERE seen.resource_id = k.id AND seen.version_id < k.version_id
                AND (pg_visible_in_snapshot(seen.xact, s.others) OR seen.xact IS NOT DISTINCT FROM s.own)
            ORDER BY seen.version_id DESC LIMIT 1
        ), 0)
        OFFSET 0
    ) v
    WHERE NOT pg_visible_in_snapshot(named.xact, s.others) AND named.xact IS DISTINCT FROM s.own
    """,
)
# The primary went away after the page was read; its answer needs no more of it than the audit row does.
UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, django.db.Error)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was committed when it was taken; a standby that has replayed `position` has all of it."""

    text: str
    position: int


def complete_until(since: datetime | None = None) -> tuple[datetime, int]:
    """The moment before which every change is committed, and the log position that has them.

    A transaction may get its id late, which moves the moment back to its beginning; whoever has been told of
    all before `since`, and asks for what came after, is not sent back: then that is the moment.
    """
    until, now, position = database.fetch_primary(_COMPLETE_UNTIL)[0]
    if since is not None and until < since <= now:
        until = since
    return until, parse_position(position)


def log_position() -> int:
    """The position of the log that has all that is committed; 0 where it cannot be learned."""
    try:
        return parse_position(database.fetch_primary(_LOG_POSITION)[0][0])
    except (psycopg.Error, django.db.Error):
        return 0


def snapshot(versions: Sequence[tuple[int, int]]) -> tuple[Snapshot, list[int]]:
    """A snapshot of now; and of these resources, those that have another version than named."""
    text, position, changed = database.fetch_primary(_SNAPSHOT, _columns(versions))[0]
    return Snapshot(text, parse_position(position)), changed


def versions_since(snapshot: str, versions: Sequence[tuple[int, int]]) -> list[tuple[int, int, str | None]]:
    """Id, version and content of what was current since the snapshot, of those that have changed since."""
    return database.fetch_primary(_VERSIONS_SINCE, [*_columns(versions), snapshot])


def _columns(versions: Sequence[tuple[int, int]]) -> list[list[int]]:
    return [[id for id, _ in versions], [version_id for _, version_id in versions]]

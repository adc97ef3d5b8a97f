"""Which versions an export has, and up to which moment it is sure to have all."""

from dataclasses import dataclass
from datetime import datetime

from perf.database import Query, fetch_primary

# Asked before the snapshot: a writer that is unfinished in that had begun by now, or began later. A version's
# time is read from the clock after its transaction began, so that none that is left out is older than this.
# One millisecond less, since `_since` asks for what is later. A statement's time is that of its beginning.
_SURE_UNTIL = Query(
    "export time",
    """
    SELECT date_trunc('milliseconds', least(statement_timestamp(), min(a.xact_start)))
        - interval '1 millisecond'
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
    """,
)
_SNAPSHOT = Query("export snapshot", "SELECT pg_current_snapshot()::text")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is committed: all versions up to `sure_until`, and some later ones."""

    text: str
    sure_until: datetime


def take() -> Snapshot:
    sure_until = fetch_primary(_SURE_UNTIL)[0][0]
    return Snapshot(fetch_primary(_SNAPSHOT)[0][0], sure_until)

"""Which versions an export has, and up to which moment it is sure to have all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from patients.models import commits
from perf.database import Query, fetch_primary

_SNAPSHOT = Query("export snapshot", "SELECT pg_current_snapshot()::text")
# Times of versions are as fine; `_since` asks for what is later.
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is committed: all versions up to `sure_until`, and some later ones."""

    text: str
    sure_until: datetime


def take() -> Snapshot:
    # Asked for first: all that was committed by then is in the snapshot.
    complete_until, _ = commits.complete_until()
    return Snapshot(fetch_primary(_SNAPSHOT)[0][0], complete_until - _MILLISECOND)

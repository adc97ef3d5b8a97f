"""What has been loaded before, kept by the transactions that load it (`load_progress`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from patients.models import LoadProgress
from perf import database

# A first run inserts the row; a later one, which tries the refused entries again, changes it. No row is
# answered if another run has done either meanwhile: PostgreSQL waits for that run's transaction to end.
_CLAIM = database.Query(
    "claim of load progress",
    """
    INSERT INTO load_progress AS p (digest, first_entry, entries, refused, is_last, source)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (digest, first_entry)
    DO UPDATE SET refused = excluded.refused, loaded = now()
    WHERE p.refused = %s::int[]
    RETURNING p.id
    """,
)


@dataclass(frozen=True, slots=True)
class Portion:
    """What is loaded in one transaction: a bundle, or some hundred lines."""

    source: str
    digest: str
    indices: Sequence[int]
    is_last: bool

    @property
    def first_entry(self) -> int:
        return self.indices[0]


def loaded_entries(digest: str) -> int | None:
    """Return how many entries a source has if all were loaded, else None."""
    rows = list(LoadProgress.objects.filter(digest=digest))
    # Portions are loaded in their order, so that the last one tells of all.
    if any(row.is_last for row in rows) and not any(row.refused for row in rows):
        return sum(row.entries for row in rows)
    return None


def row_of(portion: Portion) -> LoadProgress | None:
    """Return what was noted of the portion."""
    return LoadProgress.objects.filter(digest=portion.digest, first_entry=portion.first_entry).first()


def claim(portion: Portion, *, refused: list[int], row: LoadProgress | None) -> bool:
    """Note the portion as loaded but for `refused`, unless another run has done so since `row` was read."""
    return bool(
        database.fetch_primary(
            _CLAIM,
            (
                portion.digest,
                portion.first_entry,
                len(portion.indices),
                refused,
                portion.is_last,
                portion.source,
                row.refused if row else None,
            ),
        )
    )

"""What interactions answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from patients.models.writing import Change, WrittenVersion
from patients.search.rows import PatientSummaryRow

Source = Literal["view", "base", "compartment", "lists"]


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A version of a resource. `content` is its JSON text, sent as it is; None for a deletion.

    `method` is how it was written; None in the results of a search, which does not look. `is_creation`: there
    was nothing, or a deletion, before it; only a history looks. `is_only_of_its_second`: no other version was
    current in the second in which it was written; a vread is sure of that, a read looks if it is asked to.
    """

    resource_type: str
    id: str
    version_id: int
    last_updated: datetime
    is_deleted: bool
    method: str | None
    content: str | None
    is_creation: bool = False
    is_only_of_its_second: bool = False

    @classmethod
    def written(cls, change: Change, version: WrittenVersion) -> "StoredResource":
        """What a change has become."""
        return cls(
            change.resource_type,
            change.id,
            version.version_id,
            version.last_updated,
            change.resource is None,
            change.method,
            version.content,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A version just written, and whether it made the resource.

    `is_existing`: nothing was written, because a conditional create found this.
    """

    resource: StoredResource
    is_created: bool
    is_existing: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Versions, the newest first. With `_since` the first page begins with the newest before `as_of`."""

    entries: tuple[StoredResource, ...]
    next_cursor: str | None
    total: int | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Resources that a search found, and those it includes besides. `as_of`: the answer is exact as of then.

    It may lack some of `partial_types`, whose index is being made anew. `source` is "base" while the summary
    view is not there: as exact, but slower.
    """

    entries: tuple[StoredResource, ...]
    next_cursor: str | None
    total: int | None
    source: Source
    as_of: datetime
    included: tuple[StoredResource, ...] = ()
    partial_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """Rows of the patient summary that a search found; otherwise as `SearchPage`."""

    rows: tuple[PatientSummaryRow, ...]
    next_cursor: str | None
    total: int | None
    source: Source
    as_of: datetime

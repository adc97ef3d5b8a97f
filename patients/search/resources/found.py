"""Which rows a search asks, and which part of the result is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from patients.search.fragments import TRUE, Fragment


@dataclass(frozen=True, slots=True)
class Found:
    """Which rows are asked: those in the lists of `keys`, those with the `ids` of a statement, or all.

    `condition` is what each of them (alias `s`) is asked.
    """

    types: tuple[str, ...]
    condition: Fragment = TRUE
    keys: tuple[UUID, ...] | None = None
    ids: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    after: Sequence[object] | None = None

"""Which rows a search asks, and which part of the result is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from patients.search.fragments import TRUE, Fragment, all_of
from patients.search.resources.bounds import EVERYWHERE, Bounds


@dataclass(frozen=True, slots=True)
class Found:
    """Which rows are asked: those in the lists of `keys`, those with the `ids` of a statement, or all.

    `condition` is what each of them (alias `s`) is asked. Of lists that are read in order each entry (alias
    `d`) is asked `of_entry`, and then its row `of_row`, which together say the same.

    Those that meet it lie within the `bounds` of the order by date, but for some ids `besides`; where rows
    are found by `ids`, bounds say nothing.
    """

    types: tuple[str, ...]
    condition: Fragment = TRUE
    keys: tuple[UUID, ...] | None = None
    ids: Fragment | None = None
    bounds: Bounds = EVERYWHERE
    of_entry: Fragment = TRUE
    of_row: Fragment = TRUE

    @property
    def outside(self) -> "Found | None":
        """What may be found outside of the bounds."""
        if self.bounds.besides is None:
            return None
        within = self.bounds.of("s.date")
        is_outside = Fragment(f"NOT ({within.sql})", within.params)
        return Found(self.types, all_of([is_outside, self.condition]), ids=self.bounds.besides)


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    after: Sequence[object] | None = None

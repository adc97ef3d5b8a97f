"""Where a search reads from, the standby that suits a principal or the primary, and what it may see there."""

from dataclasses import dataclass

from patients.search.fragments import Fragment
from patients.search.sight import EVERYTHING, Sight
from perf import database


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for `principal`; without one from the primary, for what a write rests upon."""

    principal: str | None
    sight: Sight = EVERYTHING

    def fetch(
        self, name: str, fragment: Fragment, *, most_milliseconds: int | None = None
    ) -> list[database.Row]:
        query = database.Query(name, fragment.sql, most_milliseconds)
        if self.principal is None:
            return database.fetch_primary(query, fragment.params)
        return database.fetch(query, fragment.params, principal=self.principal)

"""A history as the client asked for it. https://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from patients.fhir.criteria import LONGEST_NAME_SHOWN, check_characters, query_pair
from patients.fhir.outcomes import InvalidSearchParameter, UnknownSearchParameter
from patients.fhir.search_results import DEFAULT_COUNT, MAXIMUM_COUNT
from patients.fhir.values.dates import DateError, date_range

_PARAMETERS = ("_at", "_count", "_cursor", "_since")
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """Which versions, and which page of them.

    `since` leaves out earlier ones; of those left `at` takes those that were current within a range of time.
    """

    count: int = DEFAULT_COUNT
    cursor: str | None = None
    since: str | None = None
    at: str | None = None

    @property
    def since_moment(self) -> datetime | None:
        return None if self.since is None else date_range(self.since)[0]

    @property
    def at_range(self) -> tuple[datetime, datetime] | None:
        return None if self.at is None else date_range(self.at)

    def query(self, cursor: str | None) -> str:
        """Return the query string of this page, or of another."""
        pairs = [
            ("_since", self.since),
            ("_at", self.at),
            ("_count", None if self.count == DEFAULT_COUNT else str(self.count)),
            ("_cursor", cursor),
        ]
        return "&".join(query_pair(name, text) for name, text in pairs if text is not None)


def parse(pairs: Iterable[tuple[str, str]]) -> HistoryRequest:
    """Parse the parameters of a history.

    :raises UnknownSearchParameter: if there is another one.
    :raises InvalidSearchParameter: if a value cannot be understood.
    """
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in _PARAMETERS:
            shown = name[:LONGEST_NAME_SHOWN]
            raise UnknownSearchParameter(
                f"Unknown parameter {shown!r}; history takes _since, _at, _count and _cursor."
            )
        if name in given:
            raise InvalidSearchParameter(f"Parameter {name!r} is given more than once.")
        check_characters(name, text)
        given[name] = text
    return HistoryRequest(
        _count(given.get("_count", str(DEFAULT_COUNT))),
        given.get("_cursor"),
        _date("_since", given.get("_since")),
        _date("_at", given.get("_at")),
    )


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MAXIMUM_COUNT:
        raise InvalidSearchParameter(f"Parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here.")
    return int(text)


def _date(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    # Many write the + of a time zone as it is, which means a space.
    written = text.replace(" ", "+")
    try:
        date_range(written)
    except DateError as error:
        raise InvalidSearchParameter(f"Parameter {name!r} has a date that {error}.") from None
    return written

"""What `$everything` of a Patient is asked for.

https://hl7.org/fhir/R4/patient-operation-everything.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from patients.fhir.operation_parameters import Pairs, date_in, grouped, instant_in, only, types_in
from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_request import MAXIMUM_COUNT

PARAMETERS = ("_count", "_cursor", "_since", "_type", "end", "start")

_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class EverythingRequest:
    """Which of a Patient's records, and which page of them.

    `asked` is the request as it was written, without its cursor: a page's cursor is good for that only.
    """

    patient_id: str
    types: tuple[str, ...] = ()
    since: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    count: int | None = None
    cursor: str | None = None
    asked: tuple[tuple[str, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all is asked for at once, not a page of it."""
        return self.count is None and self.cursor is None

    @property
    def address(self) -> str:
        """The address of the operation relative to the service's, without a query."""
        return f"Patient/{self.patient_id}/$everything"

    def query(self, cursor: str | None = None) -> str:
        pairs = (*self.asked, ("_cursor", cursor)) if cursor else self.asked
        return "&".join(f"{name}={quote(text, safe=':,/@')}" for name, text in pairs)


def parse(patient_id: str, pairs: Pairs) -> EverythingRequest:
    """Return what is asked for.

    :raises UnknownSearchParameter: if the operation has no such parameter.
    :raises InvalidSearchParameter: if a value cannot be understood.
    """
    given = grouped(pairs, operation="$everything", offered=PARAMETERS)
    start, end = date_in(given, "start"), date_in(given, "end")
    return EverythingRequest(
        patient_id,
        types=types_in(given),
        since=instant_in(given),
        start=start[0] if start else None,
        end=end[1] if end else None,
        count=_count(only(given, "_count")),
        cursor=only(given, "_cursor"),
        asked=tuple(sorted((name, text) for name, text in pairs if name != "_cursor")),
    )


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MAXIMUM_COUNT:
        raise InvalidSearchParameter(f"Parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here.")
    return int(text)

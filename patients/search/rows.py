"""A patient as lists show it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from patients.models.summary import NO_BIRTH_DATE
from patients.search.statements import SHOWN_COLUMNS

# Names, identifiers, telecoms and addresses come last.
JSON_COLUMNS = 4
# Where the resource's text comes, if it was asked for.
CONTENT = len(SHOWN_COLUMNS)


_decoded = partial(json.loads, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class PatientSummaryRow:
    """The columns of `patient_summary`, and the resource's text where that was asked for."""

    id: int
    patient_id: str
    version_id: int
    last_updated: datetime
    family_name: str
    given_name: str
    family_folded: str
    given_folded: str
    birth_date: str | None
    birth_start: date | None
    birth_end: date | None
    gender: str | None
    active: bool | None
    deceased: bool
    deceased_at: str | None
    replaced_by: str | None
    names: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    telecoms: list[dict[str, Any]]
    addresses: list[dict[str, Any]]
    content: str | None = None

    @classmethod
    def from_database(cls, row: tuple[Any, ...], *, with_content: bool) -> "PatientSummaryRow":
        """From a row that begins with SHOWN_COLUMNS, then the content if it was asked for."""
        scalars = CONTENT - JSON_COLUMNS
        # Django leaves jsonb as text, so that a field may choose its decoder.
        elements = map(_decoded, row[scalars:CONTENT])
        return cls(*row[:scalars], *elements, *(row[CONTENT : CONTENT + 1] if with_content else ()))

    def sort_value(self, column: str) -> object:
        """The value of a column that orders results, as a cursor keeps it."""
        if column == "birth_sort":
            return self.birth_start.isoformat() if self.birth_start else NO_BIRTH_DATE
        value = getattr(self, column)
        return value.isoformat() if isinstance(value, datetime) else value

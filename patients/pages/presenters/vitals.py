"""Vital signs: one row for each time they were taken, one column for each sign and unit.

https://hl7.org/fhir/R4/observation-vitalsigns.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from patients.pages.presenters.dates import When
from patients.pages.presenters.observations import Observation

# LOINC code and short name, in the order in which a ward reads them.
SIGNS: dict[str, str | Promise] = {
    "85354-9": gettext_lazy("Blood pressure"),
    "55284-4": gettext_lazy("Blood pressure"),
    "8867-4": gettext_lazy("Heart rate"),
    "9279-1": gettext_lazy("Resp. rate"),
    "2708-6": gettext_lazy("SaO₂"),
    "59408-5": gettext_lazy("SpO₂"),
    "8310-5": gettext_lazy("Temp."),
    "29463-7": gettext_lazy("Weight"),
    "8302-2": gettext_lazy("Height"),
    "39156-5": gettext_lazy("BMI"),
    "72514-3": gettext_lazy("Pain, 0–10"),
    "9843-4": gettext_lazy("Head circumf."),
    "59576-9": gettext_lazy("BMI percentile"),
    "77606-2": gettext_lazy("Weight for length"),
}
_ORDER = list(SIGNS)


@dataclass(frozen=True, slots=True)
class Sign:
    """A column: what is measured, and in which unit."""

    name: str
    unit: str
    rank: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A row: all that was measured at one time, a tuple of observations for each column."""

    taken: When | None
    cells: tuple[tuple[Observation, ...], ...]

    @property
    def row_class(self) -> str:
        """Return the class of `look.css` for a row that holds a critical value."""
        return "crit" if any(one.row_class == "crit" for cell in self.cells for one in cell) else ""


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """The table of vital signs, newest reading first."""

    signs: tuple[Sign, ...]
    readings: tuple[Reading, ...]


def vital_signs(observations: Sequence[Observation]) -> VitalSigns:
    valid = [one for one in observations if not one.is_in_error]
    signs = tuple(sorted({_sign(one) for one in valid}, key=lambda sign: (sign.rank, sign.name, sign.unit)))
    rows: dict[str, list[Observation]] = {}
    for one in valid:
        rows.setdefault(one.taken.recorded if one.taken else "", []).append(one)
    return VitalSigns(signs, tuple(_reading(found, signs) for found in rows.values()))


def _reading(found: list[Observation], signs: Sequence[Sign]) -> Reading:
    cells = tuple(tuple(one for one in found if _sign(one) == sign) for sign in signs)
    return Reading(found[0].taken, cells)


def _sign(one: Observation) -> Sign:
    code = next((code for code in SIGNS if code in one.codes), None)
    if code is None:
        return Sign(one.name, one.value.unit, rank=len(SIGNS))
    return Sign(str(SIGNS[code]), one.value.unit, rank=_ORDER.index(code))

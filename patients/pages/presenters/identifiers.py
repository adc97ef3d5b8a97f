"""Identifiers by their type, each in the grouping people read it in.

https://hl7.org/fhir/R4/datatypes.html#Identifier; types are those of HL7's table 0203.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import codes, concept
from patients.pages.presenters.stored import JsonObject, member

# In the order in which a reader looks for them.
LABELS: dict[str, str | Promise] = {
    "MR": gettext_lazy("MRN"),
    "NH": gettext_lazy("Health plan"),
    "NI": gettext_lazy("National ID"),
    "SS": gettext_lazy("SSN"),
    "HC": gettext_lazy("Health card"),
    "DL": gettext_lazy("Driver’s licence"),
    "PPN": gettext_lazy("Passport"),
}
NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
# As much as a column of a list holds; what is longer is shown whole on the chart.
LONGEST_IN_LIST = 18
SHOWN_IN_LIST = 10


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier as shown; `is_typed` tells those that say what they are."""

    label: str
    value: str
    system: str
    is_typed: bool

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONGEST_IN_LIST

    @property
    def start(self) -> str:
        return self.value[:SHOWN_IN_LIST]


def identifiers(values: Iterable[JsonObject]) -> tuple[Identifier, ...]:
    """Show the identifiers in use, those with a known type first, not repeating one that has no type."""
    current = [value for value in values if value.get("value") and value.get("use") != "old"]
    shown = [identifier(value) for value in sorted(current, key=_rank)]
    typed_values = {found.value for found in shown if found.is_typed}
    return tuple(found for found in shown if found.is_typed or found.value not in typed_values)


def identifier(value: JsonObject) -> Identifier:
    type_codes = codes(member(value, "type"))
    known = [label for code, label in LABELS.items() if code in type_codes]
    system = str(value.get("system", ""))
    written = str(value["value"])
    if system == NHS_NUMBER_SYSTEM:
        return Identifier(_("NHS No."), _grouped(written), system, is_typed=True)
    label = str(known[0]) if known else concept(member(value, "type"))
    return Identifier(label or _("ID"), written, system, is_typed=bool(label))


def _rank(value: JsonObject) -> int:
    if value.get("system") == NHS_NUMBER_SYSTEM:
        return -1
    type_codes = codes(member(value, "type"))
    known = (rank for rank, code in enumerate(LABELS) if code in type_codes)
    return next(known, len(LABELS) if type_codes else len(LABELS) + 1)


def _grouped(number: str) -> str:
    return re.sub(r"^(\d{3})(\d{3})(\d{4})$", r"\1 \2 \3", number)

"""Codes, quantities and references in words.

https://hl7.org/fhir/R4/datatypes.html: CodeableConcept, Quantity, Range, Ratio, Reference.
"""

import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from patients.pages.presenters.dates import when
from patients.pages.presenters.stored import JsonObject, choice, is_object, member, members

# Annotations of UCUM that a clinician reads as nothing or as another sign.
UNITS = {"mm[Hg]": "mmHg", "Cel": "°C", "{score}": "", "{T-score}": "", "{nominal}": "", "1": ""}
SNOMED_CT = "http://snomed.info/sct"
# SNOMED CT's semantic tag is for coders: "Anemia (disorder)".
SEMANTIC_TAG = re.compile(
    r" \((?:disorder|finding|procedure|situation|qualifier value|observable entity|regime/therapy"
    r"|morphologic abnormality|person|event|substance)\)$"
)


def concept(value: object) -> str:
    """Return a CodeableConcept in words: what was written, else what the code means, else the code."""
    if not is_object(value):
        return ""
    codings = members(value, "coding")
    found = (
        value.get("text")
        or next((coding["display"] for coding in codings if coding.get("display")), None)
        or next((coding["code"] for coding in codings if coding.get("code")), "")
    )
    words = str(found).strip()
    return (
        SEMANTIC_TAG.sub("", words) if any(coding.get("system") == SNOMED_CT for coding in codings) else words
    )


def concepts(values: list[JsonObject]) -> str:
    return ", ".join(filter(None, map(concept, values)))


def codes(value: object) -> set[str]:
    return (
        {coding["code"] for coding in members(value, "coding") if "code" in coding}
        if is_object(value)
        else set()
    )


def reference(value: JsonObject) -> str:
    """Return the name that a reference carries, "" if it has none: an address is of no use to a reader."""
    return str(value.get("display") or "")


def number(value: object) -> str:
    """Show a number at its recorded precision, with commas in thousands."""
    if not isinstance(value, Decimal):
        return str(value)
    # An exponent is part of the precision: 1.0E2 has two digits, 100 has three.
    exponent = value.as_tuple().exponent
    return f"{value:,f}" if isinstance(exponent, int) and exponent <= 0 else str(value)


def unit(quantity: JsonObject) -> str:
    written = str(quantity.get("unit") or quantity.get("code") or "")
    return UNITS.get(written, written)


def amount(quantity: JsonObject) -> str:
    """Return the number of a Quantity with its comparator, without its unit."""
    return f"{quantity.get('comparator', '')}{number(quantity['value'])}" if "value" in quantity else ""


def quantity(value: JsonObject) -> str:
    written_unit = unit(value)
    # A percentage stands close to its number only in prose; in a list one space fits every unit.
    return f"{amount(value)} {written_unit}".strip()


def interval(value: JsonObject) -> str:
    """Show a Range: `3.5–5.1 mmol/L`, or the one limit that it has."""
    low, high = member(value, "low"), member(value, "high")
    written_unit = unit(high) or unit(low)
    if low and high:
        return f"{amount(low)}–{amount(high)} {written_unit}".strip()
    if low:
        return _("%(amount)s or more") % {"amount": quantity(low)}
    return _("%(amount)s or less") % {"amount": quantity(high)} if high else ""


def ratio(value: JsonObject) -> str:
    return f"{quantity(member(value, 'numerator'))} / {quantity(member(value, 'denominator'))}"


def any_value(value: JsonObject, name: str, zone: tzinfo) -> str:
    """Show an element that has a choice of types, whichever it is."""
    kind, found = choice(value, name)
    if found is None:
        return ""
    if kind in ("DateTime", "Date", "Instant"):
        return moment(found, zone)
    if kind == "Period":
        return period(found, zone)
    return _IN_WORDS.get(kind, str)(found)


def moment(recorded: object, zone: tzinfo) -> str:
    shown = when(recorded, zone)
    return f"{shown.day} {shown.clock}".strip() if shown else ""


def period(value: JsonObject, zone: tzinfo) -> str:
    start, end = when(value.get("start"), zone), when(value.get("end"), zone)
    if start and end and start.day != end.day:
        return f"{start.day} – {end.day}"
    if start:
        return start.day
    return _("until %(day)s") % {"day": end.day} if end else ""


def _yes_or_no(value: object) -> str:
    return _("Yes") if value else _("No")


def _curve(_value: object) -> str:
    return _("Recorded as a curve")


_IN_WORDS: dict[str, Callable[[Any], str]] = {
    "Age": quantity,
    "Boolean": _yes_or_no,
    "CodeableConcept": concept,
    "Decimal": number,
    "Duration": quantity,
    "Integer": number,
    "Quantity": quantity,
    "Range": interval,
    "Ratio": ratio,
    "SampledData": _curve,
}

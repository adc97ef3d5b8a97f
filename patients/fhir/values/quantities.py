"""Quantities as search sees them: a number, and perhaps the unit, by its system and code or as it is written.

`5.4|http://unitsofmeasure.org|mg` asks for that unit of that system, `5.4||mg` for a code or a unit "mg"
of any system, `5.4` for any unit. Units are compared as they are, none is converted.

Specification: https://hl7.org/fhir/R4/search.html#quantity
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from patients.fhir.values.escaping import escape, split, unescape
from patients.fhir.values.numbers import NumberError, parse_number_value, written_number


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A quantity to search for: a number, its range [low, high), and its unit, if it is not to be any."""

    prefix: str
    number: Decimal
    low: Decimal
    high: Decimal
    system: str | None
    code: str | None

    def query(self) -> str:
        unit = f"|{escape(self.system or '')}|{escape(self.code or '')}" if self.system or self.code else ""
        return written_number(self.prefix, self.number) + unit


def parse_quantity_value(text: str) -> QuantityValue:
    """Parse a quantity, still escaped, with its optional prefix.

    :raises NumberError: if its number is none, or its unit has another form than those above.
    :raises EscapingError: if a backslash escapes nothing.
    """
    written, *unit = [unescape(part) for part in split(text, "|")]
    if unit and (len(unit) != 2 or not any(unit)):
        raise NumberError("is not written like 5.4, 5.4||mg or 5.4|http://unitsofmeasure.org|mg")
    value = parse_number_value(written)
    system, code = (unit[0] or None, unit[1] or None) if unit else (None, None)
    return QuantityValue(value.prefix, value.number, value.low, value.high, system, code)

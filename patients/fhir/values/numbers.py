"""Numbers as search sees them: a number is the range of values that its significant digits round to.

`100` means [99.5, 100.5) and `100.00` means [99.995, 100.005). Half a unit of the last digit written counts
with an exponent too: `1e2` has one significant digit and means [50, 150). For `lt`, `le`, `gt`, `ge`, `sa`
and `eb` R4 compares with the number itself.

Specification: https://hl7.org/fhir/R4/search.html#number and https://hl7.org/fhir/R4/search.html#prefix
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal

from patients.fhir.exact_numbers import NumberOutOfLimits, exact_decimal
from patients.fhir.values.dates import PREFIXES

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Sums of what exact_numbers lets in have fewer digits than this: they are exact.
_EXACT = Context(prec=400)
_TENTH = Decimal("0.1")


class NumberError(ValueError):
    """A text that is no number to search for; its message goes on from "a number that …"."""


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number to search for: its prefix, itself, and the range [low, high) that it means."""

    prefix: str
    number: Decimal
    low: Decimal
    high: Decimal


def parse_number_value(text: str) -> NumberValue:
    """Parse a number with its optional prefix, as a search gives it.

    :raises NumberError: if it is no number, or one that could not be stored either.
    """
    prefix, written = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    if not _NUMBER.fullmatch(written):
        raise NumberError("is not written like 100, -5.40 or 1e-3")
    try:
        exact_decimal(written)
    except NumberOutOfLimits:
        raise NumberError("has more than 64 significant digits or an exponent beyond ±64") from None
    number = Decimal(written)
    return NumberValue(prefix, number, *number_range(number))


def number_range(number: Decimal) -> tuple[Decimal, Decimal]:
    """Return the half-open range of the numbers that round to this one, at its last digit."""
    half = Decimal((0, (5,), int(number.as_tuple().exponent) - 1))
    return _EXACT.subtract(number, half), _EXACT.add(number, half)


def approximate_range(number: Decimal, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """Return what `ap` compares with: a tenth of the number to either side, or its own range if wider."""
    tenth = _EXACT.multiply(number.copy_abs(), _TENTH)
    return min(low, _EXACT.subtract(number, tenth)), max(high, _EXACT.add(number, tenth))


def written_number(prefix: str, number: Decimal) -> str:
    """Return the text that means this, in its canonical form."""
    return f"{'' if prefix == 'eq' else prefix}{number}"

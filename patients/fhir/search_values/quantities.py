"""Quantities and numbers of a resource: least and greatest value (None where there is no bound), system, code
and unit. Numbers have no unit.

Specification: https://hl7.org/fhir/R4/search.html#quantity and https://hl7.org/fhir/R4/search.html#number
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Row = tuple[Decimal | None, Decimal | None, str, str, str]

_CURRENCIES = "urn:iso:std:iso:4217"


def of_number(value: Any) -> Iterable[Row]:
    number = _number(value)
    return ((number, number, "", "", ""),) if number is not None else ()


def of_quantity(value: Any) -> Iterable[Row]:
    """A Quantity, or one of its kinds (Age, Duration): with a comparator it has one bound only."""
    number = _number(value.get("value")) if value.__class__ is dict else None
    if number is None:
        return ()
    comparator = value.get("comparator")
    low = None if comparator in ("<", "<=") else number
    high = None if comparator in (">", ">=") else number
    return ((low, high, *_unit(value)),)


def of_money(value: Any) -> Iterable[Row]:
    number = _number(value.get("value")) if value.__class__ is dict else None
    if number is None:
        return ()
    currency = _text(value, "currency")
    return ((number, number, _CURRENCIES if currency else "", currency, currency),)


def of_range(value: Any) -> Iterable[Row]:
    if value.__class__ is not dict:
        return ()
    ends = [it if it.__class__ is dict else {} for it in (value.get("low"), value.get("high"))]
    low, high = (_number(end.get("value")) for end in ends)
    if low is None and high is None:
        return ()
    return ((low, high, *_unit(ends[0] if low is not None else ends[1])),)


def _unit(quantity: dict[str, Any]) -> tuple[str, str, str]:
    return _text(quantity, "system"), _text(quantity, "code"), _text(quantity, "unit")


def _text(value: dict[str, Any], member: str) -> str:
    text = value.get(member)
    return text if isinstance(text, str) else ""


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return Decimal(value) if value.__class__ is int else None

"""Numbers and quantities, by the digits that are written. https://hl7.org/fhir/R4/search.html#quantity"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from tests.patients.search.oracle.dates import PREFIXES
from tests.patients.search.oracle.escapes import plain, split
from tests.patients.search.oracle.expressions import Element

_INFINITE = Decimal("Infinity")
_EXACT = Context(prec=400)


def matches(element: Element, _: str, text: str) -> bool:
    found = bounds(element)
    number, *unit = [plain(part) for part in split(text, "|")]
    return found is not None and _has_unit(element, unit) and _compares(found, number)


def bounds(element: Element) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest that the value may be."""
    value = element.value
    if element.type == "Range":
        low, high = value.get("low", {}).get("value"), value.get("high", {}).get("value")
        if low is None and high is None:
            return None
        return -_INFINITE if low is None else Decimal(low), _INFINITE if high is None else Decimal(high)
    if element.type == "SampledData":
        return None
    number = value.get("value") if isinstance(value, dict) else value
    if number is None:
        return None
    comparator = value.get("comparator", "") if isinstance(value, dict) else ""
    return (
        -_INFINITE if comparator.startswith("<") else Decimal(number),
        _INFINITE if comparator.startswith(">") else Decimal(number),
    )


def _has_unit(element: Element, wanted: list[str]) -> bool:
    if not any(wanted):
        return True
    system, code = wanted
    its = _unit(element.type, element.value)
    if system and its.get("system") != system:
        return False
    return not code or its.get("code") == code or (not system and its.get("unit") == code)


def _unit(type: str, value: dict[str, Any]) -> dict[str, Any]:
    if type == "Range":
        return value["low"] if "value" in value.get("low", {}) else value["high"]
    if type == "Money":
        currency = value.get("currency")
        return {"system": "urn:iso:std:iso:4217", "code": currency, "unit": currency} if currency else {}
    return value


def _compares(found: tuple[Decimal, Decimal], text: str) -> bool:
    prefix, written = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    low, high = found
    number = Decimal(written)
    half = Decimal((0, (5,), int(number.as_tuple().exponent) - 1))
    least, bound = _EXACT.subtract(number, half), _EXACT.add(number, half)
    is_inside = least <= low and high < bound
    if prefix == "ap":
        tenth = _EXACT.divide(abs(number), Decimal(10))
        above, below = max(bound, _EXACT.add(number, tenth)), min(least, _EXACT.subtract(number, tenth))
        return low < above and high >= below
    return {
        "eq": is_inside,
        "ne": not is_inside,
        "gt": high > number,
        "lt": low < number,
        "ge": high >= number,
        "le": low <= number,
        "sa": low > number,
        "eb": high < number,
    }[prefix]

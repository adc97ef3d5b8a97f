"""Dates as the time that they may mean, in microseconds. https://hl7.org/fhir/R4/search.html#date"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from tests.patients.search.oracle.expressions import Element

Period = tuple[int, int]

BEGINNING, END = -(10**18), 10**18
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_DAY = 86_400_000_000
_WRITTEN = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


def matches(element: Element, _: str, text: str) -> bool:
    found = period(element)
    return found is not None and compares(found, text)


def period(element: Element) -> Period | None:
    """From its first moment to the first one after it; of a Timing its outer limits."""
    value = element.value
    if element.type == "Timing":
        parts = [_written(each) for each in value.get("event", ()) if each]
        bounds = _of_period(value.get("repeat", {}).get("boundsPeriod", {}))
        parts += [bounds] if bounds else []
        return (min(each[0] for each in parts), max(each[1] for each in parts)) if parts else None
    return _of_period(value) if isinstance(value, dict) else _written(value)


def compares(found: Period, text: str) -> bool:
    """Whether this time meets a value of a query with its prefix."""
    prefix, written = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    start, end = found
    low, high = _written(written)
    is_inside = low <= start and end <= high
    if prefix == "ap":
        now = _written(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))[0]
        tenth = max(low - now, now - high, 0) / 10
        return start < high + tenth and low - tenth < end
    return {
        "eq": is_inside,
        "ne": not is_inside,
        "gt": end > high,
        "lt": start < low,
        "ge": end > high or is_inside,
        "le": start < low or is_inside,
        "sa": start >= high,
        "eb": end <= low,
    }[prefix]


def _of_period(value: dict[str, str]) -> Period | None:
    if "start" not in value and "end" not in value:
        return None
    start = _written(value["start"])[0] if "start" in value else BEGINNING
    return start, _written(value["end"])[1] if "end" in value else END


def _written(text: str) -> Period:
    found = _WRITTEN.fullmatch(text)
    assert found, text
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if day is None:
        return _of_days(int(year), int(month) if month else None)
    start = date(int(year), int(month), int(day)).toordinal() * _DAY
    if hour is None:
        return start, start + _DAY
    start += (int(hour) * 60 + int(minute)) * 60_000_000 - _offset(zone)
    if second is None:
        return start, start + 60_000_000
    start += int(second) * 1_000_000
    if fraction is None:
        return start, start + 1_000_000
    digits = fraction[:6]
    length = 10 ** (6 - len(digits))
    return start + int(digits) * length, start + int(digits) * length + length


def _of_days(year: int, month: int | None) -> Period:
    first = date(year, month or 1, 1).toordinal()
    months = year * 12 + (month or 12)
    following = date(months // 12, months % 12 + 1, 1).toordinal() if months < 120_000 else 3_652_060
    return first * _DAY, following * _DAY


def _offset(zone: str | None) -> int:
    if zone in (None, "Z"):
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return (-minutes if zone[0] == "-" else minutes) * 60_000_000

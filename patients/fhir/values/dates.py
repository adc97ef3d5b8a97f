"""Dates as search sees them: a date is the range of time it may mean, "2026" being all of that year.

Ranges are half-open, of times in UTC. What is written without a time zone is taken as UTC. Python's time ends
with the year 9999 and counts microseconds: ranges are cut at both ends, and finer digits are dropped.

Specification: https://hl7.org/fhir/R4/search.html#date and https://hl7.org/fhir/R4/search.html#prefix
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_DATE_TIME = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)

_LOST_PLUS = re.compile(r"[^ ]+T[0-9:.]+ [0-9]{2}:[0-9]{2}")


class DateError(ValueError):
    """A text that is no FHIR date; its message goes on from "a date that …"."""


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date to search for: its prefix, the range of time it means, and its text without the prefix."""

    prefix: str
    start: datetime
    end: datetime
    text: str

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last day of the range, itself part of it."""
        return (self.end - _MICROSECOND).date()

    @property
    def has_time(self) -> bool:
        return "T" in self.text

    def approximated(self, now: datetime) -> DateValue:
        """Return the value to compare with: for `ap` a tenth of the distance to now wider on either side."""
        if self.prefix != "ap":
            return self
        tenth = max(self.start - now, now - self.end, timedelta(0)) / 10
        return replace(self, start=_shift(self.start, -tenth), end=_shift(self.end, tenth))


def parse_date_value(text: str) -> DateValue:
    """Parse a date with its optional prefix, as a search gives it.

    :raises DateError: if it is no date, or a date that does not exist.
    """
    prefix, written = (text[:2], text[2:]) if text[:2] in _COMPARISONS else ("eq", text)
    start, end = date_range(written)
    return DateValue(prefix, start, end, written)


def date_range(text: str) -> tuple[datetime, datetime]:
    """Return the half-open range of time that a FHIR date, dateTime or instant means.

    :raises DateError: if it is no date, or a date that does not exist.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        if _LOST_PLUS.fullmatch(text):
            raise DateError("has a space before its time zone: in a query a plus is written %2B")
        raise DateError("is not written like 2026, 2026-07, 2026-07-15 or 2026-07-15T09:30:00Z")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        midnight = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        raise DateError("does not exist in the calendar") from None
    if hour is None:
        return midnight, _shift(*_end_of_days(midnight, month, day))
    start, length = _time_of_day(hour, minute, second, fraction)
    offset = start - _zone(zone)
    return _shift(midnight, offset), _shift(midnight, offset + length)


def day_range(text: str) -> tuple[date, date]:
    """Return the first and the last day that a FHIR date, which may be partial, means.

    :raises DateError: if it is no date, or a date that does not exist.
    """
    start, end = date_range(text)
    return start.date(), (end - _MICROSECOND).date()


def matches(prefix: str, resource_start: Any, resource_end: Any, search_start: Any, search_end: Any) -> bool:
    """Tell whether a resource's range meets a search's range: the definition of the prefixes.

    All ranges are half-open and of anything that has an order. For `ap` the search's range comes already
    widened. A resource without a date meets no prefix, not even `ne`.
    """
    return _COMPARISONS[prefix](resource_start, resource_end, search_start, search_end)


def _is_contained(resource_start: Any, resource_end: Any, search_start: Any, search_end: Any) -> bool:
    return bool(search_start <= resource_start and resource_end <= search_end)


_COMPARISONS: dict[str, Callable[[Any, Any, Any, Any], bool]] = {
    "eq": _is_contained,
    "ne": lambda *ranges: not _is_contained(*ranges),
    "gt": lambda _, resource_end, __, search_end: resource_end > search_end,
    "lt": lambda resource_start, _, search_start, __: resource_start < search_start,
    "ge": lambda *ranges: ranges[1] > ranges[3] or _is_contained(*ranges),
    "le": lambda *ranges: ranges[0] < ranges[2] or _is_contained(*ranges),
    "sa": lambda resource_start, _, __, search_end: resource_start >= search_end,
    "eb": lambda _, resource_end, search_start, __: resource_end <= search_start,
    "ap": lambda resource_start, resource_end, search_start, search_end: (
        resource_start < search_end and search_start < resource_end
    ),
}

PREFIXES = tuple(_COMPARISONS)


def _end_of_days(midnight: datetime, month: str | None, day: str | None) -> tuple[datetime, timedelta]:
    if day is not None:
        return midnight, timedelta(days=1)
    if month is not None:
        last = midnight.replace(day=_days_of_month(midnight.year, midnight.month))
    else:
        last = midnight.replace(month=12, day=31)
    return last, timedelta(days=1)


def _days_of_month(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


def _time_of_day(
    hour: str, minute: str, second: str | None, fraction: str | None
) -> tuple[timedelta, timedelta]:
    # A leap second is written 60; R4 allows it, and here it is the next minute's first.
    if hour > "23" or minute > "59" or (second or "0") > "60":
        raise DateError("has a time that no clock shows (24:00 is written as 00:00 of the next day)")
    start = timedelta(hours=int(hour), minutes=int(minute))
    if second is None:
        return start, timedelta(minutes=1)
    start += timedelta(seconds=int(second))
    if fraction is None:
        return start, timedelta(seconds=1)
    digits = fraction[:6]
    return start + timedelta(microseconds=int(digits.ljust(6, "0"))), timedelta(
        microseconds=10 ** (6 - len(digits))
    )


def _zone(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta(0)
    if zone[1:] > "14:00" or zone[4:] > "59":
        raise DateError("has a time zone that does not exist")
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    return -offset if zone[0] == "-" else offset


def _shift(moment: datetime, by: timedelta) -> datetime:
    """Add, staying between the first and the last moment that Python knows."""
    try:
        return moment + by
    except OverflowError:
        return _LAST_MOMENT if by > timedelta(0) else _FIRST_MOMENT

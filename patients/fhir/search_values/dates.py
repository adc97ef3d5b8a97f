"""Dates of a resource: half-open ranges of time in UTC.

What has no start begins with the year 1, what has no end ends with the year 9999.

Specification: https://hl7.org/fhir/R4/search.html#date
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from patients.fhir.values.dates import DateError, date_range

Row = tuple[datetime, datetime]

_LONGEST_REMEMBERED = 40

FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def of_date(value: Any) -> Iterable[Row]:
    """A date, dateTime or instant."""
    if value.__class__ is not str:
        return ()
    return _remembered_rows(value) if len(value) <= _LONGEST_REMEMBERED else _parsed(value)


def _parsed(text: str) -> tuple[Row, ...]:
    try:
        return (date_range(text),)
    except DateError:
        return ()


# The values of one visit mostly bear the same date, and some are read for several parameters.
_remembered_rows = lru_cache(maxsize=4_096)(_parsed)


def of_period(value: Any) -> Iterable[Row]:
    if value.__class__ is not dict:
        return ()
    starts, ends = [*of_date(value.get("start"))], [*of_date(value.get("end"))]
    if not starts and not ends:
        return ()
    start = starts[0][0] if starts else FIRST_MOMENT
    end = ends[0][1] if ends else LAST_MOMENT
    return ((start, end),) if start <= end else ((end, start),)


def of_timing(value: Any) -> Iterable[Row]:
    """From the first to the last that its events and bounds say."""
    if value.__class__ is not dict:
        return ()
    events, repeat = value.get("event"), value.get("repeat")
    rows = [row for event in (events if events.__class__ is list else ()) for row in of_date(event)]
    if repeat.__class__ is dict:
        rows += of_period(repeat.get("boundsPeriod"))
    if not rows:
        return ()
    return ((min(start for start, _ in rows), max(end for _, end in rows)),)

"""Dates of birth as people type them, as FHIR's dates.

A date that can be read two ways is read day first, and month first if nobody was born on that day.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from patients.pages.presenters.dates import partial_date

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH = rf"(?P<name>{'|'.join(_MONTH_NAMES)})[a-z]*\.?"
_SEPARATOR = r"[-/. ]{1,2}"
# Not a piece of something longer: an impossible day must not be read as its month.
_START, _END = r"(?<![\w|+./-])", r"(?![\w|/-]|\.\d)"

# In this order: the more a form says, the earlier it is tried.
FORMS = tuple(
    re.compile(_START + form + _END, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d\d)",
        rf"(?P<day>\d{{1,2}}){_SEPARATOR}{_MONTH}{_SEPARATOR}(?P<year>\d{{4}}|\d\d)",
        rf"{_MONTH}{_SEPARATOR}(?P<day>\d{{1,2}}),?{_SEPARATOR}(?P<year>\d{{4}})",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
        rf"{_MONTH}{_SEPARATOR}(?P<year>\d{{4}})",
        r"(?P<year>\d{4})",
    )
)
# Whole dates, of a year that somebody in the records may have been born in: no number is meant.
WHOLE_DATES = FORMS[:4]
_A_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
OLDEST = 130


@dataclass(frozen=True, slots=True)
class TypedDate:
    """A date found in a text: its readings, most likely first, each the FHIR dates that it may be."""

    text: str
    readings: tuple[tuple[str, ...], ...]


def find(text: str, *, today: date) -> TypedDate | None:
    """Return the first date of birth in the text, None if there is none that could be one."""
    for form in FORMS:
        for match in form.finditer(text):
            readings = tuple(
                filter(None, (_days(reading, today) for reading in _readings(match.groupdict())))
            )
            if readings:
                return TypedDate(match.group(), readings)
    return None


def mistake(text: str, *, today: date) -> str:
    """Return what is wrong with a whole date in the text that cannot be a date of birth, "" if none is."""
    for match in (match for form in WHOLE_DATES for match in form.finditer(text)):
        readings = _readings(match.groupdict())
        if not _A_YEAR.search(match.group()) or any(_days(reading, today) for reading in readings):
            continue
        if any(_day(int(year), month, day) for year, month, day in readings):
            return _("%(date)s is in the future, or more than %(years)d years ago.") % {
                "date": match.group(),
                "years": OLDEST,
            }
        return _("%(date)s is not a date in the calendar.") % {"date": match.group()}
    return ""


def in_words(days: tuple[str, ...]) -> str:
    return " / ".join(map(partial_date, days))


def _readings(parts: dict[str, str | None]) -> list[tuple[str, str | None, str | None]]:
    """Return (year, month, day) for each way in which the parts can be read."""
    year = parts["year"] or ""
    first, second, name = parts.get("first"), parts.get("second"), parts.get("name")
    if first and second:
        return [(year, second, first), (year, first, second)] if first != second else [(year, first, second)]
    month = str(MONTHS[name.lower()]) if name else parts.get("month")
    return [(year, month, parts.get("day"))]


def _days(reading: tuple[str, str | None, str | None], today: date) -> tuple[str, ...]:
    """Return the FHIR dates of a reading: two if its year has two digits and fits two centuries."""
    year, month, day = reading
    years = (
        [int(year)] if len(year) == 4 else [today.year // 100 * 100 + int(year) - back for back in (0, 100)]
    )
    return tuple(found for one in years if (found := _date(one, month, day, today)))


def _date(year: int, month: str | None, day: str | None, today: date) -> str | None:
    earliest = _day(year, month, day)
    if earliest is None or year < today.year - OLDEST or earliest > today:
        return None
    return "-".join([str(year)] + [f"{int(part):02}" for part in (month, day) if part])


def _day(year: int, month: str | None, day: str | None) -> date | None:
    """Return the first day of a date that may be partial, None if the calendar has no such day."""
    try:
        return date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None

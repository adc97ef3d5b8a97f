"""FHIR's date, dateTime and instant as the page shows them, in the site's time zone.

https://hl7.org/fhir/R4/datatypes.html#dateTime: a date may be a year, or a year and a month; it is
shown as partial as it is. An instant is shown in the site's time zone, and keeps its own offset beside it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

MONTHS = (
    pgettext_lazy("short month", "Jan"),
    pgettext_lazy("short month", "Feb"),
    pgettext_lazy("short month", "Mar"),
    pgettext_lazy("short month", "Apr"),
    pgettext_lazy("short month", "May"),
    pgettext_lazy("short month", "Jun"),
    pgettext_lazy("short month", "Jul"),
    pgettext_lazy("short month", "Aug"),
    pgettext_lazy("short month", "Sep"),
    pgettext_lazy("short month", "Oct"),
    pgettext_lazy("short month", "Nov"),
    pgettext_lazy("short month", "Dec"),
)
PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class When:
    """A date as shown and as recorded; the clock is empty where no time of day was recorded."""

    recorded: str
    day: str
    clock: str = ""


def when(recorded: object, zone: tzinfo) -> When | None:
    """Return what to show for a recorded date, which is itself where nothing better is known."""
    if not isinstance(recorded, str) or not recorded:
        return None
    if "T" not in recorded:
        return When(recorded, day=partial_date(recorded))
    try:
        local = datetime.fromisoformat(recorded).astimezone(zone)
    except (ValueError, OverflowError):  # a leap second, the year 0001 west of Greenwich
        return When(recorded, day=recorded)
    return When(recorded, day=full_date(local), clock=f"{local:%H:%M}")


def day_of(recorded: object, zone: tzinfo) -> date | None:
    """Return the day on the site's calendar, None where the day is not known."""
    if not isinstance(recorded, str):
        return None
    try:
        return (
            datetime.fromisoformat(recorded).astimezone(zone).date()
            if "T" in recorded
            else date.fromisoformat(recorded)
        )
    except (ValueError, OverflowError):
        return None


def partial_date(recorded: str) -> str:
    """Show a date with the parts it has: `1945`, `Jul-1945`, `14-Jul-1945`."""
    match = PARTIAL_DATE.fullmatch(recorded)
    if not match:
        return recorded
    year, month, day = match.groups()
    if month is None:
        return year
    month_name = MONTHS[int(month) - 1] if 1 <= int(month) <= 12 else month
    return f"{month_name}-{year}" if day is None else f"{day}-{month_name}-{year}"


def full_date(day: date) -> str:
    return partial_date(f"{day.year:04}-{day.month:02}-{day.day:02}")


def age(born: date | None, at: date | None) -> str:
    """Return the age in the unit that fits it, "" if a day is not known or the birth is still to come."""
    if born is None or at is None or born > at:
        return ""
    months = (at.year - born.year) * 12 + at.month - born.month - (at.day < born.day)
    if months >= 24:
        return _("%(years)dy") % {"years": months // 12}
    if months >= 2:
        return _("%(months)dm") % {"months": months}
    days = (at - born).days
    return _("%(weeks)dw") % {"weeks": days // 7} if days >= 14 else _("%(days)dd") % {"days": days}

"""Date parameters: columns of the patient's row (alias `s`).

The prefixes compare ranges as `patients.fhir.values.dates.matches` defines them. A date of birth is a
range of days, at most a year long, so each comparison also bounds the one column that is indexed.
https://hl7.org/fhir/R4/search.html#date
"""

from datetime import UTC, date, datetime, timedelta

from patients.fhir.criteria import Criterion
from patients.fhir.values.dates import DateValue
from patients.search.fragments import Fragment, any_of, fill

LONGEST_PARTIAL_DATE = timedelta(days=366)
_SHORT_RANGE = timedelta(days=31)

# {first} and {last} are the days searched for, both included; the column's range likewise.
_BIRTH_DATE = {
    "eq": "s.birth_start >= {first} AND s.birth_end <= {last} AND s.birth_sort BETWEEN {first} AND {last}",
    "ne": "NOT (s.birth_start >= {first} AND s.birth_end <= {last})",
    "gt": "s.birth_end > {last} AND s.birth_sort > {before_last}",
    "lt": "s.birth_start < {first} AND s.birth_sort < {first}",
    "ge": (
        "(s.birth_end > {last} OR s.birth_start >= {first} AND s.birth_end <= {last})"
        " AND s.birth_sort > {before_first}"
    ),
    "le": (
        "(s.birth_start < {first} OR s.birth_start >= {first} AND s.birth_end <= {last})"
        " AND s.birth_sort <= {last}"
    ),
    "sa": "s.birth_start > {last} AND s.birth_sort > {last}",
    "eb": "s.birth_end < {first} AND s.birth_sort < {first}",
    "ap": (
        "s.birth_start <= {last} AND s.birth_end >= {first}"
        " AND s.birth_sort BETWEEN {before_first} AND {last}"
    ),
}

# The column means a millisecond: {last} is the last that lies whole in the range searched for, {before} the
# last before it. {from} and {to} close the range at the start and the last, but for searches finer than that.
_LAST_UPDATED = {
    "eq": "s.last_updated >= {start} AND s.last_updated <= {last}",
    "ne": "NOT (s.last_updated >= {start} AND s.last_updated <= {last})",
    "gt": "s.last_updated > {last}",
    "lt": "s.last_updated < {start}",
    "ge": "s.last_updated >= {from}",
    "le": "s.last_updated <= {to}",
    "sa": "s.last_updated >= {end}",
    "eb": "s.last_updated <= {before}",
    "ap": "s.last_updated > {before} AND s.last_updated < {end}",
}
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


def condition(criterion: Criterion) -> Fragment:
    """The rows that meet one of the values."""
    is_birth = criterion.parameter.name == "birthdate"
    if criterion.modifier == "missing":
        if is_birth:
            return Fragment("s.birth_start IS NULL" if criterion.values[0] else "s.birth_start IS NOT NULL")
        return Fragment("false" if criterion.values[0] else "true")
    compare = _birth_date if is_birth else _last_updated
    now = datetime.now(UTC)
    return any_of(
        compare(value.approximated(now)) for value in criterion.values if isinstance(value, DateValue)
    )


def is_short_range(criterion: Criterion) -> bool:
    """Whether the index finds at most a month of birth dates (a thirty-thousandth of a population a day)."""
    return criterion.parameter.name == "birthdate" and all(
        isinstance(value, DateValue) and value.prefix == "eq" and value.end - value.start <= _SHORT_RANGE
        for value in criterion.values
    )


def _birth_date(value: DateValue) -> Fragment:
    days = {
        "first": _param(value.first_day),
        "last": _param(value.last_day),
        "before_first": _param(_a_year_before(value.first_day)),
        "before_last": _param(_a_year_before(value.last_day)),
    }
    return fill(_BIRTH_DATE[value.prefix], **days)


def _last_updated(value: DateValue) -> Fragment:
    last = _earlier(value.end, _MILLISECOND)
    is_finer = last < value.start
    instants = {
        "start": value.start,
        "end": value.end,
        "last": last,
        "before": _earlier(value.start, _MILLISECOND),
        "from": last + _MICROSECOND if is_finer else value.start,
        "to": _earlier(value.start, _MICROSECOND) if is_finer else last,
    }
    slots = {name: _param(instant) for name, instant in instants.items()}
    return fill(_LAST_UPDATED[value.prefix], **slots)


def _param(value: date) -> Fragment:
    return Fragment("%s", (value,))


def _earlier(instant: datetime, by: timedelta) -> datetime:
    first = datetime.min.replace(tzinfo=UTC)
    return instant - by if instant - first > by else first


def _a_year_before(day: date) -> date:
    return day - LONGEST_PARTIAL_DATE if day - date.min > LONGEST_PARTIAL_DATE else date.min

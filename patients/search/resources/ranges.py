"""Dates and numbers as ranges in two columns, compared as the prefixes demand.

Dates are compared as `patients.fhir.values.dates.matches` defines it. Numbers: `eq` and `ne` take the range
that the number as written may mean, all else the number itself; `ap` is a tenth to either side. A bound that
is not there (null) is open. Each comparison bounds the indexed column where it can.
https://hl7.org/fhir/R4/search.html#prefix
"""

from datetime import UTC, datetime, timedelta

from patients.fhir.search_values.dates import FIRST_MOMENT
from patients.fhir.values.dates import DateValue
from patients.fhir.values.numbers import NumberValue, approximate_range
from patients.fhir.values.quantities import QuantityValue
from patients.search.fragments import TRUE, Fragment, all_of, any_of, fill

_DATES = {
    "eq": "{start} >= {from} AND {end} <= {to} AND {start} <= {to}",
    "ne": "NOT ({start} >= {from} AND {end} <= {to})",
    "gt": "{end} > {to}",
    "lt": "{start} < {from}",
    "ge": "({end} > {to} OR {start} >= {from} AND {end} <= {to})",
    "le": "({start} < {from} OR {start} >= {from} AND {end} <= {to}) AND {start} <= {to}",
    "sa": "{start} >= {to}",
    "eb": "{end} <= {from} AND {start} <= {from}",
    "ap": "{start} < {to} AND {end} > {from}",
}
# As the index search_dates_long has it.
LONG_DATES = "t.end_at - t.start_at > interval '1 day'"
_A_DAY = timedelta(days=1)

_NUMBERS = {
    "eq": "{low} >= {least} AND {low} < {bound} AND {high} < {bound}",
    "ne": "NOT coalesce({low} >= {least} AND {high} < {bound}, false)",
    "gt": "({high} > {number} OR {high} IS NULL)",
    "lt": "({low} < {number} OR {low} IS NULL)",
    "ge": "({high} >= {number} OR {high} IS NULL)",
    "le": "({low} <= {number} OR {low} IS NULL)",
    "sa": "{low} > {number}",
    "eb": "{high} < {number}",
    "ap": "({low} < {above} OR {low} IS NULL) AND ({high} >= {below} OR {high} IS NULL)",
}
# As the indexes search_quantities_wide and search_composites_wide have it; all others have one end twice.
_WIDE_NUMBERS = "({low} < {high} OR {low} IS NULL OR {high} IS NULL)"
# Where an index finds what matches, each row once.
_NUMBERS_FOUND = {
    "eq": ("{low} >= {least} AND {low} < {bound}",),
    "sa": ("{low} > {number}",),
    "gt": ("{low} > {number} AND {narrow}", "{wide} AND {high} > {number}", "{wide} AND {high} IS NULL"),
    "ge": ("{low} >= {number} AND {narrow}", "{wide} AND {high} >= {number}", "{wide} AND {high} IS NULL"),
    "lt": ("{low} < {number}", "{low} IS NULL"),
    "le": ("{low} <= {number}", "{low} IS NULL"),
    "eb": ("{low} < {number}", "{low} IS NULL"),
    "ap": (
        "{low} >= {below} AND {low} < {above} AND {narrow}",
        "{wide} AND {high} >= {below}",
        "{wide} AND {high} IS NULL",
    ),
}


def date_condition(value: DateValue, *, start: str, end: str) -> Fragment:
    """Whether the half-open range of the two columns meets the value."""
    wide = value.approximated(datetime.now(UTC))
    return fill(
        _DATES[value.prefix],
        **{
            "start": Fragment(start),
            "end": Fragment(end),
            "from": Fragment("%s::timestamptz", (wide.start,)),
            "to": Fragment("%s::timestamptz", (wide.end,)),
        },
    )


def dates_found(value: DateValue) -> list[Fragment] | None:
    """Where indexes find the rows `t` of search_dates that match, and few others; None if nowhere."""
    if value.prefix == "ne":
        return None
    if value.prefix not in ("gt", "ge", "ap"):
        return [TRUE]
    wide = value.approximated(datetime.now(UTC))
    moment = wide.start if value.prefix == "ap" else wide.end
    # What ends after it has begun not more than a day before it, or is longer than a day.
    begun = Fragment("t.start_at >= %s::timestamptz", (min(wide.start, day_before(moment)),))
    long = Fragment(f"{LONG_DATES} AND t.end_at > %s::timestamptz", (moment,))
    return [begun, long]


def numbers_found(
    value: NumberValue | QuantityValue, *, low: str = "t.low", high: str = "t.high"
) -> list[Fragment] | None:
    """The same of search_quantities, or of another table whose rows `t` have such ends."""
    ends = {"low": Fragment(low), "high": Fragment(high)}
    wide, narrow = fill(_WIDE_NUMBERS, **ends), fill("{low} = {high}", **ends)
    places = _NUMBERS_FOUND.get(value.prefix)
    slots = {**_slots(value), **ends, "wide": wide, "narrow": narrow}
    return [fill(place, **slots) for place in places] if places else None


def day_before(moment: datetime) -> datetime:
    return moment - _A_DAY if moment - FIRST_MOMENT > _A_DAY else FIRST_MOMENT


def number_condition(value: NumberValue | QuantityValue, *, low: str, high: str) -> Fragment:
    """Whether the range of the two columns, both ends included, meets a NumberValue or QuantityValue."""
    return fill(_NUMBERS[value.prefix], low=Fragment(low), high=Fragment(high), **_slots(value))


def quantity_condition(
    value: QuantityValue, *, low: str, high: str, system: str, code: str, unit: str
) -> Fragment:
    """The same with the unit: of the system given, or, where none is, the code or the unit as written."""
    conditions = [number_condition(value, low=low, high=high)]
    if value.system:
        conditions.append(Fragment(f"{system} = %s", (value.system,)))
    if value.code:
        of_code = Fragment(f"{code} = %s", (value.code,))
        of_unit = Fragment(f"{unit} = %s", (value.code,))
        conditions.append(of_code if value.system else any_of([of_code, of_unit]))
    return all_of(conditions)


def _slots(value: NumberValue | QuantityValue) -> dict[str, Fragment]:
    below, above = approximate_range(value.number, value.low, value.high)
    numbers = {
        "number": value.number,
        "least": value.low,
        "bound": value.high,
        "above": above,
        "below": below,
    }
    return {name: Fragment("%s::numeric", (number,)) for name, number in numbers.items()}

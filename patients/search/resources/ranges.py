"""Dates and numbers as ranges in two columns, compared as the prefixes demand.

Dates are compared as `patients.fhir.values.dates.matches` defines it. Numbers: `eq` and `ne` take the range
that the number as written may mean, all else the number itself; `ap` is a tenth to either side. A bound that
is not there (null) is open. Each comparison bounds the indexed column where it can.
https://hl7.org/fhir/R4/search.html#prefix
"""

from datetime import UTC, datetime

from patients.fhir.values.dates import DateValue
from patients.fhir.values.numbers import NumberValue, approximate_range
from patients.fhir.values.quantities import QuantityValue
from patients.search.fragments import Fragment, all_of, any_of, fill

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
# What an index on the start finds without reading much that does not match.
DATE_PREFIXES_WITH_INDEX = frozenset({"eq", "lt", "le", "sa"})

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
NUMBER_PREFIXES_WITH_INDEX = frozenset({"eq", "sa"})


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


def number_condition(value: NumberValue | QuantityValue, *, low: str, high: str) -> Fragment:
    """Whether the range of the two columns, both ends included, meets a NumberValue or QuantityValue."""
    below, above = approximate_range(value.number, value.low, value.high)
    numbers = {
        "number": value.number,
        "least": value.low,
        "bound": value.high,
        "above": above,
        "below": below,
    }
    slots = {name: Fragment("%s::numeric", (number,)) for name, number in numbers.items()}
    return fill(_NUMBERS[value.prefix], low=Fragment(low), high=Fragment(high), **slots)


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

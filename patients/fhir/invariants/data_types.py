"""The invariants of the data types (https://hl7.org/fhir/R4/datatypes.html)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from patients.fhir.invariants.rule import (
    Invariant,
    Value,
    all_or_none_of,
    any_of,
    at_most_one_of,
    exactly_one_of,
    given,
    needs,
)

_UCUM = "http://unitsofmeasure.org"
_DAY_LENGTH = len("2000-02-29")
_MONTH_LENGTH = len("2000-02")
_MEALS = frozenset({"C", "CM", "CD", "CV"})


def is_in_order(start: Any, end: Any) -> bool:
    """Tell whether two dates, as far as they can be compared, are in this order."""
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    start_has_time, end_has_time = len(start) > _DAY_LENGTH, len(end) > _DAY_LENGTH
    if start_has_time and end_has_time:
        return datetime.fromisoformat(start) <= datetime.fromisoformat(end)
    # The day of a moment depends on the time zone, its month hardly does.
    length = _MONTH_LENGTH if start_has_time or end_has_time else _DAY_LENGTH
    length = min(length, len(start), len(end))
    return start[:length] <= end[:length]


def _has_value_or_extensions(extension: Value) -> bool:
    return given(extension, "value[x]") != ("extension" in extension)


def _is_low_at_most_high(quantities: Value) -> bool:
    low, high = quantities.get("low", {}), quantities.get("high", {})
    same_unit = low.get("unit") == high.get("unit") and low.get("code") == high.get("code")
    return not same_unit or "value" not in low or "value" not in high or bool(low["value"] <= high["value"])


def _is_ratio_complete(ratio: Value) -> bool:
    both, neither = all_or_none_of("numerator", "denominator"), "numerator" not in ratio
    return both(ratio) and (not neither or "extension" in ratio)


def _is_measured_in_ucum(quantity: Value) -> bool:
    return needs("value", "code")(quantity) and quantity.get("system", _UCUM) == _UCUM


def _is_age(age: Value) -> bool:
    return _is_measured_in_ucum(age) and bool(age.get("value", 1) > 0)


def _is_count(count: Value) -> bool:
    number = count.get("value", 0)
    is_whole = not isinstance(number, Decimal) or "." not in str(number)
    return _is_measured_in_ucum(count) and count.get("code", "1") == "1" and is_whole


def _is_duration(duration: Value) -> bool:
    return not given(duration, "code") or (duration.get("system") == _UCUM and given(duration, "value"))


def _not_negative(name: str) -> Any:
    return lambda value: value.get(name, 0) >= 0


def _may_be_offset(repeat: Value) -> bool:
    return not given(repeat, "offset") or ("when" in repeat and _MEALS.isdisjoint(repeat["when"]))


def _min_is_at_most_max(element: Value) -> bool:
    highest = element.get("max", "*")
    return highest == "*" or not highest.isdecimal() or element.get("min", 0) <= int(highest)


_QTY_3 = Invariant("qty-3", "must have a system if the unit has a code", needs("code", "system"), "system")
_AGE_1 = Invariant("age-1", "must be positive, in a unit of UCUM with its code", _is_age)
_CNT_3 = Invariant("cnt-3", "must be a whole number with the code 1 of UCUM", _is_count)
_DIS_1 = Invariant("dis-1", "must be in a unit of UCUM with its code", _is_measured_in_ucum)
_DRT_1 = Invariant("drt-1", "must have a value and the system of UCUM if it has a code", _is_duration)

_PATH_OR_PARAMETER = "must have either a path or a searchParam, and not both"

DATA_TYPES: dict[str, tuple[Invariant, ...]] = {
    "Age": (_QTY_3, _AGE_1),
    "Attachment": (
        Invariant("att-1", "is required beside data", needs("data", "contentType"), "contentType"),
    ),
    "ContactPoint": (Invariant("cpt-2", "is required beside a value", needs("value", "system"), "system"),),
    "Count": (_QTY_3, _CNT_3),
    "DataRequirement.codeFilter": (
        Invariant("drq-1", _PATH_OR_PARAMETER, exactly_one_of("path", "searchParam")),
    ),
    "DataRequirement.dateFilter": (
        Invariant("drq-2", _PATH_OR_PARAMETER, exactly_one_of("path", "searchParam")),
    ),
    "Distance": (_QTY_3, _DIS_1),
    "Duration": (_QTY_3, _DRT_1),
    "ElementDefinition": (
        Invariant("eld-2", "must have a min that is not above its max", _min_is_at_most_max),
        Invariant(
            "eld-8", "may have a pattern or a fixed value, not both", at_most_one_of("pattern[x]", "fixed[x]")
        ),
    ),
    "Expression": (
        Invariant("exp-1", "must have an expression or a reference", any_of("expression", "reference")),
    ),
    "Extension": (
        Invariant("ext-1", "must have either a value or extensions, and not both", _has_value_or_extensions),
    ),
    "Period": (
        Invariant(
            "per-1",
            "must not start after its end",
            lambda period: is_in_order(period.get("start"), period.get("end")),
        ),
    ),
    "Quantity": (_QTY_3,),
    "Range": (Invariant("rng-2", "must have a low that is not above its high", _is_low_at_most_high),),
    "Ratio": (
        Invariant("rat-1", "must have a numerator and a denominator, or an extension", _is_ratio_complete),
    ),
    "Timing.repeat": (
        Invariant(
            "tim-1", "is required beside a duration", needs("duration", "durationUnit"), "durationUnit"
        ),
        Invariant("tim-2", "is required beside a period", needs("period", "periodUnit"), "periodUnit"),
        Invariant("tim-4", "must not be negative", _not_negative("duration"), "duration"),
        Invariant("tim-5", "must not be negative", _not_negative("period"), "period"),
        Invariant("tim-6", "is required beside a periodMax", needs("periodMax", "period"), "period"),
        Invariant("tim-7", "is required beside a durationMax", needs("durationMax", "duration"), "duration"),
        Invariant("tim-8", "is required beside a countMax", needs("countMax", "count"), "count"),
        Invariant("tim-9", "needs a when that is not C, CM, CD or CV", _may_be_offset, "offset"),
        Invariant("tim-10", "may have a timeOfDay or a when, not both", at_most_one_of("timeOfDay", "when")),
    ),
    "TriggerDefinition": (
        Invariant("trd-1", "may have data or a timing, not both", at_most_one_of("data", "timing[x]")),
        Invariant("trd-2", "is required beside a condition", needs("condition", "data"), "data"),
    ),
}

"""Between which dates of their order the rows lie that a search can find.

A resource's place in the order is the start of its date, of what has no start the end. What a search by that
date finds lies within bounds of the place, but for dates longer than a day that reach into them from before,
and for those without a start: the ids of these are looked up besides.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.search_values.dates import FIRST_MOMENT
from patients.fhir.values.dates import DateValue
from patients.models.search import NO_DATE
from patients.search.fragments import TRUE, Fragment, all_of, fill, join
from patients.search.resources.conditions import of_types
from patients.search.resources.orders import orders_lists, orders_lists_alone
from patients.search.resources.ranges import LONG_DATES, day_before

# Those without any date lie before it.
_AFTER_NONE = datetime.fromisoformat(NO_DATE) + timedelta(microseconds=1)
_Moment = datetime | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Both included; `besides` is a statement of the ids that may lie elsewhere."""

    least: _Moment = None
    most: _Moment = None
    besides: Fragment | None = None

    def of(self, date: str) -> Fragment:
        """Whether a date lies within."""
        least = Fragment(f"{date} >= %s::timestamptz", (self.least,)) if self.least else TRUE
        most = Fragment(f"{date} <= %s::timestamptz", (self.most,)) if self.most else TRUE
        return all_of([least, most])


EVERYWHERE = Bounds()
_NONE = Bounds(most=datetime.fromisoformat(NO_DATE))


def bounds_of(criterion: Any, types: Sequence[str]) -> Bounds | None:
    """Where all that meet the criterion lie, if it says something of that."""
    if not isinstance(criterion, Criterion) or criterion.chain or criterion.parameter.type != "date":
        return None
    name, values = criterion.parameter.name, criterion.values
    if not orders_lists(name, types):
        return None
    if criterion.modifier == "missing":
        return _NONE if values == (True,) and orders_lists_alone(types) else None
    now = datetime.now(UTC)
    found = [_of_value(each.approximated(now), name, types) for each in values if isinstance(each, DateValue)]
    least = [each.least for each in found if each]
    most = [each.most for each in found if each]
    if not all(found) or (None in least and None in most):
        return None
    return Bounds(_first(min, least), _first(max, most), _either(each.besides for each in found if each))


def within_all(all_bounds: Sequence[Bounds]) -> Bounds:
    """What lies within each of them, or may lie without one."""
    least = [each.least for each in all_bounds if each.least]
    most = [each.most for each in all_bounds if each.most]
    return Bounds(
        max(least, default=None), min(most, default=None), _either(each.besides for each in all_bounds)
    )


def _of_value(value: DateValue, name: str, types: Sequence[str]) -> Bounds | None:
    start, end = value.start, value.end
    if value.prefix == "eq":
        return Bounds(start, end)
    if value.prefix == "sa":
        return Bounds(end)
    if value.prefix == "eb":
        return Bounds(most=start)
    if value.prefix in ("gt", "ge"):
        return Bounds(min(start, day_before(end)), besides=_long(name, types, end))
    if value.prefix == "ap":
        return Bounds(day_before(start), end, _long(name, types, start))
    if value.prefix in ("lt", "le"):
        return Bounds(_AFTER_NONE, end, _without_start(name, types))
    return None


def _long(name: str, types: Sequence[str], moment: datetime) -> Fragment:
    """Those that are longer than a day and end after the moment."""
    return _ids(name, types, Fragment(f"{LONG_DATES} AND t.end_at > %s::timestamptz", (moment,)))


def _without_start(name: str, types: Sequence[str]) -> Fragment:
    return _ids(name, types, Fragment("t.start_at = %s::timestamptz", (FIRST_MOMENT,)))


def _ids(name: str, types: Sequence[str], matches: Fragment) -> Fragment:
    return fill(
        "SELECT t.resource_id FROM search_dates t WHERE {types} AND {parameter} AND {matches}",
        types=of_types("t", types),
        parameter=Fragment("t.parameter = %s", (name,)),
        matches=matches,
    )


def _first(of: Callable[..., datetime], moments: list[_Moment]) -> _Moment:
    """The least or greatest, if there is none that is open."""
    known = [each for each in moments if each]
    return of(known) if len(known) == len(moments) else None


def _either(statements: Iterable[Fragment | None]) -> Fragment | None:
    known = [each for each in statements if each]
    return join(" UNION ALL ", known) if known else None

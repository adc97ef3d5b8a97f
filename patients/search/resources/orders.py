"""The order of a result: total, so that pages neither lose nor repeat a resource, and with gaps last.

Of several values the sort takes the one that comes first in the order asked for.
https://hl7.org/fhir/R4/search.html#sort
"""

from collections.abc import Sequence
from dataclasses import dataclass

from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_request import SearchRequest, SortKey
from patients.search.fragments import FALSE, TRUE, Fragment, all_of, any_of, fill


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A value by which rows (alias `s`) are ordered; its type in PostgreSQL."""

    value: Fragment
    type: str
    is_descending: bool
    is_never_null: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`walked` names the column of `search_resources` whose index is in this order, if one is."""

    columns: tuple[SortColumn, ...]
    walked: str | None = None

    @property
    def is_last_descending(self) -> bool:
        return self.columns[-1].is_descending

    def selected(self) -> Fragment:
        """The values of a row, as `k0`, `k1` …"""
        sql = ", ".join(f"{each.value.sql} AS k{at}" for at, each in enumerate(self.columns))
        return Fragment(sql, tuple(param for each in self.columns for param in each.value.params))

    def by(self, alias: str) -> Fragment:
        parts = []
        for at, each in enumerate(self.columns):
            nulls = "" if each.is_never_null else f"({alias}.k{at} IS NULL), "
            parts.append(f"{nulls}{alias}.k{at}{_way(each.is_descending)}")
        return Fragment(", ".join([*parts, f"{alias}.resource_id{_way(self.is_last_descending)}"]))

    def after(self, alias: str, key: Sequence[object] | None) -> Fragment:
        """The rows behind this key: one value for each column, and the id."""
        if key is None:
            return TRUE
        steps: list[Fragment] = []
        equal: list[Fragment] = []
        for at, (each, value) in enumerate(zip(self.columns, key, strict=False)):
            name, slot = f"{alias}.k{at}", f"%s::{each.type}"
            steps.append(all_of([*equal, _behind(each, name, slot, value)]))
            equal.append(Fragment(f"{name} IS NOT DISTINCT FROM {slot}", (value,)))
        sign = "<" if self.is_last_descending else ">"
        steps.append(all_of([*equal, Fragment(f"{alias}.resource_id {sign} %s::bigint", (key[-1],))]))
        return any_of(steps)

    def walked_by(self, alias: str) -> Fragment:
        way = _way(self.is_last_descending)
        return Fragment(f"{alias}.{self.walked}{way}, {alias}.resource_id{way}")

    def walked_after(self, alias: str, key: Sequence[object] | None) -> Fragment:
        if key is None:
            return TRUE
        sign = "<" if self.is_last_descending else ">"
        return Fragment(
            f"({alias}.{self.walked}, {alias}.resource_id) {sign} (%s::timestamptz, %s::bigint)", tuple(key)
        )


def order_of(request: SearchRequest) -> Order:
    """The order asked for, or the newest first: by last change if that alone is asked, else by date."""
    if request.sort:
        if [key.parameter.name for key in request.sort] == ["_lastUpdated"]:
            return _walked("last_updated", is_descending=request.sort[0].is_descending)
        return Order(tuple(_column(key) for key in request.sort))
    names = {each.parameter.name if hasattr(each, "parameter") else "_has" for each in request.criteria}
    return _walked("last_updated" if names == {"_lastUpdated"} else "date", is_descending=True)


def _walked(column: str, *, is_descending: bool) -> Order:
    value = SortColumn(Fragment(f"s.{column}"), "timestamptz", is_descending, is_never_null=True)
    return Order((value,), column)


def _way(is_descending: bool) -> str:
    return " DESC" if is_descending else ""


def _behind(column: SortColumn, name: str, slot: str, value: object) -> Fragment:
    if value is None:
        return FALSE
    sign = "<" if column.is_descending else ">"
    behind = Fragment(f"{name} {sign} {slot}", (value,))
    return behind if column.is_never_null else any_of([behind, Fragment(f"{name} IS NULL")])


def _column(key: SortKey) -> SortColumn:
    name = key.parameter.name
    if name == "_lastUpdated":
        return SortColumn(Fragment("s.last_updated"), "timestamptz", key.is_descending, is_never_null=True)
    if name == "_id":
        value = Fragment("(SELECT r.fhir_id FROM fhir_resources r WHERE r.id = s.resource_id)")
        return SortColumn(value, 'text COLLATE "C"', key.is_descending)
    known = _VALUES.get(key.parameter.type)
    if known is None:
        raise InvalidSearchParameter(f"Results can't be sorted by {name!r} here: its values have no order.")
    table, first, last, type = known
    value = fill(
        "(SELECT {best} FROM {table} WHERE t.resource_id = s.resource_id AND {of_parameter})",
        best=Fragment(last if key.is_descending else first),
        table=Fragment(table),
        of_parameter=Fragment("t.parameter = %s", (name,)),
    )
    return SortColumn(value, type, key.is_descending)


# Table, the first and the last of several values, and their type. An open end is before or after all.
_NUMBERS = (
    "search_quantities t",
    "min(coalesce(t.low, '-Infinity'))",
    "max(coalesce(t.high, 'Infinity'))",
    "numeric",
)
_REFERENCE = "t.target_type || '/' || t.target_id COLLATE \"C\""
_VALUES = {
    "date": ("search_dates t", "min(t.start_at)", "max(t.start_at)", "timestamptz"),
    "number": _NUMBERS,
    "quantity": _NUMBERS,
    "reference": ("search_references t", f"min({_REFERENCE})", f"max({_REFERENCE})", 'text COLLATE "C"'),
    "string": ("search_strings t", "min(t.value)", "max(t.value)", 'text COLLATE "C"'),
    "uri": ("search_strings t", "min(t.value)", "max(t.value)", 'text COLLATE "C"'),
}

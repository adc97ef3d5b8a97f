"""The order of a result: total, so that pages neither lose nor repeat a resource, and with gaps last.

Of several values the sort takes the one that comes first in the order asked for.
https://hl7.org/fhir/R4/search.html#sort
"""

from collections.abc import Sequence
from dataclasses import dataclass

from patients.fhir import search_keys
from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_request import SearchRequest, SortKey
from patients.fhir.search_values.order_dates import ORDER_DATES
from patients.models.search import NO_DATE
from patients.search.fragments import FALSE, TRUE, Fragment, all_of, any_of, fill

_NO_DATE = f"'{NO_DATE}'::timestamptz"


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A value by which rows (alias `s`) are ordered; its type in PostgreSQL."""

    value: Fragment
    type: str
    is_descending: bool
    is_never_null: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`walked` names the column of `search_resources` whose index is in this order, if one is.

    `gaps`: of the rows, those without a value, if the index does not have them last. All of them have
    NO_DATE there where `gaps_stand_at_no_date`.
    """

    columns: tuple[SortColumn, ...]
    walked: str | None = None
    gaps: Fragment | None = None
    gaps_stand_at_no_date: bool = True

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

    def walked_value(self, alias: str) -> Fragment:
        column = f"{alias}.{self.walked}"
        return Fragment(column if self.columns[0].is_never_null else f"NULLIF({column}, {_NO_DATE})")

    def walked_after(self, alias: str, key: Sequence[object] | None) -> Fragment:
        if key is None:
            return TRUE
        columns = f"({alias}.{self.walked}, {alias}.resource_id)"
        at = (NO_DATE if key[0] is None else key[0], key[-1])
        return Fragment(f"{columns} {self._behind} (%s::timestamptz, %s::bigint)", at)

    def walked_valued(self, alias: str) -> Fragment:
        return Fragment(f"{alias}.{self.walked} > {_NO_DATE}")

    def walked_gaps(self, alias: str, key: Sequence[object] | None) -> Fragment:
        gaps = Fragment(f"{alias}.{self.walked} = {_NO_DATE}")
        if key is None:
            return gaps
        return all_of([gaps, Fragment(f"{alias}.resource_id {self._behind} %s::bigint", (key[-1],))])

    def is_in_gaps(self, key: Sequence[object] | None) -> bool:
        return key is not None and key[0] is None

    @property
    def _behind(self) -> str:
        return "<" if self.is_last_descending else ">"


def order_of(request: SearchRequest) -> Order:
    """The order asked for, or the newest first: by last change if that alone is asked, else by date."""
    if request.sort:
        first, *others = request.sort
        if not others and first.parameter.name == "_lastUpdated":
            return _walked("last_updated", is_descending=first.is_descending)
        if not others and orders_lists(first.parameter.name, request.searched_types):
            return _dated(first, request.searched_types)
        return Order(tuple(_column(key) for key in request.sort))
    names = {each.parameter.name if hasattr(each, "parameter") else "_has" for each in request.criteria}
    return _walked("last_updated" if names == {"_lastUpdated"} else "date", is_descending=True)


def orders_lists(name: str, types: Sequence[str]) -> bool:
    """Whether lists of these types are ordered by this parameter; a resource has one value of it at most."""
    return all(_order_parameters(each)[0] == name for each in types)


def orders_lists_alone(types: Sequence[str]) -> bool:
    """Whether no other parameter orders them where this one has no value."""
    return all(len(_order_parameters(each)) == 1 for each in types)


def _order_parameters(resource_type: str) -> tuple[str, ...]:
    return ORDER_DATES.get(resource_type, ("date",))


def _walked(column: str, *, is_descending: bool) -> Order:
    value = SortColumn(Fragment(f"s.{column}"), "timestamptz", is_descending, is_never_null=True)
    return Order((value,), column)


def _dated(key: SortKey, types: Sequence[str]) -> Order:
    """By the date that orders lists, which may be another parameter's where this one has no value."""
    value = Fragment(f"NULLIF(s.date, {_NO_DATE})")
    if orders_lists_alone(types):
        gaps = None if key.is_descending else Fragment(f"s.date = {_NO_DATE}")
        return Order((SortColumn(value, "timestamptz", key.is_descending),), "date", gaps)
    present = [search_keys.present_key(each, key.parameter.name) for each in types]
    value = Fragment(f"CASE WHEN s.keys && %s::uuid[] THEN {value.sql} END", (present,))
    gaps = Fragment(f"({value.sql}) IS NULL", value.params)
    column = SortColumn(value, "timestamptz", key.is_descending)
    return Order((column,), "date", gaps, gaps_stand_at_no_date=False)


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
        return SortColumn(value, _TEXT, key.is_descending)
    if key.parameter.type == "token":
        return _token_column(key)
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


def _token_column(key: SortKey) -> SortColumn:
    """By code, then by system: of some resources rows tell them, of all others what their keys stand for."""
    name = key.parameter.name
    value = fill(
        """(
            SELECT {best}(v.token) FROM (
                SELECT c.code || chr(1) || c.system FROM search_codes c
                WHERE c.key = ANY (s.keys) AND {of_codes}
                UNION ALL
                SELECT t.value || chr(1) || t.system FROM search_tokens t
                WHERE t.resource_id = s.resource_id AND t.value <> '' AND {of_tokens}
            ) AS v(token)
        )""",
        best=Fragment("max" if key.is_descending else "min"),
        of_codes=Fragment("c.parameter = %s", (name,)),
        of_tokens=Fragment("t.parameter = %s", (name,)),
    )
    return SortColumn(value, _TEXT, key.is_descending)


_TEXT = 'text COLLATE "C"'
# Table, the first and the last of several values, and their type. An open end is before or after all.
_NUMBERS = (
    "search_quantities t",
    "min(coalesce(t.low, '-Infinity'))",
    "max(coalesce(t.high, 'Infinity'))",
    "numeric",
)
_REFERENCE = "t.target_type || '/' || t.target_id COLLATE \"C\""
# A date is ordered by its start, or else by its end: as `order_date` has it.
_MOMENT = "CASE WHEN t.start_at > '0001-01-01T00:00:00Z' THEN t.start_at ELSE t.end_at END"
_VALUES = {
    "date": ("search_dates t", f"min({_MOMENT})", f"max({_MOMENT})", "timestamptz"),
    "number": _NUMBERS,
    "quantity": _NUMBERS,
    "reference": ("search_references t", f"min({_REFERENCE})", f"max({_REFERENCE})", _TEXT),
    "string": ("search_strings t", "min(t.value)", "max(t.value)", _TEXT),
    "uri": ("search_uris t", "min(t.value)", "max(t.value)", _TEXT),
}

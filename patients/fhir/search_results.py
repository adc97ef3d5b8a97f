"""What results are to be like: their order, number and total, and how much of each is answered.

Specification: https://hl7.org/fhir/R4/search.html#return
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from patients.fhir.criteria import LONGEST_NAME_SHOWN, query_pair
from patients.fhir.definitions import definition
from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_scope import Types

DEFAULT_COUNT = 50
MAXIMUM_COUNT = 1_000
MAXIMUM_SORT_KEYS = 8

Total = Literal["none", "accurate", "estimate"]
Summary = Literal["true", "text", "data", "count"]

TOTALS: dict[str | None, Total] = {
    None: "none",
    "none": "none",
    "accurate": "accurate",
    "estimate": "estimate",
}

_SUMMARIES = ("true", "text", "data", "count", "false")
_COUNT = re.compile(r"[0-9]{1,9}")
_SORTABLE_TYPES = ("date", "number", "quantity", "reference", "string", "token", "uri")
_WITHOUT_ORDER = ("_content", "_has", "_list", "_query", "_text", "_type")


@dataclass(frozen=True, slots=True)
class SortKey:
    """A parameter by which results are ordered, and which way."""

    parameter: SearchParameter
    is_descending: bool

    @property
    def written(self) -> str:
        return ("-" if self.is_descending else "") + self.parameter.name

    def query(self) -> str:
        return query_pair("_sort", self.written)


def parse_sort(known: Mapping[str, SearchParameter], text: str) -> tuple[SortKey, ...]:
    """Parse the keys of `_sort`, the most significant first.

    :raises InvalidSearchParameter: if there is no order by one of them, or one is given twice.
    """
    names = text.split(",")
    if len(names) > MAXIMUM_SORT_KEYS:
        raise _invalid("_sort", f"takes at most {MAXIMUM_SORT_KEYS} keys.")
    sortable = {each.name: each for each in known.values() if _is_sortable(each)}
    keys = tuple(_sort_key(sortable, name) for name in names)
    if len({key.parameter.name for key in keys}) < len(keys):
        raise _invalid("_sort", "has a key twice.")
    return keys


def parse_count(text: str | None) -> int:
    """Parse how many results a page has.

    :raises InvalidSearchParameter: if it is no such number.
    """
    if text is None:
        return DEFAULT_COUNT
    if not _COUNT.fullmatch(text) or int(text) > MAXIMUM_COUNT:
        raise _invalid("_count", f"takes a number from 0 to {MAXIMUM_COUNT}.")
    return int(text)


def parse_total(text: str | None) -> Total:
    """Parse whether a total is asked for.

    :raises InvalidSearchParameter: if it is none of R4's codes.
    """
    total = TOTALS.get(text)
    if total is None:
        raise _invalid("_total", "takes one of none, accurate, estimate.")
    return total


def parse_summary(text: str | None) -> Summary | None:
    """Parse how much of each result is answered; `false` is the same as nothing.

    :raises InvalidSearchParameter: if it is none of R4's codes.
    """
    if text is None or text == "false":
        return None
    if text not in _SUMMARIES:
        raise _invalid("_summary", f"takes one of {', '.join(_SUMMARIES)}.")
    return cast(Summary, text)


def parse_elements(types: Types, text: str | None) -> tuple[str, ...]:
    """Parse which elements of each result are answered, as members of its JSON.

    An element of several types is asked for by its name in the specification (`value` or `value[x]`) or by
    one of its members (`valueQuantity`).

    :raises InvalidSearchParameter: if none of the types has one of the elements.
    """
    if text is None:
        return ()
    members: dict[str, None] = {}
    for name in text.split(","):
        found = [each for resource_type in types for each in _members(resource_type).get(name, ())]
        if not found:
            raise _invalid("_elements", f"names {name[:LONGEST_NAME_SHOWN]!r}, which is no element.")
        members |= dict.fromkeys(found)
    return tuple(members)


def sort_query(keys: Iterable[SortKey]) -> str:
    return query_pair("_sort", ",".join(key.written for key in keys))


def _is_sortable(parameter: SearchParameter) -> bool:
    has_order = parameter.type in _SORTABLE_TYPES and parameter.name not in _WITHOUT_ORDER
    return parameter.is_sortable or has_order


def _sort_key(sortable: Mapping[str, SearchParameter], name: str) -> SortKey:
    parameter = sortable.get(name.removeprefix("-"))
    if parameter is None:
        raise _invalid("_sort", f"takes one of {', '.join(sortable)}, each also after a '-'.")
    return SortKey(parameter, name.startswith("-"))


@cache
def _members(resource_type: str) -> dict[str, tuple[str, ...]]:
    """Return the JSON members of a type by the names that may stand for them."""
    defined = definition(resource_type)
    members: dict[str, tuple[str, ...]] = {name: (name,) for name in defined.elements}
    for choice in defined.choices:
        members[choice.name] = members[choice.name.removesuffix("[x]")] = choice.members
    return members


def _invalid(name: str, sentence: str) -> InvalidSearchParameter:
    return InvalidSearchParameter(f"Search parameter {name!r} {sentence}")

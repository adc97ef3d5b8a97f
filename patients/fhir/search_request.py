"""A search as the client asked for it: the query string, parsed once, strictly.

What cannot be honoured is refused with a sentence that names the parameter, never its value: names and birth
dates do not belong in messages. `SearchRequest.query` is the way back: the canonical query string.

Specification: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from patients.fhir.criteria import (
    LONGEST_NAME_SHOWN,
    Criterion,
    check_characters,
    parse_criterion,
    query_pair,
)
from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    TooLarge,
    UnknownResourceType,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_parameters import SEARCH_PARAMETERS, SearchParameter

__all__ = ["DEFAULT_COUNT", "MAXIMUM_COUNT", "Criterion", "SearchRequest", "SortKey", "Total", "parse"]

DEFAULT_COUNT = 50
MAXIMUM_COUNT = 1_000
MAXIMUM_PARAMETERS = 100
MAXIMUM_VALUES = 1_000
MAXIMUM_LENGTH = 65_536

Total = Literal["none", "accurate", "estimate"]

RESULT_PARAMETERS = ("_count", "_cursor", "_sort", "_total")
TOTALS: dict[str | None, Total] = {
    None: "none",
    "none": "none",
    "accurate": "accurate",
    "estimate": "estimate",
}

_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class SortKey:
    """The parameter by which results are ordered, and which way."""

    parameter: SearchParameter
    is_descending: bool

    def query(self) -> str:
        return query_pair("_sort", ("-" if self.is_descending else "") + self.parameter.name)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search of one resource type: all criteria must be met."""

    resource_type: str
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[SortKey, ...] = ()
    count: int = DEFAULT_COUNT
    total: Total = "none"
    cursor: str | None = None

    def query(self, *, cursor: str | None = None) -> str:
        """Return the canonical query string, of the page at this cursor if one is given.

        Parsing it gives an equal request. What is as by default is left out.
        """
        pairs = [criterion.query() for criterion in self.criteria]
        pairs += [key.query() for key in self.sort]
        if self.count != DEFAULT_COUNT:
            pairs.append(query_pair("_count", str(self.count)))
        if self.total != "none":
            pairs.append(query_pair("_total", self.total))
        if cursor or self.cursor:
            pairs.append(query_pair("_cursor", cursor or self.cursor or ""))
        return "&".join(pairs)


def parse(resource_type: str, parameters: Iterable[tuple[str, str]]) -> SearchRequest:
    """Parse the decoded pairs of a query string, in their order.

    :raises UnknownResourceType: if resources of this type cannot be searched.
    :raises UnknownSearchParameter: if the type has no such search parameter.
    :raises UnsupportedModifier: if the parameter is not offered with the modifier.
    :raises InvalidSearchParameter: if a value cannot be understood, or makes no sense for the parameter.
    :raises InvalidRequest: if there are too many parameters or values.
    :raises TooLarge: if the query is longer than 64 KiB.
    """
    known = SEARCH_PARAMETERS.get(resource_type)
    if known is None:
        raise UnknownResourceType(f"Resources of type {resource_type!r} cannot be searched here.")
    pairs = list(parameters)
    _check_size(pairs)
    criteria: list[Criterion] = []
    results: dict[str, str] = {}
    for key, text in pairs:
        name, colon, modifier = key.partition(":")
        if name in RESULT_PARAMETERS:
            _add_result_parameter(results, key, name, text)
        else:
            parameter = _parameter(known, name)
            criteria.append(parse_criterion(parameter, modifier if colon else None, text))
    if sum(len(criterion.values) for criterion in criteria) > MAXIMUM_VALUES:
        raise InvalidRequest(f"A search may look for at most {MAXIMUM_VALUES} values.")
    return SearchRequest(
        resource_type,
        tuple(criteria),
        sort=_sort(known, results.get("_sort")),
        count=_count(results.get("_count")),
        total=_total(results.get("_total")),
        cursor=results.get("_cursor"),
    )


def _check_size(pairs: list[tuple[str, str]]) -> None:
    if len(pairs) > MAXIMUM_PARAMETERS:
        raise InvalidRequest(f"A search may have at most {MAXIMUM_PARAMETERS} parameters.")
    if sum(len(key) + len(text) for key, text in pairs) > MAXIMUM_LENGTH:
        raise TooLarge(f"A search may be at most {MAXIMUM_LENGTH} characters long.")


def _parameter(known: dict[str, SearchParameter], name: str) -> SearchParameter:
    parameter = known.get(name)
    if parameter is None:
        raise UnknownSearchParameter(f"Unknown search parameter {name[:LONGEST_NAME_SHOWN]!r}.")
    return parameter


def _add_result_parameter(results: dict[str, str], key: str, name: str, text: str) -> None:
    if key != name:
        raise UnsupportedModifier(f"Search parameter {name!r} takes no modifier.")
    if name in results:
        raise InvalidSearchParameter(f"Search parameter {name!r} is given more than once.")
    if not text:
        raise InvalidSearchParameter(f"Search parameter {name!r} has no value.")
    check_characters(name, text)
    results[name] = text


def _sort(known: dict[str, SearchParameter], text: str | None) -> tuple[SortKey, ...]:
    if text is None:
        return ()
    if "," in text:
        raise InvalidSearchParameter(
            "Search parameter '_sort' takes one key; results are not sorted by more."
        )
    parameter = known.get(text.removeprefix("-"))
    if parameter is None or not parameter.is_sortable:
        sortable = ", ".join(each.name for each in known.values() if each.is_sortable)
        raise InvalidSearchParameter(
            f"Search parameter '_sort' takes one of {sortable}, each also after a '-'."
        )
    return (SortKey(parameter, text.startswith("-")),)


def _count(text: str | None) -> int:
    if text is None:
        return DEFAULT_COUNT
    if not _COUNT.fullmatch(text) or int(text) > MAXIMUM_COUNT:
        raise InvalidSearchParameter(f"Search parameter '_count' takes a number from 0 to {MAXIMUM_COUNT}.")
    return int(text)


def _total(text: str | None) -> Total:
    total = TOTALS.get(text)
    if total is None:
        raise InvalidSearchParameter("Search parameter '_total' takes one of none, accurate, estimate.")
    return total

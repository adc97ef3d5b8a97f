"""A search as the client asked for it: the query string, parsed once, strictly.

What cannot be honoured is refused with a sentence that names the parameter, never its value: names and birth
dates do not belong in messages. `SearchRequest.query` is the way back: the canonical query string.

Specification: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from patients.fhir.criteria import (
    LONGEST_NAME_SHOWN,
    Criterion,
    ReverseChain,
    check_characters,
    query_pair,
)
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    TooLarge,
    UnknownResourceType,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_chains import parse_condition
from patients.fhir.search_includes import INCLUDES, MAXIMUM_INCLUDES, Include, parse_include
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_results import (
    DEFAULT_COUNT,
    MAXIMUM_COUNT,
    SortKey,
    Summary,
    Total,
    parse_count,
    parse_elements,
    parse_sort,
    parse_summary,
    parse_total,
    sort_query,
)
from patients.fhir.search_scope import Types, all_types, parameters_of_types

__all__ = ["DEFAULT_COUNT", "MAXIMUM_COUNT", "Criterion", "SearchRequest", "SortKey", "Total", "parse"]

MAXIMUM_PARAMETERS = 100
MAXIMUM_VALUES = 1_000
MAXIMUM_LENGTH = 65_536

RESULT_PARAMETERS = ("_count", "_cursor", "_sort", "_total")
FURTHER_RESULT_PARAMETERS = ("_elements", "_summary")
TYPES = "_type"

_UNSUPPORTED = {"_filter": "filter expressions", "_query": "named queries"}


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search of one resource type, or (None) of `types`, or of all: all criteria must be met.

    `ignored` are the names of parameters that a lenient reading has dropped: they are no part of the search.
    """

    resource_type: str | None
    criteria: tuple[Criterion | ReverseChain, ...] = ()
    sort: tuple[SortKey, ...] = ()
    count: int = DEFAULT_COUNT
    total: Total = "none"
    cursor: str | None = None
    types: Types = ()
    includes: tuple[Include, ...] = ()
    summary: Summary | None = None
    elements: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @property
    def searched_types(self) -> Types:
        """The types of the resources that can be found."""
        return (self.resource_type,) if self.resource_type else self.types or all_types()

    @property
    def asked_types(self) -> frozenset[str]:
        """The types whose resources decide what is found: chains and `_has` look at others too."""
        return frozenset(self.searched_types).union(*(each.further_types for each in self.criteria))

    def query(self, *, cursor: str | None = None) -> str:
        """Return the canonical query string, of the page at this cursor if one is given.

        Parsing it gives an equal request. What is as by default is left out.
        """
        pairs = [query_pair(TYPES, ",".join(self.types))] if self.types else []
        pairs += [criterion.query() for criterion in self.criteria]
        pairs += [include.query() for include in self.includes]
        if self.sort:
            pairs.append(sort_query(self.sort))
        if self.count != DEFAULT_COUNT:
            pairs.append(query_pair("_count", str(self.count)))
        if self.total != "none":
            pairs.append(query_pair("_total", self.total))
        if self.summary:
            pairs.append(query_pair("_summary", self.summary))
        if self.elements:
            pairs.append(query_pair("_elements", ",".join(self.elements)))
        if cursor or self.cursor:
            pairs.append(query_pair("_cursor", cursor or self.cursor or ""))
        return "&".join(pairs)


def parse(
    resource_type: str | None,
    parameters: Iterable[tuple[str, str]],
    *,
    lenient: bool = False,
) -> SearchRequest:
    """Parse the decoded pairs of a query string, in their order.

    A lenient reading drops the parameters that are not known, and nothing else: a known one is never ignored.

    :raises UnknownResourceType: if resources of this type cannot be searched.
    :raises UnknownSearchParameter: if the type has no such search parameter.
    :raises UnsupportedModifier: if the parameter is not offered with the modifier.
    :raises InvalidSearchParameter: if a value cannot be understood, or makes no sense for the parameter.
    :raises InvalidRequest: if there are too many parameters or values, or some contradict each other.
    :raises TooLarge: if the query is longer than 64 KiB.
    """
    _check_type(resource_type)
    pairs = list(parameters)
    _check_size(pairs)
    return _Reading(resource_type, pairs).request(lenient=lenient)


class _Reading:
    """The pairs of one query string, sorted into what they ask."""

    def __init__(self, resource_type: str | None, pairs: list[tuple[str, str]]) -> None:
        self._resource_type = resource_type
        self._pairs = pairs
        self._criteria: list[Criterion | ReverseChain] = []
        self._includes: dict[Include, None] = {}
        self._results: dict[str, str] = {}
        self._types: Types = (resource_type,) if resource_type else ()

    def request(self, *, lenient: bool) -> SearchRequest:
        ignored = []
        # Which types are searched decides which parameters are known.
        for key, text in sorted(self._pairs, key=lambda pair: pair[0] != TYPES):
            try:
                self._add(key, text)
            except UnknownSearchParameter:
                if not lenient:
                    raise
                ignored.append(key[:LONGEST_NAME_SHOWN])
        _check_numbers(self._criteria, self._includes)
        request = self._request(tuple(dict.fromkeys(ignored)))
        _check_parts(request)
        return request

    def _request(self, ignored: tuple[str, ...]) -> SearchRequest:
        results = self._results
        return SearchRequest(
            self._resource_type,
            tuple(self._criteria),
            sort=self._sort(results.get("_sort")),
            count=parse_count(results.get("_count")),
            total=parse_total(results.get("_total")),
            cursor=results.get("_cursor"),
            types=() if self._resource_type else self._types,
            includes=tuple(self._includes),
            summary=parse_summary(results.get("_summary")),
            elements=parse_elements(self._types or all_types(), results.get("_elements")),
            ignored=ignored,
        )

    def _sort(self, text: str | None) -> tuple[SortKey, ...]:
        return parse_sort(self._known, text) if text else ()

    @property
    def _known(self) -> Mapping[str, SearchParameter]:
        return parameters_of_types(self._types)

    def _add(self, key: str, text: str) -> None:
        name = key.partition(":")[0]
        if name in RESULT_PARAMETERS or name in FURTHER_RESULT_PARAMETERS:
            self._add_result_parameter(key, name, text)
        elif name == TYPES:
            self._add_result_parameter(key, name, text)
            self._types = _types(self._resource_type, text)
        elif name in INCLUDES:
            self._includes |= dict.fromkeys([parse_include(self._types, key, text)])
        elif name in _UNSUPPORTED:
            raise UnknownSearchParameter(
                f"Search parameter {name!r} is not supported: there are no {_UNSUPPORTED[name]} here."
            )
        else:
            self._criteria.append(parse_condition(self._types, key, text))

    def _add_result_parameter(self, key: str, name: str, text: str) -> None:
        if key != name:
            raise UnsupportedModifier(f"Search parameter {name!r} takes no modifier.")
        if name in self._results:
            raise InvalidSearchParameter(f"Search parameter {name!r} is given more than once.")
        if not text:
            raise InvalidSearchParameter(f"Search parameter {name!r} has no value.")
        check_characters(name, text)
        self._results[name] = text


def _check_type(resource_type: str | None) -> None:
    if resource_type is not None and resource_type not in RESOURCE_TYPES:
        shown = resource_type[:LONGEST_NAME_SHOWN]
        raise UnknownResourceType(f"Resources of type {shown!r} cannot be searched here.")


def _check_size(pairs: list[tuple[str, str]]) -> None:
    if len(pairs) > MAXIMUM_PARAMETERS:
        raise InvalidRequest(f"A search may have at most {MAXIMUM_PARAMETERS} parameters.")
    if sum(len(key) + len(text) for key, text in pairs) > MAXIMUM_LENGTH:
        raise TooLarge(f"A search may be at most {MAXIMUM_LENGTH} characters long.")


def _check_numbers(criteria: list[Criterion | ReverseChain], includes: dict[Include, None]) -> None:
    if sum(criterion.size for criterion in criteria) > MAXIMUM_VALUES:
        raise InvalidRequest(f"A search may look for at most {MAXIMUM_VALUES} values.")
    if len(includes) > MAXIMUM_INCLUDES:
        raise InvalidRequest(f"A search may have at most {MAXIMUM_INCLUDES} includes.")


def _check_parts(request: SearchRequest) -> None:
    """Refuse to answer parts of resources in two ways at once."""
    if request.summary and request.elements:
        raise InvalidRequest("'_summary' and '_elements' cannot be asked for together.")
    if request.summary == "text" and request.includes:
        raise InvalidRequest("'_summary=text' cannot be asked for together with '_include' or '_revinclude'.")


def _types(resource_type: str | None, text: str) -> Types:
    if resource_type is not None:
        raise InvalidSearchParameter(f"Search parameter '_type' cannot change the type {resource_type!r}.")
    types = tuple(dict.fromkeys(text.split(",")))
    unknown = next((each for each in types if each not in RESOURCE_TYPES), None)
    if unknown is not None:
        raise InvalidSearchParameter(
            f"Search parameter '_type' names {unknown[:LONGEST_NAME_SHOWN]!r}, which is no type of resource."
        )
    return types

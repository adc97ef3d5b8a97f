"""What a search answers besides the set of what matches: the order, and what is included.

https://hl7.org/fhir/R4/search.html#sort and https://hl7.org/fhir/R4/search.html#revinclude
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from tests.patients.search.oracle import dates, numbers, references, tokens
from tests.patients.search.oracle.definitions import parameters
from tests.patients.search.oracle.expressions import Element
from tests.patients.search.oracle.store import Store
from tests.patients.search.oracle.strings import folded, texts

Name = tuple[str, str]


def sort_value(store: Store, resource: Name, name: str, *, is_descending: bool) -> Any:
    """Of several values the one that comes first in the order asked for; None if there is none."""
    resource_type, id = resource
    if name == "_id":
        return id
    elements = store.elements(resource_type, name).get(id, ())
    read = _ORDERED[parameters(resource_type)[name].type]
    values = [value for element in elements for value in read(element, is_descending)]
    if not values:
        return None
    return max(values) if is_descending else min(values)


def is_in_order(store: Store, found: list[Name], sort: str) -> bool:
    """Whether no resource stands before one that belongs before it; those without a value come last."""
    keys = [(name.removeprefix("-"), name.startswith("-")) for name in filter(None, sort.split(","))]
    values = [
        [sort_value(store, each, name, is_descending=is_descending) for name, is_descending in keys]
        for each in found
    ]
    return not any(_is_before(later, earlier, keys) for earlier, later in pairwise(values))


def _is_before(one: list[Any], other: list[Any], keys: list[tuple[str, bool]]) -> bool:
    for mine, its, (_, is_descending) in zip(one, other, keys, strict=True):
        if mine == its:
            continue
        if mine is None or its is None:
            return its is None
        return bool(mine > its if is_descending else mine < its)
    return False


def included(store: Store, matched: Iterable[Name], includes: list[tuple[str, str]]) -> set[Name]:
    """What `_include` and `_revinclude` bring besides, following those of `:iterate` to the end."""
    known, frontier = set(matched), set(matched)
    found: set[Name] = set()
    steps = includes
    while frontier:
        new = set().union(*(_step(store, frontier, *each) for each in steps)) - known
        known |= new
        found |= new
        frontier, steps = new, [each for each in includes if ":iterate" in each[0]]
    return found


def _step(store: Store, frontier: set[Name], key: str, text: str) -> set[Name]:
    source, name, target = [*text.split(":"), "", ""][:3] if text != "*" else ("*", "*", "")
    is_reverse = key.startswith("_revinclude")
    sources = store.types if source == "*" else [source]
    found = set()
    for source_type in sources:
        names = [name] if name != "*" else _references(source_type)
        for each in names:
            for id, targets in store.targets(source_type, each).items():
                of_type = {it for it in targets if target in ("", it[0])}
                if is_reverse and of_type & frontier:
                    found.add((source_type, id))
                elif not is_reverse and (source_type, id) in frontier:
                    found |= {it for it in of_type if it[1] in store.resources[it[0]]}
    return found


def _references(resource_type: str) -> list[str]:
    return [each.name for each in parameters(resource_type).values() if each.type == "reference"]


def _references_in_order(element: Element, _: bool) -> list[Any]:
    target = references.target(element)
    return ["/".join(target)] if target else references.elsewhere(element)


def _strings_in_order(element: Element, _: bool) -> list[Any]:
    return [folded(each) for each in texts(element)]


def _dates_in_order(element: Element, _: bool) -> list[Any]:
    """By the start; of what has none, by the end."""
    period = dates.period(element)
    if period is None:
        return []
    return [period[0] if period[0] > dates.BEGINNING else period[1]]


def _numbers_in_order(element: Element, is_descending: bool) -> list[Any]:
    bounds = numbers.bounds(element)
    return [bounds[is_descending]] if bounds else []


def _tokens_in_order(element: Element, _: bool) -> list[Any]:
    """By code, then by system; not by a system alone."""
    return [(code, system) for system, code in tokens.searched(element) if code]


_ORDERED: dict[str, Callable[[Element, bool], list[Any]]] = {
    "date": _dates_in_order,
    "number": _numbers_in_order,
    "quantity": _numbers_in_order,
    "reference": _references_in_order,
    "string": _strings_in_order,
    "token": _tokens_in_order,
    "uri": lambda element, _: [element.value],
}

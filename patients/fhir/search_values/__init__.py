"""What a resource of any type is found by: the values of all search parameters of R4.

Specification: https://hl7.org/fhir/R4/search.html and https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from patients.fhir.resource import Resource
from patients.fhir.search_values import plans, texts
from patients.fhir.search_values.order_dates import order_date

__all__ = ["IndexValues", "extract_values"]


@dataclass(frozen=True, slots=True)
class IndexValues:
    """Values by search parameter, whose name comes first in each.

    `identifiers` are those of references; `date` is that by which lists are ordered. Identifiers with a type
    are also tokens of `identifier:of-type`, whose code is type and value with a `|` between.
    """

    tokens: frozenset[tuple[str, str, str]] = frozenset()
    references: frozenset[tuple[str, str, str]] = frozenset()
    identifiers: frozenset[tuple[str, str, str]] = frozenset()
    uris: frozenset[tuple[str, str]] = frozenset()
    strings: frozenset[tuple[str, str, int]] = frozenset()
    texts: frozenset[tuple[str, str]] = frozenset()
    dates: frozenset[tuple[str, datetime, datetime]] = frozenset()
    quantities: frozenset[tuple[str, Decimal | None, Decimal | None, str, str, str]] = frozenset()
    composites: frozenset[tuple[str, tuple[tuple[object, ...], ...]]] = frozenset()
    date: datetime | None = None


_NOTHING: frozenset[Any] = frozenset()


def extract_values(resource: Resource) -> IndexValues:
    """Return what the resource is found by. What can't be read gives no value."""
    value = resource.value
    tables: list[set[Any]] = [set() for _ in range(9)]
    _visit(plans.plan(resource.resource_type), value, value, tables)
    narrative = texts.narrative(value)
    content = " ".join(filter(None, (narrative, texts.content(value))))
    if narrative:
        tables[plans.TEXTS].add(("_text", narrative))
    if content:
        tables[plans.TEXTS].add(("_content", content))
    # In the order of plans.TOKENS and what follows it.
    tokens, references, identifiers, uris, strings, shown, dates, quantities, composites = [
        frozenset(table) if table else _NOTHING for table in tables
    ]
    date = order_date(resource.resource_type, dates)
    return IndexValues(
        tokens, references, identifiers, uris, strings, shown, dates, quantities, composites, date
    )


def _visit(branch: plans.Branch, element: Any, resource: dict[str, Any], tables: list[set[Any]]) -> None:
    for table, read, names in branch.takers:
        for row in read(element):
            for name in names:
                tables[table].add((name, *row))
    if element.__class__ is not dict:
        return
    if branch.composites:
        _combine(branch, element, resource, tables[plans.COMPOSITES])
    if branch.members:
        _descend(branch, element, resource, tables)
    for (member, text), below in branch.conditions.items():
        if element.get(member) == text:
            _visit(below, element, resource, tables)


def _combine(
    branch: plans.Branch, element: dict[str, Any], resource: dict[str, Any], table: set[Any]
) -> None:
    for composite in branch.composites:
        if composite.may_be_in(element):
            rows = [*composite.rows(element, resource)]
            table.update([(name, row) for name in composite.names for row in rows])


def _descend(
    branch: plans.Branch, element: dict[str, Any], resource: dict[str, Any], tables: list[set[Any]]
) -> None:
    # An element has fewer members than a type has that are looked for.
    for name, value in element.items():
        below = branch.members.get(name)
        if below is None:
            continue
        if value.__class__ is not list:
            _visit(below, value, resource, tables)
            continue
        for each in value:
            _visit(below, each, resource, tables)
        if below.first is not None and value:
            _visit(below.first, value[0], resource, tables)

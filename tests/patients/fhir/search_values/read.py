"""Values of small resources, as tests ask for them."""

from __future__ import annotations

from typing import Any

from patients.fhir.resource import from_value
from patients.fhir.search_values import IndexValues, extract_values


def values(resource_type: str, **elements: Any) -> IndexValues:
    """Return the values of a resource with these elements, valid or not."""
    return extract_values(from_value({"resourceType": resource_type, **elements}))


def rows(table: frozenset[Any], parameter: str) -> set[Any]:
    """Return the rows of a parameter without its name."""
    return {row[1:] for row in table if row[0] == parameter}

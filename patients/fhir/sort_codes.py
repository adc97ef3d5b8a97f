"""The codes by which results are sorted: those that R4 binds an element to, in the order of their letters.

Of codes that anybody may make up only hashes are kept, which have no order.
https://hl7.org/fhir/R4/search.html#sort
"""

from __future__ import annotations

from functools import cache

from patients.fhir.definitions import RESOURCE_TYPES, definition


@cache
def codes_in_order(resource_type: str, expression: str) -> tuple[str, ...]:
    """Return the codes that the element of an expression (`Observation.status`) may have; none if any."""
    root, _, member = expression.partition(".")
    if root != resource_type or root not in RESOURCE_TYPES:
        return ()
    element = definition(resource_type).elements.get(member)
    if element is None:
        return ()
    if element.type == "boolean":
        return ("false", "true")
    if element.type != "code" or element.value_set is None:
        return ()
    return tuple(sorted(element.value_set.codes))

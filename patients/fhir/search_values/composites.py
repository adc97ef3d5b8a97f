"""Composites of a resource: for each element that one is about, the rows of its components in combination.

Specification: https://hl7.org/fhir/R4/search.html#combining
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

Row = tuple[Any, ...]
Read = Callable[[Any], Iterable[Row]]

# Of one element. None that anyone has written has as many; a hostile one could have millions.
MOST_COMBINATIONS = 256

_FROM_RESOURCE = "%resource"


@dataclass(frozen=True, slots=True)
class Composite:
    """For each component the paths to its elements, and how they are read."""

    name: str
    components: tuple[tuple[tuple[tuple[str, ...], Read], ...], ...]

    def rows(self, element: Any, resource: dict[str, Any]) -> Iterable[tuple[Row, ...]]:
        """Return the combinations of an element: none if it lacks a component."""
        found: list[list[Row]] = []
        # The last is rarer than the first, which is a code.
        for component in reversed(self.components):
            rows = [
                row
                for steps, read in component
                for each in _select(element, resource, steps)
                for row in read(each)
            ]
            if not rows:
                return ()
            found.append(rows)
        return islice(product(*reversed(found)), MOST_COMBINATIONS)


def _select(element: Any, resource: dict[str, Any], steps: tuple[str, ...]) -> Iterable[Any]:
    if steps[0] == _FROM_RESOURCE:
        element, steps = resource, steps[1:]
    elements: Iterable[Any] = (element,)
    for step in steps:
        elements = [below for each in elements for below in _members(each, step)]
    return elements


def _members(element: Any, name: str) -> Iterator[Any]:
    value = element.get(name) if element.__class__ is dict else None
    if value.__class__ is list:
        yield from value
    elif value is not None:
        yield value

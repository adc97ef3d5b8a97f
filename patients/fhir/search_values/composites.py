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

# Of one element in which several components have several values. None that anyone has written has as many; a
# hostile one could have millions.
MOST_COMBINATIONS = 256

_FROM_RESOURCE = "%resource"


Components = tuple[tuple[tuple[tuple[str, ...], Read], ...], ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """For each component the paths to its elements, and how they are read; parameters may share that."""

    names: list[str]
    components: Components
    # Members of which an element must have one, or it has nothing for the last component; none: unknown.
    needed: tuple[str, ...]

    @classmethod
    def of(cls, name: str, components: Components) -> Composite:
        # The last is rarer than the first, which is a code.
        first_steps = [steps[0] for steps, _ in components[-1]]
        return cls([name], components, () if _FROM_RESOURCE in first_steps else tuple(first_steps))

    def may_be_in(self, element: dict[str, Any]) -> bool:
        if not self.needed:
            return True
        for member in self.needed:  # noqa: SIM110 (quicker than any(), and this is asked of every element)
            if member in element:
                return True
        return False

    def rows(self, element: Any, resource: dict[str, Any]) -> Iterable[tuple[Row, ...]]:
        """Return the combinations of an element: none if it lacks a component."""
        found: list[list[Row]] = []
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
        combinations = product(*reversed(found))
        # Where one alone has several values, as many: whoever looks for two parameters finds by the
        # combinations what has such values of both.
        is_small = sum(len(rows) > 1 for rows in found) <= 1
        return combinations if is_small else islice(combinations, MOST_COMBINATIONS)


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

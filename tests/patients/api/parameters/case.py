"""A question about one resource, and how its value is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OTHER = "zz9"
"""What nobody's value ends with."""


@dataclass(frozen=True, slots=True)
class Case:
    """A criterion on one parameter, and whether the resource meets it."""

    modifier: str
    value: str
    is_found: bool

    def pair(self, name: str) -> tuple[str, str]:
        return (f"{name}:{self.modifier}" if self.modifier else name), self.value


def escaped(text: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return re.sub(r"([\\$,|])", r"\\\1", text)


def hits(*values: str, modifier: str = "") -> Iterator[Case]:
    return (Case(modifier, value, True) for value in values)


def misses(*values: str, modifier: str = "") -> Iterator[Case]:
    return (Case(modifier, value, False) for value in values)

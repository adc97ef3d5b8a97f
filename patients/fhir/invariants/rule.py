"""What an invariant is, and the forms that most of them have.

An element is given if it has a value or, when primitive, an extension in its place (`_birthDate`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

Value = dict[str, Any]
Holds = Callable[[Value], bool]


class Invariant(NamedTuple):
    """A rule of R4: its key, a sentence that continues the element's path, and the test.

    `element` names the member that the rule is about, if it is not about the whole.
    """

    key: str
    sentence: str
    holds: Holds
    element: str = ""


def given(value: Value, name: str) -> bool:
    """Tell whether the element is there; `[x]` at the end of its name stands for any type."""
    if name.endswith("[x]"):
        stem = name.removesuffix("[x]")
        return any(member.removeprefix("_").startswith(stem) for member in value)
    return name in value or f"_{name}" in value


def any_of(*names: str) -> Holds:
    """At least one of the elements is given."""
    return lambda value: any(given(value, name) for name in names)


def at_most_one_of(*names: str) -> Holds:
    """No two of the elements are given."""
    return lambda value: sum(given(value, name) for name in names) <= 1


def exactly_one_of(*names: str) -> Holds:
    """One of the elements is given, and no other."""
    return lambda value: sum(given(value, name) for name in names) == 1


def all_or_none_of(*names: str) -> Holds:
    """The elements are given together or not at all."""
    return lambda value: sum(given(value, name) for name in names) in {0, len(names)}


def needs(name: str, needed: str) -> Holds:
    """The one element is not given without the other."""
    return lambda value: not given(value, name) or given(value, needed)


def absent_unless(name: str, element: str, *codes: Any) -> Holds:
    """The element is given only if the other has one of these values."""
    return lambda value: not given(value, name) or value.get(element) in codes


def required_if(name: str, element: str, *codes: Any) -> Holds:
    """The element is given if the other has one of these values."""
    return lambda value: value.get(element) not in codes or given(value, name)


def absent_if(name: str, element: str, *codes: Any) -> Holds:
    """The element is not given if the other has one of these values."""
    return lambda value: value.get(element) not in codes or not given(value, name)


def has_code(concept: Value | None, system: str, *codes: str) -> bool:
    """Tell whether the CodeableConcept has one of the codes of the system."""
    codings = (concept or {}).get("coding", ())
    return any(coding.get("system") == system and coding.get("code") in codes for coding in codings)

"""What the FHIRPath of a search parameter selects of a resource: walked step by step, over its JSON.

https://hl7.org/fhir/R4/fhirpath.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.patients.search.oracle.definitions import elements

_STEP = re.compile(r"\.?(?P<name>[%\w]+)(?:\((?P<argument>(?:[^()]|\(\))*)\))?(?:\[(?P<index>\d+)\])?")
_EQUALS = re.compile(r"(\w+)\s*=\s*'([^']*)'")
_RESOLVES = re.compile(r"resolve\(\) is (\w+)")
_IN_BRACKETS = re.compile(r"\((?P<path>[^()]+) as (?P<type>\w+)\)(?P<rest>.*)")
_IN_URL = re.compile(r"(?:^|/)([A-Z]\w+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?$")


@dataclass(frozen=True, slots=True)
class Element:
    """A value of a resource's JSON, its type, and the path by which R4 defines what is below it."""

    value: Any
    type: str
    path: str


def select(expression: str, resource: dict[str, Any], context: Element | None = None) -> list[Element]:
    """All that the alternatives select, from the element given or the whole resource on."""
    whole = Element(resource, resource["resourceType"], resource["resourceType"])
    found: list[Element] = []
    for alternative in filter(None, map(str.strip, expression.split("|"))):
        if ".exists() and " in alternative:
            found.append(Element(_is_dead(resource), "boolean", alternative))
        else:
            found += _alternative(alternative, whole, context or whole)
    return found


def _is_dead(patient: dict[str, Any]) -> bool:
    """`Patient.deceased.exists() and Patient.deceased != false`: a date says so, even an unknown one."""
    has_date = "deceasedDateTime" in patient or "_deceasedDateTime" in patient
    return has_date or patient.get("deceasedBoolean", False) is True


def _alternative(text: str, whole: Element, context: Element) -> list[Element]:
    cast = _IN_BRACKETS.fullmatch(text)
    if cast:
        selected = _of_type(_alternative(cast["path"].strip(), whole, context), cast["type"])
        return _walk(_steps(cast["rest"]), selected)
    first, *steps = _steps(text)
    if first[0] in (whole.type, "Resource", "DomainResource", "%resource"):
        return _walk(tuple(steps), [whole])
    return _walk((first, *steps), [context])


@cache
def _steps(text: str) -> tuple[tuple[str, str | None, str | None], ...]:
    found, at = [], 0
    while at < len(text):
        step = _STEP.match(text, at)
        assert step, text
        found.append((step["name"], step["argument"], step["index"]))
        at = step.end()
    return tuple(found)


def _walk(steps: tuple[tuple[str, str | None, str | None], ...], selected: list[Element]) -> list[Element]:
    for name, argument, index in steps:
        if argument is None:
            selected = [below for each in selected for below in _members(each, name)]
        elif name in ("as", "ofType"):
            selected = _of_type(selected, argument)
        else:
            assert name == "where", name
            selected = [each for each in selected if _meets(each, argument)]
        if index is not None:
            selected = selected[int(index) : int(index) + 1]
    return selected


def _of_type(selected: list[Element], name: str) -> list[Element]:
    return [each for each in selected if each.type.lower() == name.lower()]


def _meets(element: Element, condition: str) -> bool:
    if equals := _EQUALS.fullmatch(condition):
        return bool(element.value.get(equals[1]) == equals[2])
    resolves = _RESOLVES.fullmatch(condition)
    assert resolves, condition
    return type_referred_to(element.value) == resolves[1]


def type_referred_to(reference: dict[str, Any]) -> str | None:
    """What a Reference is to, as far as it says so itself."""
    named = _IN_URL.search(reference.get("reference", ""))
    return named[1] if named else reference.get("type")


def _members(element: Element, name: str) -> Iterator[Element]:
    if not isinstance(element.value, dict):
        return
    for member, types, path in _named(element.path, name):
        value = element.value.get(member)
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield _element(each, types, path)


def _element(value: Any, type: str, path: str) -> Element:
    if type in ("BackboneElement", "Element"):
        return Element(value, type, path)
    if type == "Resource":
        return Element(value, value["resourceType"], value["resourceType"])
    return Element(value, type, path if type == "code" else type)


@cache
def _named(path: str, name: str) -> tuple[tuple[str, str, str], ...]:
    """The JSON members that an element may have by this name, the type of each, where it is defined."""
    known = elements()
    plain, choice = known.get(f"{path}.{name}"), known.get(f"{path}.{name}[x]")
    if plain is not None:
        (type,) = plain if len(plain) == 1 else ("Element",)
        if type.startswith("#"):
            return ((name, "BackboneElement", type[1:]),)
        return ((name, "string" if "/" in type else type, f"{path}.{name}"),)
    assert choice, f"{path} has no {name}"
    return tuple((f"{name}{each[0].upper()}{each[1:]}", each, f"{path}.{name}") for each in choice)

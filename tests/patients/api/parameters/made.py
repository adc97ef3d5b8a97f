"""Small valid resources that have what a search parameter selects, where none of HL7's examples does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES, Element, definition, is_complex
from tests.patients.api.parameters import definitions
from tests.patients.api.parameters.definitions import Parameter, Resource
from tests.patients.fhir.any_resources import Maker

_QUANTITY = {"value": 5, "system": "http://unitsofmeasure.org", "code": "mg", "unit": "mg"}
_LEAVES: dict[str, Any] = {
    "Address": {"city": "Madeville"},
    "Age": {**_QUANTITY, "code": "a", "unit": "years"},
    "CodeableConcept": {"coding": [{"system": "urn:made", "code": "made-1", "display": "Made one"}]},
    "Coding": {"system": "urn:made", "code": "made-1", "display": "Made one"},
    "ContactPoint": {"system": "phone", "value": "0123"},
    "Duration": {**_QUANTITY, "code": "h", "unit": "h"},
    "HumanName": {"family": "Madeson"},
    "Identifier": {"system": "urn:made", "value": "made-1"},
    "Money": {"value": 5, "currency": "AUD"},
    "Period": {"start": "2026-02-03", "end": "2026-02-05"},
    "Quantity": _QUANTITY,
    "Range": {"low": _QUANTITY, "high": {**_QUANTITY, "value": 7}},
    "Timing": {"event": ["2026-02-03"]},
    "boolean": True,
    "canonical": "http://example.org/made",
    "code": "made-1",
    "date": "2026-02-03",
    "dateTime": "2026-02-03",
    "decimal": 5,
    "id": "made-1",
    "instant": "2026-02-03T00:00:00Z",
    "integer": 5,
    "markdown": "Made of words",
    "positiveInt": 5,
    "string": "Made of words",
    "unsignedInt": 5,
    "uri": "http://example.org/made",
    "url": "http://example.org/made",
}
_MADE = {*_LEAVES, "Reference"}
_NARRATIVE = {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Madewords</div>'}


@dataclass(frozen=True)
class Path:
    """Members that lead to an element, each with what must stand beside the next."""

    members: tuple[tuple[str, Element, dict[str, str]], ...] = ()
    target: str | None = None
    ends_at: str = ""
    seen: tuple[str, ...] = field(default=())


def made_for(type: str, parameter: Parameter) -> Iterator[Resource]:
    """Resources of the type that have the element, one for each way in which it can be had."""
    maker = Maker(random.Random(f"{type} {parameter.name}"), richness=0)
    if not parameter.expression:
        narrative = {"text": _NARRATIVE} if "text" in definition(type).elements else {}
        yield {**maker.resource(type), **narrative}
        return
    for steps in definitions.alternatives(parameter.expression):
        root = steps[0]
        if root in RESOURCE_TYPES and root != type:
            continue
        for path in paths(type, steps[1:]):
            if not parameter.components and path.ends_at not in _MADE:
                continue
            resource = maker.resource(type)
            if parameter.components:
                _place_components(maker, type, resource, path, parameter)
            else:
                place(maker, type, resource, path, leaf(maker, path))
            yield resource


def _place_components(maker: Maker, type: str, resource: Resource, path: Path, parameter: Parameter) -> None:
    for component in parameter.components:
        for steps in definitions.alternatives(component.expression):
            is_of_all = steps[0] == "%resource"
            context, base = (type, Path()) if is_of_all else (path.ends_at or type, path)
            for below in list(paths(context, steps[1:] if is_of_all else steps))[:1]:
                whole = Path((*base.members, *below.members), below.target, below.ends_at)
                place(maker, type, resource, whole, leaf(maker, below))
            break


def paths(type: str, steps: list[str]) -> Iterator[Path]:
    """All ways along the steps of an expression."""
    if not steps:
        yield Path(ends_at=type)
        return
    name, *rest = steps
    defined = definition(type)
    choices = {choice.name.removesuffix("[x]"): choice.members for choice in defined.choices}
    for member in choices.get(name, (name,)):
        if member in defined.elements:
            yield from _onward(member, defined.elements[member], rest)


def _onward(member: str, element: Element, rest: list[str]) -> Iterator[Path]:
    beside, target, kind = {}, None, element.type
    while rest and (rest[0] == "[0]" or "(" in rest[0]):
        condition, *rest = rest
        if found := definitions.AS.fullmatch(condition):
            if found[1].lower() != kind.lower():
                return
        elif found := definitions.WHERE.fullmatch(condition):
            beside = {found[1]: found[2]}
        elif found := definitions.RESOLVE.fullmatch(condition):
            target = found[1]
    if rest and not is_complex(kind):
        return
    for path in paths(kind, rest):
        yield Path(((member, element, beside), *path.members), path.target or target, path.ends_at)


def leaf(maker: Maker, path: Path) -> Any:
    """What stands at the end of the path."""
    _, element, beside = path.members[-1]
    if element.type == "Reference":
        types = [each for each in element.targets if each in RESOURCE_TYPES] or ["Basic"]
        return {"reference": f"{path.target or types[0]}/made-1"}
    if element.value_set is not None:
        return maker.value(element)
    value = _LEAVES[element.type]
    return {**value, **beside} if isinstance(value, dict) else value


def place(maker: Maker, type: str, value: Resource, path: Path, leaf: Any) -> None:
    """Put the leaf where the path leads to, with what R4 requires on the way."""
    (name, element, beside), *rest = path.members
    for choice in definition(type).choices:
        if name in choice.members:
            for member in choice.members:
                if member != name:
                    value.pop(member, None)
    if not rest:
        value[name] = [leaf] if element.is_list else leaf
        return
    inner = value.get(name) or maker.members(element.type)
    inner = inner[0] if isinstance(inner, list) else inner
    inner.update(beside)
    place(maker, element.type, inner, Path(tuple(rest)), leaf)
    value[name] = [inner] if element.is_list else inner

"""What HL7's search parameters select of a resource: a plain reading of their expressions over raw JSON.

It shares no code with what extracts values for the index; only the datatypes of elements come from the
compiled definitions. https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES, definition, is_complex
from tests import published

Node = tuple[str, Any]
"""A datatype and a value of it."""
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter as HL7 defines it; `components` are definitions and expressions of a composite's.

    References may be to resources of the types `targets`.
    """

    name: str
    type: str
    expression: str
    components: tuple[Parameter, ...] = ()
    targets: tuple[str, ...] = ()

    def nodes_in(self, resource: Resource) -> list[Node]:
        """What it selects of the resource; of resources within, those of its types."""
        nodes = selected(resource, self.expression)
        if not self.targets or "Resource" in self.targets:
            return nodes
        return [node for node in nodes if _type_of(node) in (None, *self.targets)]


@cache
def by_url() -> dict[str, Resource]:
    found = published.definition("search-parameters")["entry"]
    return {entry["resource"]["url"]: entry["resource"] for entry in found}


@cache
def parameter(url: str) -> Parameter:
    defined = by_url()[url]
    components = [
        Parameter(each["definition"], by_url()[each["definition"]]["type"], each["expression"])
        for each in defined.get("component", ())
    ]
    if defined["code"] == "relationship" and defined["base"] == ["DocumentReference"]:
        # "Combination of relation and relatesTo", but R4 has their definitions the wrong way round.
        first, second = components
        components = [
            Parameter(second.name, second.type, first.expression),
            Parameter(first.name, first.type, second.expression),
        ]
    return Parameter(
        defined["code"],
        defined["type"],
        defined.get("expression", ""),
        tuple(components),
        tuple(defined.get("target", ())),
    )


def selected(resource: Resource, expression: str) -> list[Node]:
    """The values that the expression selects of the resource, each once."""
    return below((resource["resourceType"], resource), expression, resource)


def below(node: Node, expression: str, resource: Resource) -> list[Node]:
    """The values that the expression selects from the node on."""
    found: list[Node] = []
    for steps in alternatives(expression):
        start = node
        if steps[0] == "%resource":
            start, steps = (resource["resourceType"], resource), steps[1:]
        elif steps[0] in {*RESOURCE_TYPES, "Resource", "DomainResource"}:
            if steps[0] not in (resource["resourceType"], "Resource", "DomainResource"):
                continue
            steps = steps[1:]
        found += [each for each in _walk([start], steps) if each not in found]
    return found


_CAST = re.compile(r"\(([%\w.]+) as (\w+)\)")
_STEP = re.compile(r"[%\w]+(?:\((?:[^()]|\(\))*\))?|\[0\]")
AS = re.compile(r"(?:as|ofType)\((\w+)\)")
RESOLVE = re.compile(r"where\(resolve\(\) is (\w+)\)")
WHERE = re.compile(r"where\((\w+)='([^']*)'\)")


@cache
def alternatives(expression: str) -> tuple[list[str], ...]:
    """The steps of each path of the expression."""
    paths = [_CAST.sub(r"\1.as(\2)", each.strip()) for each in expression.split("|")]
    return tuple(_STEP.findall(path.split(" and ")[0]) for path in paths if path)


def _walk(nodes: list[Node], steps: list[str]) -> list[Node]:
    for step in steps:
        nodes = list(_step(nodes, step))
    return nodes


def _step(nodes: list[Node], step: str) -> Iterator[Node]:
    if step == "[0]":
        yield from nodes[:1]
    elif step == "exists()":
        yield "boolean", any(value is not False for _, value in nodes)
    elif found := AS.fullmatch(step):
        yield from (node for node in nodes if node[0].lower() == found[1].lower())
    elif found := RESOLVE.fullmatch(step):
        yield from (node for node in nodes if target_of(node[1]) == found[1])
    elif found := WHERE.fullmatch(step):
        yield from (node for node in nodes if node[1].get(found[1]) == found[2])
    else:
        for type, value in nodes:
            yield from _members(type, value, step)


def _members(type: str, value: Any, name: str) -> Iterator[Node]:
    if type == "Resource":
        type = value["resourceType"]
    if not isinstance(value, dict) or not is_complex(type):
        return
    defined = definition(type)
    choices = {choice.name.removesuffix("[x]"): choice.members for choice in defined.choices}
    for member in choices.get(name, (name,)):
        if member in value and member in defined.elements:
            found = value[member]
            for each in found if isinstance(found, list) else [found]:
                if each is not None:
                    yield defined.elements[member].type, each


def _type_of(node: Node) -> str | None:
    type, value = node
    if type == "Resource":
        return value["resourceType"]
    return target_of(value) if type == "Reference" else None


def target_of(reference: Resource) -> str | None:
    """The type that a reference says it is to, which is all that is known if it is elsewhere."""
    found = re.search(
        r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]+(?:/_history/.*)?$", reference.get("reference", "")
    )
    return found[1] if found else reference.get("type")

"""The part of FHIRPath that patches name elements by. https://hl7.org/fhir/R4/fhirpatch.html

Names of elements (a choice by its name without type), indexes, `first()`, `last()`, and `where(…)` with
comparisons of elements with strings, whole numbers and booleans, joined by `and`. All else is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from patients.fhir.definitions import Definition, definition, is_complex
from patients.fhir.outcomes import InvalidPatch, NotApplicable
from patients.fhir.patches.documents import Steps, is_equal

MAX_LENGTH = 1_000

_RESOURCE = "Resource"
_ELEMENT = r"[A-Za-z][A-Za-z0-9]*"
_STRING = r"'(?:[^'\\]|\\.)*'"
_COMPARISON = rf"{_ELEMENT}(?:\.{_ELEMENT})*\s*=\s*(?:{_STRING}|true|false|-?[0-9]{{1,9}})"
_STEP = re.compile(
    rf"\.where\(\s*(?P<where>{_COMPARISON}(?:\s+and\s+{_COMPARISON})*)\s*\)"
    rf"|\.(?P<end>first|last)\(\)"
    rf"|\.(?P<name>{_ELEMENT})(?!\()"
    rf"|\[(?P<index>[0-9]{{1,9}})\]"
)
_TERM = re.compile(rf"({_ELEMENT}(?:\.{_ELEMENT})*)\s*=\s*({_STRING}|true|false|-?[0-9]+)")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_ENDS = {"first": slice(0, 1), "last": slice(-1, None)}


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the resource: where it is, of which type, and what it says."""

    steps: Steps
    type: str
    value: Any
    owner: "Node | None" = None

    @property
    def members(self) -> dict[str, Any]:
        """The members, if it is an object: an operation before may have made anything of it."""
        return self.value if isinstance(self.value, dict) else {}


Nodes = list[Node]
Step = Callable[[Nodes], Nodes]


@dataclass(frozen=True, slots=True)
class Path:
    """A path; `last_name` is the name it ends with, if it does not end with anything else."""

    text: str
    root: str
    steps: tuple[Step, ...]
    last_name: str | None

    def nodes(self, resource: dict[str, Any]) -> Nodes:
        """Return the elements at the path; there may be none.

        :raises NotApplicable: if the path is of another type, or has a name that the type has not.
        """
        return self._walked(resource, self.steps)

    def parents(self, resource: dict[str, Any]) -> Nodes:
        """Return the elements whose member the path ends with."""
        return self._walked(resource, self.steps[:-1])

    def _walked(self, resource: dict[str, Any], steps: tuple[Step, ...]) -> Nodes:
        type = resource["resourceType"]
        if self.root not in (type, _RESOURCE, "DomainResource"):
            raise NotApplicable(f"The path {self.text} is not one of {type}.")
        nodes = [Node((), type, resource)]
        for step in steps:
            nodes = step(nodes)
        return nodes


def parse(text: str) -> Path:
    """Return the path.

    :raises InvalidPatch: if it is not within the part of FHIRPath that patches may use here.
    """
    root = re.match(_ELEMENT, text)
    if root is None or len(text) > MAX_LENGTH:
        raise _refused(text)
    steps: list[Step] = []
    end, last_name = root.end(), None
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None:
            raise _refused(text)
        steps.append(_step(match))
        last_name, end = match["name"], match.end()
    return Path(text, root[0], tuple(steps), last_name)


def members_of(type: str, name: str) -> tuple[str, ...]:
    """Return the members of JSON that an element may be: several, where it is a choice.

    :raises NotApplicable: if the type has no such element.
    """
    known = type_definition(type)
    if name in known.elements:
        return (name,)
    for choice in known.choices:
        if choice.name == f"{name}[x]":
            return choice.members
    raise NotApplicable(f"{type} has no element {name!r}.")


def type_definition(type: str) -> Definition:
    """:raises NotApplicable: if the type has no elements."""
    if not is_complex(type):
        raise NotApplicable(f"A value of type {type} has no elements that can be patched.")
    return definition(type)


def _step(match: re.Match[str]) -> Step:
    if match["where"]:
        terms = [(path.split("."), _literal(text)) for path, text in _TERM.findall(match["where"])]
        return lambda nodes: [node for node in nodes if all(_meets(node, *term) for term in terms)]
    if match["end"]:
        end = _ENDS[match["end"]]
        return lambda nodes: nodes[end]
    if match["index"]:
        index = int(match["index"])
        return lambda nodes: nodes[index : index + 1]
    name = match["name"]
    return lambda nodes: [child for node in nodes for child in _children(node, name)]


def _children(node: Node, name: str) -> Nodes:
    found: Nodes = []
    for member in members_of(node.type, name):
        if not {member, f"_{member}"} & node.members.keys():
            continue
        type, value = definition(node.type).elements[member].type, node.members.get(member)
        steps = (*node.steps, member)
        if isinstance(value, list):
            found += [Node((*steps, at), _actual(type, each), each, node) for at, each in enumerate(value)]
        else:
            found.append(Node(steps, _actual(type, value), value, node))
    return found


def _actual(type: str, value: Any) -> str:
    return str(value.get("resourceType")) if type == _RESOURCE and isinstance(value, dict) else type


def _meets(node: Node, names: list[str], literal: Any) -> bool:
    nodes = [node]
    for name in names:
        nodes = [child for each in nodes for child in _children(each, name)]
    return any(is_equal(each.value, literal) for each in nodes)


def _literal(text: str) -> Any:
    if text.startswith("'"):
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text[1:-1])
    return {"true": True, "false": False}[text] if text in ("true", "false") else int(text)


def _refused(text: str) -> InvalidPatch:
    return InvalidPatch(
        f"The path {text[:100]!a} cannot be used in a patch: it may have names of elements, [index], "
        "first(), last() and where(element = 'value'), after the type of the resource."
    )

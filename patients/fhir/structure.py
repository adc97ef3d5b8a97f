"""The structure of resources: which members there may be, how often, and of which types.

https://hl7.org/fhir/R4/json.html. One walk over a resource reports what is wrong with its structure and
gathers what is looked at once that is right: invariants, references and bindings, whose checks may then rely
on it.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from patients.fhir.definitions import (
    RESOURCE_TYPES,
    Choice,
    Definition,
    Element,
    ValueSet,
    definition,
    is_complex,
)
from patients.fhir.invariants import INVARIANTS, Invariant
from patients.fhir.outcomes import Issue
from patients.fhir.primitives import PRIMITIVES, WITHOUT_EXTENSIONS, Primitive

MAX_ISSUES = 20
_MAX_NAMES_SHOWN = 24

Value = dict[str, Any]


class EnoughFoundError(Exception):
    """Raised by a walk that has found as many issues as are reported."""


class Visited(NamedTuple):
    """An object of the resource, and the invariants of its type."""

    value: Value
    path: str
    invariants: tuple[Invariant, ...]


class Reference(NamedTuple):
    """A Reference, the types it may refer to, and the resource whose `contained` it may point into."""

    value: Value
    path: str
    targets: tuple[str, ...]
    container: Value


class Binding(NamedTuple):
    """A Coding or CodeableConcept, and the value set its codes must be from."""

    value: Value
    path: str
    value_set: ValueSet


class Walk:
    """What one walk over a resource has found."""

    def __init__(self, resource: Value) -> None:
        self.container = resource
        self.issues: list[Issue] = []
        self.visited: list[Visited] = []
        self.references: list[Reference] = []
        self.bindings: list[Binding] = []

    def add(self, code: str, path: str, sentence: str) -> None:
        """Note an issue with the element at the path.

        :raises EnoughFoundError: if no more are reported.
        """
        self.issues.append(Issue(code, f"{path} {sentence}", (path,)))
        if len(self.issues) >= MAX_ISSUES:
            raise EnoughFoundError

    def object(self, value: Value, type_name: str, path: str) -> None:
        """Look at an object of the type and at all that is in it."""
        structure = _structure(type_name)
        looks = structure.looks
        for name, item in value.items():
            look = looks.get(name)
            if look is None:
                self.add("structure", f"{path}.{ascii(name[:64])[1:-1]}", f"is no element of {type_name}.")
            else:
                look(self, item, value, path)
        for name, twin in structure.required:
            if name not in value and twin not in value:
                self.add("required", f"{path}.{name}", "is required.")
        for choice, members in structure.choices:
            given = [name for name in value if name in members]
            if len(given) != 1:
                self._choice(choice, given, path)
        if structure.invariants:
            self.visited.append(Visited(value, path, structure.invariants))

    def resource(self, value: Any, path: str) -> None:
        """Look at a resource within another."""
        if value.__class__ is not dict:
            self.add("structure", path, "must be an object: a resource.")
        elif not isinstance(value.get("resourceType"), str) or value["resourceType"] not in RESOURCE_TYPES:
            self.add("structure", f"{path}.resourceType", "must be a resource type of FHIR R4.")
        else:
            self.object(value, value["resourceType"], path)

    def _choice(self, choice: Choice, given: list[str], path: str) -> None:
        names = sorted({name.removeprefix("_") for name in given})
        element = f"{path}.{choice.name.removesuffix('[x]')}"
        if len(names) > 1:
            self.add("structure", element, f"may have one value only, not {' and '.join(names)}.")
        elif choice.is_required and not names:
            self.add("required", element, f"is required, as one of {_alternatives(choice.members)}.")


Look = Callable[[Walk, Any, Value, str], None]
"""Looks at the value of one member, given with its parent and the parent's path."""


class _Structure(NamedTuple):
    """A type, made ready for walks."""

    looks: dict[str, Look]
    required: tuple[tuple[str, str], ...]
    choices: tuple[tuple[Choice, frozenset[str]], ...]
    invariants: tuple[Invariant, ...]


@cache
def _structure(type_name: str) -> _Structure:
    defined = definition(type_name)
    return _Structure(
        looks=_looks(defined),
        required=tuple((name, f"_{name}") for name, it in defined.elements.items() if it.is_required),
        choices=tuple((choice, _with_twins(choice.members)) for choice in defined.choices),
        invariants=INVARIANTS.get(type_name, ()),
    )


def _with_twins(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names) | {f"_{name}" for name in names}


def _looks(defined: Definition) -> dict[str, Look]:
    looks: dict[str, Look] = {}
    for name, element in defined.elements.items():
        if element.type == "Resource":
            looks[name] = _contained(name) if element.is_list else _inner_resource(name)
        elif is_complex(element.type):
            looks[name] = _objects(name, element) if element.is_list else _object(name, element)
        else:
            primitive = _primitive(element)
            looks[name] = _values(name, primitive) if element.is_list else _value(name, primitive)
            if element.type not in WITHOUT_EXTENSIONS and name != "id":
                looks[f"_{name}"] = _twins(name) if element.is_list else _object(name, _TWIN)
    if defined.name in RESOURCE_TYPES:
        looks["resourceType"] = _resource_type
    return looks


# What stands beside a primitive value: https://hl7.org/fhir/R4/json.html#primitive
_TWIN = Element("Element")


def _resource_type(_walk: Walk, _value: Any, _parent: Value, _path: str) -> None:
    """Accept the name: it has chosen the definition."""


def _primitive(element: Element) -> Primitive:
    if element.value_set is None:
        return PRIMITIVES[element.type]
    codes = element.value_set.codes
    return Primitive(lambda value: value.__class__ is str and value in codes, _one_of(codes))


def _one_of(codes: Iterable[str]) -> str:
    return f"one of the codes {_alternatives(sorted(codes))}"


def _alternatives(names: Iterable[str]) -> str:
    shown = list(names)
    more = ["…"] if len(shown) > _MAX_NAMES_SHOWN else []
    return ", ".join(shown[:_MAX_NAMES_SHOWN] + more)


def _value(name: str, primitive: Primitive) -> Look:
    is_valid, expected = primitive.is_valid, primitive.expected

    def look(walk: Walk, value: Any, _parent: Value, path: str) -> None:
        if not is_valid(value):
            walk.add("value", f"{path}.{name}", f"must be {expected}.")

    return look


def _values(name: str, primitive: Primitive) -> Look:
    is_valid, expected = primitive.is_valid, primitive.expected

    def look(walk: Walk, values: Any, parent: Value, path: str) -> None:
        if _is_list(walk, values, f"{path}.{name}"):
            for index, value in enumerate(values):
                if not is_valid(value) and not (value is None and _has_twin(parent, name, index)):
                    walk.add("value", f"{path}.{name}[{index}]", f"must be {expected}.")

    return look


def _has_twin(parent: Value, name: str, index: int) -> bool:
    """Tell whether an extension stands in the place of the value that is null."""
    twins = parent.get(f"_{name}")
    return isinstance(twins, list) and index < len(twins) and twins[index] is not None


def _twins(name: str) -> Look:
    def look(walk: Walk, twins: Any, parent: Value, path: str) -> None:
        values = parent.get(name)
        if not _is_list(walk, twins, f"{path}.{name}"):
            return
        if isinstance(values, list) and len(values) != len(twins):
            walk.add("structure", f"{path}.{name}", f"must have as many items as _{name}.")
        for index, twin in enumerate(twins):
            if twin is not None:
                _look_at(walk, twin, _TWIN, f"{path}.{name}[{index}]")
            elif values is None:
                walk.add("structure", f"{path}.{name}[{index}]", "must have a value or an extension.")

    return look


def _object(name: str, element: Element) -> Look:
    def look(walk: Walk, value: Any, _parent: Value, path: str) -> None:
        _look_at(walk, value, element, f"{path}.{name}")

    return look


def _objects(name: str, element: Element) -> Look:
    def look(walk: Walk, values: Any, _parent: Value, path: str) -> None:
        if _is_list(walk, values, f"{path}.{name}"):
            for index, value in enumerate(values):
                _look_at(walk, value, element, f"{path}.{name}[{index}]")

    return look


def _contained(name: str) -> Look:
    def look(walk: Walk, values: Any, _parent: Value, path: str) -> None:
        if _is_list(walk, values, f"{path}.{name}"):
            for index, value in enumerate(values):
                walk.resource(value, f"{path}.{name}[{index}]")

    return look


def _inner_resource(name: str) -> Look:
    def look(walk: Walk, value: Any, _parent: Value, path: str) -> None:
        outer, walk.container = walk.container, value
        walk.resource(value, f"{path}.{name}")
        walk.container = outer

    return look


def _is_list(walk: Walk, value: Any, path: str) -> bool:
    if value.__class__ is list and value:
        return True
    walk.add("structure", path, "must be an array with at least one item.")
    return False


def _look_at(walk: Walk, value: Any, element: Element, path: str) -> None:
    if value.__class__ is not dict:
        walk.add("structure", path, f"must be an object of type {element.type}.")
    elif not value or (len(value) == 1 and "id" in value):
        walk.add("structure", path, "must have a value or children.")
    else:
        walk.object(value, element.type, path)
        if element.type == "Reference":
            walk.references.append(Reference(value, path, element.targets, walk.container))
        elif element.value_set:
            walk.bindings.append(Binding(value, path, element.value_set))

"""FHIRPath Patch: operations in a Parameters resource. https://hl7.org/fhir/R4/fhirpatch.html"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from patients.fhir.outcomes import InvalidPatch, NotApplicable
from patients.fhir.patches import documents, paths
from patients.fhir.patches.documents import MAX_OPERATIONS, Budget, Steps
from patients.fhir.patches.paths import Node, Path
from patients.fhir.patches.values import PatchValue
from patients.fhir.resource import Resource

Document = dict[str, Any]

# The parts that each operation needs besides its type and path.
_NEEDED = {
    "add": ("name", "value"),
    "insert": ("value", "index"),
    "delete": (),
    "replace": ("value",),
    "move": ("source", "destination"),
}
_KNOWN = {"type", "path", "name", "value", "index", "source", "destination"}
_TEXTS = {"type": "valueCode", "path": "valueString", "name": "valueString"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change; `at` is its place in the patch, `parts` what it needs."""

    at: int
    type: str
    path: Path
    parts: dict[str, Any]

    def fails(self, reason: str) -> NotApplicable:
        """Return the error that says why it cannot be applied."""
        return NotApplicable(f"Operation {self.at} ({self.type} {self.path.text}): {reason}")


@dataclass(frozen=True, slots=True)
class FhirPathPatch:
    """Operations that are applied in their order: all of them, or none."""

    operations: tuple[Operation, ...]

    def applied(self, value: Document) -> Document:
        """Return the value with the changes made.

        :raises NotApplicable: if an element is not there, or more than one is.
        """
        budget = Budget()
        for operation in self.operations:
            value = _OPERATIONS[operation.type](value, operation, budget)
        return value


def parse(resource: Resource) -> FhirPathPatch:
    """Return the patch that a Parameters resource holds.

    :raises InvalidPatch: if it holds anything else.
    """
    given = resource.value.get("parameter")
    if resource.resource_type != "Parameters" or not isinstance(given, list) or not given:
        raise InvalidPatch("A FHIRPath Patch is a Parameters resource with parameters named 'operation'.")
    if len(given) > MAX_OPERATIONS:
        raise InvalidPatch(f"A patch may have at most {MAX_OPERATIONS} operations.")
    return FhirPathPatch(tuple(_operation(at, each) for at, each in enumerate(given)))


def _operation(at: int, given: Any) -> Operation:
    if not isinstance(given, dict) or given.get("name") != "operation":
        raise InvalidPatch(f"Parameter {at} of a FHIRPath Patch must be named 'operation'.")
    parts = _parts(at, given.get("part"))
    type = parts.pop("type", None)
    if type not in _NEEDED:
        raise InvalidPatch(f"Operation {at} must have a type (valueCode) of {', '.join(_NEEDED)}.")
    if "path" not in parts:
        raise InvalidPatch(f"Operation {at} ({type}) needs a path (valueString).")
    path = paths.parse(parts.pop("path"))
    for name in _NEEDED[type]:
        if name not in parts:
            raise InvalidPatch(f"Operation {at} ({type}) needs {name!r}.")
    return Operation(at, type, path, parts)


def _parts(at: int, given: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in given if isinstance(given, list) else []:
        name = part.get("name") if isinstance(part, dict) else None
        if not isinstance(name, str) or name not in _KNOWN or name in found:
            raise InvalidPatch(f"Operation {at} may have, once each, the parts {', '.join(sorted(_KNOWN))}.")
        found[name] = _part(at, name, part)
    return found


def _part(at: int, name: str, part: dict[str, Any]) -> Any:
    if name == "value":
        return PatchValue.of(part)
    if name in _TEXTS:
        # Some send a code as a string, and HL7's own examples do.
        text = part.get(_TEXTS[name], part.get("valueString"))
        if not isinstance(text, str):
            raise InvalidPatch(f"Operation {at} needs {_TEXTS[name]} in {name!r}.")
        return text
    number = part.get("valueInteger")
    if type(number) is not int or number < 0:
        raise InvalidPatch(f"Operation {at} needs a valueInteger that is not negative in {name!r}.")
    return number


def _add(document: Document, operation: Operation, _budget: Budget) -> Document:
    node = _one(operation, operation.path.nodes(document))
    return _put(document, operation, node, operation.parts["name"])


def _insert(document: Document, operation: Operation, _budget: Budget) -> Document:
    parent, member = _list(document, operation)
    return _put(document, operation, parent, member, operation.parts["index"])


def _delete(document: Document, operation: Operation, _budget: Budget) -> Document:
    nodes = operation.path.nodes(document)
    # To delete what is not there is as good.
    return _without(document, operation, _one(operation, nodes).steps) if nodes else document


def _replace(document: Document, operation: Operation, _budget: Budget) -> Document:
    node = _one(operation, operation.path.nodes(document))
    value: PatchValue = operation.parts["value"]
    made: Document
    if node.owner is None:
        raise operation.fails("the whole resource cannot be replaced by a patch.")
    last = node.steps[-1]
    if isinstance(last, int):
        made = documents.with_replaced(document, node.steps, value.built(node.type))
        return made
    member, type = value.member(node.owner.type, operation.path.last_name or last)
    if member == last:
        made = documents.with_replaced(document, node.steps, value.built(type))
        return _shorter_by(made, (*node.owner.steps, f"_{last}"))
    cleared = _without(document, operation, node.steps)
    made = documents.with_added(cleared, (*node.owner.steps, member), value.built(type))
    return made


def _move(document: Document, operation: Operation, budget: Budget) -> Document:
    parent, member = _list(document, operation)
    items = _items(operation, parent, member)
    source, destination = operation.parts["source"], operation.parts["destination"]
    if max(source, destination) >= len(items):
        raise operation.fails(f"there are {len(items)} items; source and destination must be among them.")
    _require_no_twin(operation, parent, member)
    budget.spend(items[source])
    steps = (*parent.steps, member)
    shorter = documents.without(document, (*steps, source))
    moved: Document = documents.with_added(shorter, (*steps, destination), items[source])
    return moved


_OPERATIONS: dict[str, Callable[[Document, Operation, Budget], Document]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _one(operation: Operation, nodes: list[Node]) -> Node:
    if len(nodes) != 1:
        raise operation.fails(f"the path names {len(nodes) or 'no'} elements of the resource, not one.")
    return nodes[0]


def _list(document: Document, operation: Operation) -> tuple[Node, str]:
    """Return the element that has the list, and the name of the list."""
    name = operation.path.last_name
    if name is None:
        raise operation.fails("the path must end with the name of an element that repeats.")
    parent = _one(operation, operation.path.parents(document))
    known = paths.type_definition(parent.type).elements
    if name not in known or not known[name].is_list:
        raise operation.fails(f"{name} is no element of {parent.type} that repeats.")
    return parent, name


def _put(
    document: Document, operation: Operation, parent: Node, name: str, index: int | None = None
) -> Document:
    value: PatchValue = operation.parts["value"]
    member, type = value.member(parent.type, name)
    if not isinstance(parent.value, dict):
        raise operation.fails("the element is no object, or has an id and extensions only.")
    steps = (*parent.steps, member)
    made: Document
    if not paths.type_definition(parent.type).elements[member].is_list:
        if taken := [each for each in paths.members_of(parent.type, name) if each in parent.value]:
            raise operation.fails(f"there is {taken[0]} already; replace it.")
        made = documents.with_added(document, steps, value.built(type))
        return made
    items = _items(operation, parent, member)
    _require_no_twin(operation, parent, member)
    at = len(items) if index is None else index
    if at > len(items):
        raise operation.fails(f"there are {len(items)} items; index {at} is beyond their end.")
    if not items:
        made = documents.with_added(document, steps, [value.built(type)])
        return made
    made = documents.with_added(document, (*steps, at), value.built(type))
    return made


def _without(document: Document, operation: Operation, steps: Steps) -> Document:
    """Remove an element with its id and extensions, and a list with its last item."""
    if not steps:
        raise operation.fails("the whole resource cannot be deleted by a patch.")
    parent_steps, last = steps[:-1], steps[-1]
    if isinstance(last, int):
        items = documents.value_at(document, parent_steps)
        holder = documents.value_at(document, parent_steps[:-1])
        _require_no_twin(operation, Node((), "", holder), str(parent_steps[-1]))
        shorter: Document = documents.without(document, parent_steps if len(items) == 1 else steps)
        return shorter
    return _shorter_by(_shorter_by(document, steps), (*parent_steps, f"_{last}"))


def _shorter_by(document: Document, steps: Steps) -> Document:
    """Remove a member if it is there."""
    if steps[-1] not in documents.value_at(document, steps[:-1]):
        return document
    shorter: Document = documents.without(document, steps)
    return shorter


def _items(operation: Operation, parent: Node, member: str) -> list[Any]:
    items = parent.members.get(member, [])
    if not isinstance(items, list):
        raise operation.fails(f"{member} is no list.")
    return items


def _require_no_twin(operation: Operation, parent: Node, member: str) -> None:
    if f"_{member}" in parent.members:
        raise operation.fails(f"items of {member} have ids or extensions; change that list by a JSON Patch.")

"""JSON Patch: https://www.rfc-editor.org/rfc/rfc6902

Of our own rather than a library's, because it must keep numbers letter for letter, must not take `true` for
1, and must not let copies of copies grow without bound.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from patients.fhir import exact_json
from patients.fhir.outcomes import InvalidPatch, NotApplicable
from patients.fhir.patches import documents
from patients.fhir.patches.documents import MAX_OPERATIONS, Budget, Steps, value_at

Pointer = tuple[str, ...]

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_BROKEN_ESCAPE = re.compile(r"~(?![01])")
# The members that each operation needs besides `op` and `path`.
_NEEDED = {"add": "value", "remove": "", "replace": "value", "move": "from", "copy": "from", "test": "value"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change, or test; `at` is its place in the patch."""

    at: int
    name: str
    path: Pointer
    source: Pointer
    value: Any


@dataclass(frozen=True, slots=True)
class JsonPatch:
    """Operations that are applied in their order: all of them, or none."""

    operations: tuple[Operation, ...]

    def applied(self, value: dict[str, Any]) -> Any:
        """Return the value with the changes made.

        :raises NotApplicable: if a path is not there, or a test fails.
        """
        document: Any = value
        budget = Budget()
        for operation in self.operations:
            document = _OPERATIONS[operation.name](document, operation, budget)
        return document


def parse(body: bytes) -> JsonPatch:
    """Return the patch in the body.

    :raises InvalidJson: if it is not JSON.
    :raises InvalidPatch: if it is not a JSON Patch.
    """
    given = exact_json.decode(body)
    if not isinstance(given, list):
        raise InvalidPatch("A JSON Patch is a list of operations.")
    if len(given) > MAX_OPERATIONS:
        raise InvalidPatch(f"A patch may have at most {MAX_OPERATIONS} operations.")
    return JsonPatch(tuple(_operation(at, each) for at, each in enumerate(given)))


def _operation(at: int, given: Any) -> Operation:
    if not isinstance(given, dict):
        raise InvalidPatch(f"Operation {at} must be an object.")
    name = given.get("op")
    if not isinstance(name, str) or name not in _NEEDED:
        raise InvalidPatch(f"Operation {at} must have an 'op' of {', '.join(_NEEDED)}.")
    needed = _NEEDED[name]
    if needed and needed not in given:
        raise InvalidPatch(f"Operation {at} ({name}) needs {needed!r}.")
    source = _pointer(at, "from", given["from"]) if needed == "from" else ()
    return Operation(at, name, _pointer(at, "path", given.get("path")), source, given.get("value"))


def _pointer(at: int, member: str, text: Any) -> Pointer:
    """https://www.rfc-editor.org/rfc/rfc6901"""
    if not isinstance(text, str) or (text and not text.startswith("/")) or _BROKEN_ESCAPE.search(text):
        raise InvalidPatch(f"Operation {at} needs a {member!r} that is a JSON Pointer, such as '/name/0'.")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _add(document: Any, operation: Operation, _budget: Budget) -> Any:
    return documents.with_added(document, _place(document, operation), operation.value)


def _remove(document: Any, operation: Operation, _budget: Budget) -> Any:
    return _without(document, _existing(document, operation, operation.path), operation)


def _replace(document: Any, operation: Operation, _budget: Budget) -> Any:
    steps = _existing(document, operation, operation.path)
    return documents.with_replaced(document, steps, operation.value)


def _move(document: Any, operation: Operation, budget: Budget) -> Any:
    source, target = operation.source, operation.path
    if target[: len(source)] == source and target != source:
        raise NotApplicable(f"Operation {operation.at} (move) would move a value into itself.")
    steps = _existing(document, operation, source)
    value = value_at(document, steps)
    budget.spend(value)
    if target == source:
        return document
    rest = _without(document, steps, operation)
    return documents.with_added(rest, _place(rest, operation), value)


def _copy(document: Any, operation: Operation, budget: Budget) -> Any:
    value = value_at(document, _existing(document, operation, operation.source))
    budget.spend(value)
    return documents.with_added(document, _place(document, operation), value)


def _test(document: Any, operation: Operation, _budget: Budget) -> Any:
    steps = _existing(document, operation, operation.path)
    if not documents.is_equal(value_at(document, steps), operation.value):
        raise NotApplicable(f"Operation {operation.at} (test) found another value; nothing was changed.")
    return document


_OPERATIONS: dict[str, Callable[[Any, Operation, Budget], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _without(document: Any, steps: Steps, operation: Operation) -> Any:
    if not steps:
        raise NotApplicable(f"Operation {operation.at} ({operation.name}) would remove the whole resource.")
    return documents.without(document, steps)


def _existing(document: Any, operation: Operation, pointer: Pointer) -> Steps:
    """Return the steps to a value that is there."""
    steps: list[str | int] = []
    for part in pointer:
        step: str | int
        if isinstance(document, list) and _INDEX.fullmatch(part) and int(part) < len(document):
            step = int(part)
        elif isinstance(document, dict) and part in document:
            step = part
        else:
            raise _not_there(operation)
        steps.append(step)
        document = document[step]
    return tuple(steps)


def _place(document: Any, operation: Operation) -> Steps:
    """Return the steps to where something is added; that need not be there, but its parent must."""
    if not operation.path:
        return ()
    *parents, last = operation.path
    steps = _existing(document, operation, tuple(parents))
    parent = value_at(document, steps)
    if isinstance(parent, dict):
        return (*steps, last)
    if isinstance(parent, list):
        if last == "-":
            return (*steps, len(parent))
        if _INDEX.fullmatch(last) and int(last) <= len(parent):
            return (*steps, int(last))
    raise _not_there(operation)


def _not_there(operation: Operation) -> NotApplicable:
    return NotApplicable(
        f"Operation {operation.at} ({operation.name}) names a place that is not in the resource."
    )

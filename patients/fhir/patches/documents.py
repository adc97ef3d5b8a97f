"""Values of JSON that are changed by making new ones: what is not changed is shared, and stays as written."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from patients.fhir.exact_json import MAX_DEPTH, encode
from patients.fhir.outcomes import NotApplicable

Steps = tuple[str | int, ...]

MAX_OPERATIONS = 500
# Copies of copies double the size with each operation.
MAX_COPIED = 4 * 1024 * 1024


class Budget:
    """How much one patch may still copy and move."""

    def __init__(self) -> None:
        self._left = MAX_COPIED

    def spend(self, value: Any) -> None:
        """:raises NotApplicable: if that is more than a patch may."""
        self._left -= len(encode(value))
        if self._left < 0:
            raise NotApplicable(f"The patch copies and moves more than {MAX_COPIED:,} characters.")


def value_at(document: Any, steps: Steps) -> Any:
    """Return the value at steps that are there."""
    for step in steps:
        document = document[step]
    return document


def with_added(document: Any, steps: Steps, value: Any) -> Any:
    """Return the document with a member set, or an item inserted before the one at that place."""
    _require_shallow(steps, value)
    if not steps:
        return value
    return _edited(document, steps, lambda parent, step: _added(parent, step, value))


def with_replaced(document: Any, steps: Steps, value: Any) -> Any:
    """Return the document with another value at a place that is there."""
    _require_shallow(steps, value)
    if not steps:
        return value
    return _edited(document, steps, lambda parent, step: _set(parent, step, value))


def without(document: Any, steps: Steps) -> Any:
    """Return the document without the value at a place that is there."""
    return _edited(document, steps, _removed)


def is_equal(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON: `true` is not 1, but 1.0 is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(item, other[name]) for name, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if _is_number(one) and _is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _edited(document: Any, steps: Steps, edit: Callable[[Any, Any], Any]) -> Any:
    first, *rest = steps
    if not rest:
        return edit(document, first)
    return _set(document, first, _edited(document[first], tuple(rest), edit))


def _set(parent: Any, step: Any, value: Any) -> Any:
    if isinstance(parent, dict):
        return {**parent, step: value}
    return [*parent[:step], value, *parent[step + 1 :]]


def _added(parent: Any, step: Any, value: Any) -> Any:
    if isinstance(parent, dict):
        return {**parent, step: value}
    return [*parent[:step], value, *parent[step:]]


def _removed(parent: Any, step: Any) -> Any:
    if isinstance(parent, dict):
        return {name: item for name, item in parent.items() if name != step}
    return [*parent[:step], *parent[step + 1 :]]


def _require_shallow(steps: Steps, value: Any) -> None:
    if len(steps) + _depth(value) > MAX_DEPTH:
        raise NotApplicable(f"The patch would nest the resource deeper than {MAX_DEPTH} levels.")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0

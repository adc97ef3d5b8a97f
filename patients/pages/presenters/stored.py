"""The stored JSON text as Python values, and the safe way into them.

A number keeps every digit with which it was recorded: `72.50` is shown as 72.50.
"""

import json
from decimal import Decimal
from typing import Any, TypeGuard

JsonObject = dict[str, Any]


def loads(content: str) -> JsonObject:
    value: JsonObject = json.loads(content, parse_float=Decimal, parse_int=Decimal)
    return value


def members(value: JsonObject, name: str) -> list[JsonObject]:
    """Return the objects of a repeating element."""
    found = value.get(name)
    return [item for item in found if is_object(item)] if isinstance(found, list) else []


def member(value: JsonObject, name: str) -> JsonObject:
    """Return an element that is an object, {} if there is none."""
    found = value.get(name)
    return found if is_object(found) else {}


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def words(values: object) -> list[str]:
    """Return the strings of a list that may hold nulls, as `given` may."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def choice(value: JsonObject, name: str) -> tuple[str, Any]:
    """Return the type and value of an element that has a choice of types: `value[x]` of `valueQuantity`."""
    for key, found in value.items():
        if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
            return key[len(name) :], found
    return "", None

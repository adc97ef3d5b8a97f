"""The stored JSON text as Python values, and the safe way into them.

A number keeps every digit with which it was recorded: `72.50` is shown as 72.50. A text is shown without
the characters that reorder what is read (Unicode's bidirectional controls): the page sets its own directions.
"""

import json
import re
from decimal import Decimal
from typing import Any, TypeGuard

JsonObject = dict[str, Any]

# Marks, embeddings, overrides and isolates: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
DIRECTION_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = r"\u"


def loads(content: str) -> JsonObject:
    value: JsonObject = json.loads(content, parse_float=Decimal, parse_int=Decimal)
    if _ESCAPE in content or DIRECTION_CONTROLS.search(content):
        return {name: in_reading_order(element) for name, element in value.items()}
    return value


def in_reading_order(value: Any) -> Any:
    """Return a JSON value whose texts are read in the order in which they are written."""
    if isinstance(value, str):
        return DIRECTION_CONTROLS.sub("", value)
    if isinstance(value, list):
        return [in_reading_order(item) for item in value]
    if is_object(value):
        return {name: in_reading_order(element) for name, element in value.items()}
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

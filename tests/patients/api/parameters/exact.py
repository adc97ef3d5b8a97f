"""JSON in which numbers are kept as they are written: 72.50 is not 72.5, nor 1.0E2 100."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number, letter for letter."""

    text: str


def read(text: bytes | str) -> Any:
    return json.loads(text, parse_float=Number, parse_int=Number)


def written(value: Any) -> str:
    """The JSON of a value that holds Decimals or Numbers."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def without_server_meta(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without what a server sets: its id, version and time."""
    meta = {name: each for name, each in resource.get("meta", {}).items() if name not in _SERVER_META}
    kept = {name: each for name, each in resource.items() if name not in ("id", "meta")}
    return {**kept, "meta": meta} if meta else kept


_SERVER_META = ("versionId", "lastUpdated")

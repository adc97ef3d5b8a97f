"""The one form of a record as bytes, over which its code is made: of an entry before, of a row afterwards.

The columns are those of IHE's Basic Audit Log Patterns, https://profiles.ihe.net/ITI/BALP/. What is not known
or empty is left out, so that a column that is added later changes no code.
"""

import itertools
import json
import os
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

# The columns of `audit_records` that a payload holds, in its order, with their types.
COLUMNS = {
    "id": "uuid",
    "recorded": "timestamptz",
    "request_id": "text",
    "group_id": "text",
    "user_id": "bigint",
    "actor": "text",
    "roles": "text[]",
    "purpose": "text",
    "elevated": "text[]",
    "channel": "text",
    "address": "text",
    "interaction": "text",
    "resource_type": "text",
    "resource_id": "text",
    "version_id": "bigint",
    "query": "text",
    "patients": "text[]",
    "outcome": "integer",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_counter = itertools.count()


def encode(values: Mapping[str, Any]) -> bytes:
    """The values by `COLUMNS`, in their order, as JSON; `recorded` is the time as `time_text` writes it."""
    known = {
        name: value for name, value in values.items() if value is not None and value != [] and value != ()
    }
    try:
        text = _encoder.encode(known).encode()
    except UnicodeEncodeError:
        return _encoder.encode(_storable(known)).encode()
    return text if b"\\u0000" not in text else _encoder.encode(_storable(known)).encode()


def of_row(row: Mapping[str, Any]) -> bytes:
    """The payload of a row, whose values are as the database gives them."""
    values = {name: row[name] for name in COLUMNS}
    return encode({**values, "id": str(values["id"]), "recorded": time_text(values["recorded"])})


def time_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def id_and_time() -> tuple[str, str]:
    """A UUID (version 7) in the order of time, which is that of the calls within a process; and the time."""
    now = time.time_ns()
    milliseconds, rest = divmod(now, 1_000_000)
    value = milliseconds << 80 | 7 << 76 | (rest * 4096 // 1_000_000) << 64 | 2 << 62
    value |= (next(_counter) & 0x3FFF) << 48 | int.from_bytes(os.urandom(6))
    recorded = _EPOCH + timedelta(microseconds=now // 1000)
    return str(uuid.UUID(int=value)), recorded.isoformat(timespec="microseconds")


def _storable(value: Any) -> Any:
    """The value without what PostgreSQL's text cannot hold."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd").encode(errors="replace").decode()
        case dict():
            return {name: _storable(each) for name, each in value.items()}
        case list() | tuple():
            return [_storable(each) for each in value]
    return value

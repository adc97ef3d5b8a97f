"""Entries of a chart for presenters, without a store."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from patients.pages.presenters.entries import Entry
from patients.pages.presenters.stored import loads

ZONE = ZoneInfo("Europe/Dublin")


def entry(value: dict | str) -> Entry:
    """An entry of version 1; a text keeps its numbers as they are written."""
    content = value if isinstance(value, str) else json.dumps(value)
    return Entry(id="1", version="v1", stored=None, value=loads(content))


def entries(*values: dict | str) -> list[Entry]:
    return [entry(value) for value in values]


def concept(code: str, **elements: str) -> dict:
    return {"coding": [{"code": code, **elements}]}


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

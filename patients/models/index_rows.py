"""Search values of a resource as the parameters of `fhir_write` from which it makes the rows of its index."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from patients.fhir import exact_json
from patients.fhir.search_keys import keys_of
from patients.fhir.search_values import IndexValues
from patients.fhir.values.strings import exact_hash, fold
from patients.models.search import NO_DATE

# What a btree entry can hold, with room for its other columns. Longer references are found by their key.
_MOST_REFERENCE_BYTES = 1_000
# PostgreSQL refuses a document of 1 MB, and the parts of compound words count beside the words.
_DOCUMENT_CHARACTERS = 40_000
_DOCUMENT = re.compile(rf"(?s)\S.{{0,{_DOCUMENT_CHARACTERS}}}(?:\s|$)|\S{{1,{_DOCUMENT_CHARACTERS}}}")

Parameters = tuple[str | None, str | None, datetime | str, str | None]
NOTHING: Parameters = (None, None, NO_DATE, None)


def parameters(resource_type: str, values: IndexValues) -> Parameters:
    """Listed keys, unlisted keys, the date that orders the lists, and the other rows as JSON."""
    keys = keys_of(resource_type, values)
    return _array(keys.listed), _array(keys.unlisted), values.date or NO_DATE, _rows(values)


def strings(values: IndexValues) -> Iterator[tuple[str, str, int]]:
    """Rows of search_strings, URIs among them: those are compared as they are written."""
    yield from values.strings
    for parameter, uri in values.uris:
        yield parameter, uri, exact_hash(uri)


def count(values: IndexValues) -> int:
    """How many values there are."""
    return sum(len(getattr(values, name)) for name in IndexValues.__slots__ if name != "date")


def _array(keys: tuple[str, ...]) -> str:
    # PostgreSQL reads digits quicker than psycopg writes a list of UUIDs.
    return "{" + ",".join(keys) + "}"


def _rows(values: IndexValues) -> str | None:
    rows = {
        "references": [row for row in values.references if len(row[2].encode()) <= _MOST_REFERENCE_BYTES],
        "dates": [_plain(row) for row in values.dates],
        "quantities": [[row[0], _hash(row[1:]), *row[1:]] for row in values.quantities],
        "texts": [row for parameter, text in values.texts for row in _documents(parameter, text)],
        "composites": [[row[0], _hash(row[1]), _plain(row[1])] for row in values.composites],
    }
    present = {table: found for table, found in rows.items() if found}
    return exact_json.encode(present) if present else None


def _hash(row: tuple[Any, ...]) -> int:
    return exact_hash(repr(row))


def _documents(parameter: str, text: str) -> Iterator[list[Any]]:
    for part in _DOCUMENT.findall(fold(text)):
        yield [parameter, exact_hash(part), part]


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [
        each.isoformat() if isinstance(each, datetime) else _plain(each) if isinstance(each, tuple) else each
        for each in row
    ]

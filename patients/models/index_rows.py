"""Search values of resources as rows of the search tables, these as the arrays that `fhir_write` takes."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from patients.fhir import exact_json
from patients.fhir.extraction import PATIENT_STRINGS, SearchValues
from patients.fhir.search_keys import coding_digits, keys_of
from patients.fhir.search_values import IndexValues
from patients.fhir.values.strings import exact_hash, fold
from patients.models import arrays
from patients.models.search import NO_DATE
from patients.models.value_tables import VALUE_TABLES

# What a btree entry can hold, with room for its other columns. Longer references are found by their key.
_MOST_REFERENCE_BYTES = 1_000
# PostgreSQL refuses a document of 1 MB, and the parts of compound words count beside the words.
_DOCUMENT_CHARACTERS = 40_000
_DOCUMENT = re.compile(rf"(?s)\S.{{0,{_DOCUMENT_CHARACTERS}}}(?:\s|$)|\S{{1,{_DOCUMENT_CHARACTERS}}}")

Row = tuple[Any, ...]

# What a key of a code stands for is no row of a resource.
CODES = {"key": "uuid", "parameter": "text", "system": "text", "code": "text"}
_IN_QUOTATION_MARKS = ("text", "jsonb")

# Parameters of `fhir_write` and `fhir_reindex`, with their types. `p_…_of` tells of each row of a table the
# place of its resource in `p_types`, from 1; a resource's keys are a part of `p_keys`, the listed ones first.
PARAMETERS: dict[str, str] = {
    "p_types": "text[]",
    "p_ids": "text[]",
    "p_dates": "timestamptz[]",
    "p_list_dates": "timestamptz[]",
    "p_keys": "uuid[]",
    "p_first_keys": "integer[]",
    "p_last_listed_keys": "integer[]",
    "p_last_keys": "integer[]",
    **{f"p_codes_{column}": f"{type}[]" for column, type in CODES.items()},
    **{name: type for table in VALUE_TABLES for name, type in table.parameters.items()},
}


@dataclass(frozen=True, slots=True)
class IndexRows:
    """What the search tables hold of a resource: nothing of a deleted one, which has no `list_date`.

    `date` is the one by which charts order it, `list_date` that by which lists do.
    """

    resource_type: str
    id: str
    tables: dict[str, list[Row]]
    listed_keys: Sequence[str] = ()
    unlisted_keys: Sequence[str] = ()
    codes: Sequence[Row] = ()
    date: str = NO_DATE
    list_date: datetime | str | None = None


def rows_of(resource_type: str, id: str, values: SearchValues, index: IndexValues | None) -> IndexRows:
    """The rows of a resource; each of them once."""
    if index is None:
        return IndexRows(resource_type, id, {})
    keys = keys_of(resource_type, index)
    tables = {table: rows for table, make in _ROWS.items() if (rows := make(values, index))}
    return IndexRows(
        resource_type,
        id,
        tables,
        keys.listed,
        keys.unlisted,
        _codes(resource_type, values, index),
        values.date or NO_DATE,
        index.date or NO_DATE,
    )


def count(values: IndexValues) -> int:
    """How many values there are."""
    return sum(len(getattr(values, name)) for name in IndexValues.__slots__ if name != "date")


def arguments(resources: Sequence[IndexRows]) -> list[str]:
    """What `PARAMETERS` names, of all these resources."""
    found = [
        arrays.texts([each.resource_type for each in resources]),
        arrays.texts([each.id for each in resources]),
        arrays.texts([each.date for each in resources]),
        arrays.plain(_time(each.list_date) for each in resources),
        *_keys(resources),
        *_values(list(dict.fromkeys(chain.from_iterable(each.codes for each in resources))), CODES.values()),
    ]
    for table in VALUE_TABLES:
        found += _columns([each.tables.get(table.name, ()) for each in resources], table.columns.values())
    return found


def _keys(resources: Sequence[IndexRows]) -> Iterator[str]:
    firsts, last_listed, lasts, end = [], [], [], 0
    for each in resources:
        firsts.append(end + 1)
        last_listed.append(end + len(each.listed_keys))
        end = last_listed[-1] + len(each.unlisted_keys)
        lasts.append(end)
    yield arrays.plain(chain.from_iterable((*each.listed_keys, *each.unlisted_keys) for each in resources))
    yield from map(arrays.plain, (firsts, last_listed, lasts))


def _columns(tables: Sequence[Sequence[Row]], types: Iterable[str]) -> Iterator[str]:
    yield arrays.plain(
        chain.from_iterable(repeat(place, len(table)) for place, table in enumerate(tables, start=1))
    )
    yield from _values(list(chain.from_iterable(tables)), types)


def _values(rows: Sequence[Row], types: Iterable[str]) -> Iterator[str]:
    if not rows:
        yield from ("{}" for _ in types)
        return
    for column, type in zip(zip(*rows, strict=True), types, strict=True):
        yield arrays.texts(column) if type in _IN_QUOTATION_MARKS else arrays.plain(column)


def _codes(resource_type: str, values: SearchValues, index: IndexValues) -> list[Row]:
    """Those that no row of the resource tells, each with its key."""
    return [
        (coding_digits(resource_type, parameter, system, code), parameter, system, code)
        for parameter, system, code in index.tokens
        if code and ":" not in parameter and (parameter, system, code) not in values.tokens
    ]


def _strings(values: SearchValues, index: IndexValues) -> list[Row]:
    # What Patient search looks up is extracted for it.
    own = PATIENT_STRINGS if values.patient else ()
    return _once([*values.strings, *(row for row in index.strings if row[0] not in own)], at=2)


def _references(_: SearchValues, index: IndexValues) -> list[Row]:
    return [row for row in index.references if len(row[2].encode()) <= _MOST_REFERENCE_BYTES]


def _dates(_: SearchValues, index: IndexValues) -> list[Row]:
    return [(parameter, start.isoformat(), end.isoformat()) for parameter, start, end in index.dates]


def _quantities(_: SearchValues, index: IndexValues) -> list[Row]:
    return _once([(row[0], exact_hash(repr(row[1:])), *row[1:]) for row in index.quantities], at=1)


def _uris(_: SearchValues, index: IndexValues) -> list[Row]:
    return _once([(parameter, exact_hash(uri), uri) for parameter, uri in index.uris], at=1)


def _texts(_: SearchValues, index: IndexValues) -> list[Row]:
    return _once([row for parameter, text in index.texts for row in _documents(parameter, text)], at=1)


def _documents(parameter: str, text: str) -> Iterator[Row]:
    for part in _DOCUMENT.findall(fold(text)):
        yield parameter, exact_hash(part), part


def _composites(_: SearchValues, index: IndexValues) -> list[Row]:
    rows = [
        (parameter, exact_hash(repr(parts)), exact_json.encode(_plain(parts)))
        for parameter, parts in index.composites
    ]
    return _once(rows, at=1)


def _once(rows: Sequence[Row], *, at: int) -> list[Row]:
    """One row for each parameter and hash, which stands at `at`: texts that differ may be folded alike."""
    return list({(row[0], row[at]): row for row in rows}.values())


def _plain(row: Row) -> list[Any]:
    return [
        each.isoformat() if isinstance(each, datetime) else _plain(each) if isinstance(each, tuple) else each
        for each in row
    ]


def _time(moment: datetime | str | None) -> str | None:
    return moment.isoformat() if isinstance(moment, datetime) else moment


_ROWS: dict[str, Callable[[SearchValues, IndexValues], list[Row]]] = {
    "strings": _strings,
    "tokens": lambda values, _: list(values.tokens),
    "compartment": lambda values, _: [(patient,) for patient in values.compartment_patients],
    "references": _references,
    "dates": _dates,
    "quantities": _quantities,
    "uris": _uris,
    "texts": _texts,
    "composites": _composites,
}

"""The door to the records' tables, seen from Python: one call of `fhir_write` for each change."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django.db
import psycopg
from psycopg.types.json import Jsonb

from patients.fhir import exact_json
from patients.fhir.extraction import PATIENT_STRINGS, PatientColumns, SearchValues, extract
from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import Resource
from patients.fhir.search_values import IndexValues, extract_values
from patients.models import index_rows
from patients.models.search import NO_DATE
from patients.models.summary import NO_BIRTH_DATE
from perf import database, own_writes

WRITE = database.Query(
    "write",
    """
    SELECT version_id, last_updated, content
    FROM fhir_write(
        %s, %s, %s, %s, %s, %s,
        %s::text[], %s::text[], %s::bigint[],
        %s::text[], %s::text[], %s::text[],
        %s::text[], %s::timestamptz,
        %s::uuid[], %s::uuid[], %s::timestamptz, %s::jsonb,
        %s
    )
    """,
)
_LOG_POSITION = database.Query("log position", "SELECT pg_current_wal_insert_lsn()::text")

# Far more than any patient has; a resource of megabytes of names would hold others up.
MOST_VALUES = 5_000

_NOTHING_TO_FIND = SearchValues(
    strings=frozenset(), tokens=frozenset(), compartment_patients=frozenset(), date=None, patient=None
)


@dataclass(frozen=True, slots=True)
class Change:
    """A version to be written: of `resource`, or a deletion where that is None."""

    resource_type: str
    id: str
    expected_version: int
    method: str
    resource: Resource | None
    values: SearchValues
    index: IndexValues | None

    @property
    def patients(self) -> list[str]:
        """Ids of the Patients whose data it holds."""
        own = [self.id] if self.resource_type == "Patient" else []
        return own + sorted(self.values.compartment_patients)


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """What the database made of a change."""

    version_id: int
    last_updated: datetime
    content: str | None


def change_to(resource: Resource, *, id: str, expected_version: int, method: str) -> Change:
    """Write `resource` as the version after `expected_version` (0: as the first).

    :raises InvalidResource: if it could be found by more values than one statement should write.
    """
    values, index = extract(resource), extract_values(resource)
    if len(values.strings) + len(values.tokens) + index_rows.count(index) > MOST_VALUES:
        raise InvalidResource(
            f"The {resource.resource_type} could be found by more than {MOST_VALUES:,} names, identifiers and"
            " the like; that is more than one resource may have here."
        )
    return Change(resource.resource_type, id, expected_version, method, resource, values, index)


def change_of_stored(resource: Resource, *, id: str, version: int) -> Change:
    """A version that is stored, with what it can be found by, whatever the number."""
    return Change(
        resource.resource_type, id, version, "PUT", resource, extract(resource), extract_values(resource)
    )


def deletion_of(resource_type: str, *, id: str, expected_version: int) -> Change:
    """Write that the resource is deleted."""
    return Change(resource_type, id, expected_version, "DELETE", None, _NOTHING_TO_FIND, None)


def write(change: Change) -> WrittenVersion | None:
    """Write one change; None if the resource is no longer at the version expected."""
    rows = database.fetch_primary(WRITE, parameters(change))
    return WrittenVersion(*rows[0]) if rows else None


def write_all(changes: Sequence[Change]) -> list[WrittenVersion | None]:
    """Write many in one round trip; call it within a transaction."""
    if not changes:
        return []
    answers = database.fetch_each_primary(WRITE, [parameters(change) for change in changes])
    return [WrittenVersion(*rows[0]) if rows else None for rows in answers]


def remember_commit(principal: str) -> None:
    """Call after COMMIT: from now on `principal` reads from a standby only if that has replayed it.

    Where the position cannot be learned (the primary has just gone) it reads from the primary for a while:
    what is committed stays acknowledged.
    """
    try:
        position = own_writes.parse_position(database.fetch_primary(_LOG_POSITION)[0][0])
    except (psycopg.Error, django.db.Error):
        position = own_writes.UNKNOWN
    own_writes.note(principal, position)


def parameters(change: Change) -> tuple[Any, ...]:
    """The arguments of `fhir_write`, in order."""
    prefix, suffix = (
        change.resource.stored_text(id=change.id, version_id=change.expected_version + 1)
        if change.resource
        else (None, None)
    )
    return (
        change.method,
        change.resource_type,
        change.id,
        change.expected_version,
        prefix,
        suffix,
        *search_parameters(change),
        _patient_row(change.values.patient),
    )


def search_parameters(change: Change) -> tuple[Any, ...]:
    """Those of them that make the search rows."""
    return (
        *_columns(_strings(change), 3),
        *_columns(list(change.values.tokens), 3),
        list(change.values.compartment_patients),
        change.values.date or NO_DATE,
        *(index_rows.parameters(change.resource_type, change.index) if change.index else index_rows.NOTHING),
    )


def _strings(change: Change) -> list[tuple[str, str, int]]:
    own = list(change.values.strings)
    if change.index is None:
        return own
    # What Patient search looks up is extracted for it.
    own_parameters = PATIENT_STRINGS if change.resource_type == "Patient" else ()
    return own + [row for row in index_rows.strings(change.index) if row[0] not in own_parameters]


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[at] for row in rows] for at in range(width)]


def _patient_row(columns: PatientColumns | None) -> Jsonb | None:
    if columns is None:
        return None
    row = {field.name: getattr(columns, field.name) for field in dataclasses.fields(columns)}
    return Jsonb({**row, "birth_sort": columns.birth_start or NO_BIRTH_DATE}, dumps=exact_json.encode)

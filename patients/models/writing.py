"""The door to the records' tables, seen from Python: calls of `fhir_write`, each of one change or many."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Self

from patients.fhir import exact_json
from patients.fhir.extraction import PatientColumns, SearchValues, extract
from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import Resource
from patients.fhir.search_values import IndexValues, extract_values
from patients.models import arrays, commits, index_rows
from patients.models.index_rows import IndexRows
from patients.models.summary import NO_BIRTH_DATE
from perf import database, own_writes

# Those of `fhir_write`, with their types.
PARAMETERS: dict[str, str] = {
    "p_methods": "text[]",
    "p_expected_versions": "integer[]",
    "p_prefixes": "text[]",
    "p_suffixes": "text[]",
    "p_patients": "jsonb[]",
    **index_rows.PARAMETERS,
}
WRITE = database.Query(
    "write", f"SELECT fhir_write({', '.join(f'%s::{type}' for type in PARAMETERS.values())})"
)

# Far more than any patient has; a resource of megabytes of names would hold others up.
MOST_VALUES = 5_000
CHANGES_IN_A_CALL = 50

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


@dataclass(frozen=True, slots=True)
class Call:
    """Changes that one call of `fhir_write` writes, each of another resource; and what their texts are."""

    changes: Sequence[Change]
    texts: Sequence[tuple[str | None, str | None]]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> Self:
        return cls(changes, [_text(change) for change in changes])

    def parameters(self) -> list[str]:
        """The arguments of `fhir_write`, in order."""
        prefixes, suffixes = zip(*self.texts, strict=True)
        return [
            arrays.texts([change.method for change in self.changes]),
            arrays.plain(change.expected_version for change in self.changes),
            arrays.texts_or_nulls(prefixes),
            arrays.texts_or_nulls(suffixes),
            arrays.texts_or_nulls([patient_row(change.values.patient) for change in self.changes]),
            *search_parameters(self.changes),
        ]

    def written(self, times: Sequence[datetime | None]) -> list[WrittenVersion | None]:
        """What the database made of the changes, of which it answers when."""
        return [
            None if time is None else _written(change, text, time)
            for change, text, time in zip(self.changes, self.texts, times, strict=True)
        ]


def write(change: Change) -> WrittenVersion | None:
    """Write one change; None if the resource is no longer at the version expected."""
    call = Call.of([change])
    return call.written(database.fetch_primary(WRITE, call.parameters())[0][0])[0]


def write_all(changes: Iterable[Change]) -> list[WrittenVersion | None]:
    """Write many in one round trip; call it within a transaction."""
    calls: list[Call] = []

    def parameters_of_calls() -> Iterator[list[str]]:
        # While the database writes a portion, the next one is worked out.
        for portion in _portions(changes):
            calls.append(Call.of(portion))
            yield calls[-1].parameters()

    answers = database.fetch_each_primary(WRITE, parameters_of_calls())
    written = [call.written(rows[0][0]) for call, rows in zip(calls, answers, strict=True)]
    return list(chain.from_iterable(written))


def parameters(change: Change) -> list[str]:
    """The arguments of `fhir_write` for one change."""
    return Call.of([change]).parameters()


def search_parameters(changes: Sequence[Change]) -> list[str]:
    """Arguments that make the search rows, of `fhir_write` and `fhir_reindex`."""
    return index_rows.arguments([search_rows(change) for change in changes])


def search_rows(change: Change) -> IndexRows:
    """What the search tables shall hold of the resource."""
    return index_rows.rows_of(change.resource_type, change.id, change.values, change.index)


def patient_row(columns: PatientColumns | None) -> str | None:
    """The columns of patient_index that a Patient tells, as JSON."""
    if columns is None:
        return None
    row = {field.name: getattr(columns, field.name) for field in dataclasses.fields(columns)}
    return exact_json.encode({**row, "birth_sort": columns.birth_start or NO_BIRTH_DATE})


def remember_commit(principal: str) -> None:
    """Call after COMMIT: from now on `principal` reads from a standby only if that has replayed it.

    Where the position cannot be learned (the primary has just gone) it reads from the primary for a while:
    what is committed stays acknowledged.
    """
    own_writes.note(principal, commits.log_position() or own_writes.UNKNOWN)


def _portions(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes of one call each: not too many, and no resource twice, whose next version follows the first."""
    portion: list[Change] = []
    known: set[tuple[str, str]] = set()
    for change in changes:
        reference = change.resource_type, change.id
        if len(portion) == CHANGES_IN_A_CALL or reference in known:
            yield portion
            portion, known = [], set()
        portion.append(change)
        known.add(reference)
    if portion:
        yield portion


def _text(change: Change) -> tuple[str | None, str | None]:
    if change.resource is None:
        return None, None
    return change.resource.stored_text(id=change.id, version_id=change.expected_version + 1)


def _written(change: Change, text: tuple[str | None, str | None], time: datetime) -> WrittenVersion:
    prefix, suffix = text
    if prefix is None:
        return WrittenVersion(change.expected_version + 1, time, None)
    # As the database writes it into the text that it stores.
    stamp = time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return WrittenVersion(change.expected_version + 1, time, f"{prefix}{stamp}Z{suffix}")

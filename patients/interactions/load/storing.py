"""One transaction for each portion: ledger, resources and audit rows together, or none of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from django.db import transaction

from patients import audit
from patients.access import Actor
from patients.audit import AuditEntry
from patients.fhir.outcomes import FhirError, InvalidResource
from patients.interactions.bundle import conditions
from patients.interactions.load import ledger
from patients.interactions.load.entries import Entry
from patients.interactions.load.ledger import Portion
from patients.models import LoadProgress, writing
from patients.models.writing import Change, change_to
from perf import database

_IN_ONE_ROUND_TRIP = 500

# What the database says of content that it cannot hold.
_NOT_TAKEN = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)

_CURRENT = database.Query(
    "versions to follow",
    """
    SELECT r.resource_type, r.fhir_id, r.version_id, r.deleted
    FROM unnest(%s::text[], %s::text[]) AS wanted (resource_type, fhir_id)
    JOIN fhir_resources r ON r.resource_type = wanted.resource_type AND r.fhir_id = wanted.fhir_id
    """,
)


class OvertakenError(Exception):
    """Somebody else has written meanwhile what this rested upon; nothing was written."""


class NotTakenError(Exception):
    """The database does not take an entry; nothing was written."""

    def __init__(self, refusals: dict[int, FhirError]) -> None:
        super().__init__(refusals)
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it was written."""

    entry: Entry
    is_created: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """An entry, and the version that it follows."""

    entry: Entry
    version: int
    is_created: bool

    def change(self) -> Change:
        entry = self.entry
        try:
            return change_to(entry.resource, id=entry.id, expected_version=self.version, method=entry.method)
        except FhirError as error:
            raise NotTakenError({entry.index: error}) from None


def store(
    entries: Sequence[Entry],
    *,
    actor: Actor,
    portion: Portion,
    refused: list[int],
    row: LoadProgress | None,
) -> list[Stored]:
    """Write the entries that are not there already.

    :raises OvertakenError: if others have loaded the same, or changed what it rests upon.
    :raises NotTakenError: if the database cannot hold an entry.
    """
    try:
        with transaction.atomic():
            if not ledger.claim(portion, refused=refused, row=row):
                raise OvertakenError
            _confirm_conditional_creates(entries)
            stored = []
            for some in _slices(_to_write(entries)):
                stored += _write(some, actor)
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise OvertakenError from error
    if stored:
        writing.remember_commit(actor.principal)
    return stored


def outlook(entries: Sequence[Entry]) -> list[Stored]:
    """What would be written."""
    versions = _current_versions(_to_write(entries))
    return [Stored(entry, entry.reference not in versions) for entry in _to_write(entries)]


def _to_write(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry.is_existing]


def _confirm_conditional_creates(entries: Sequence[Entry]) -> None:
    creates = [entry.condition for entry in entries if entry.condition and not entry.is_existing]
    if creates:
        conditions.lock(creates)
        if any(conditions.find(creates).values()):
            raise OvertakenError


def _slices(entries: list[Entry]) -> Iterator[list[Entry]]:
    for start in range(0, len(entries), _IN_ONE_ROUND_TRIP):
        yield entries[start : start + _IN_ONE_ROUND_TRIP]


def _write(entries: list[Entry], actor: Actor) -> list[Stored]:
    steps = _steps(entries)
    made: list[Change] = []
    if None in _write_all(steps, made):
        raise OvertakenError
    stored = [Stored(step.entry, step.is_created) for step in steps]
    audit.record_all(
        [
            _audit_entry(actor, change, is_created=it.is_created)
            for change, it in zip(made, stored, strict=True)
        ]
    )
    return stored


def _steps(entries: list[Entry]) -> list[_Step]:
    versions = _current_versions(entries)
    steps = []
    for entry in entries:
        version, is_deleted = versions.get(entry.reference, (0, False))
        # A later line may hold the same resource once more.
        versions[entry.reference] = version + 1, False
        steps.append(_Step(entry, version, version == 0 or is_deleted))
    return steps


def _current_versions(entries: list[Entry]) -> dict[str, tuple[int, bool]]:
    updates = [entry for entry in entries if entry.method == "PUT"]
    if not updates:
        return {}
    types, ids = [entry.resource.resource_type for entry in updates], [entry.id for entry in updates]
    rows = database.fetch_primary(_CURRENT, (types, ids))
    return {f"{type_name}/{id}": (version, is_deleted) for type_name, id, version, is_deleted in rows}


def _write_all(steps: list[_Step], made: list[Change]) -> list[writing.WrittenVersion | None]:
    try:
        with transaction.atomic():
            return writing.write_all(_changes(steps, made))
    except _NOT_TAKEN:
        refusals = _culprits(steps)
        if not refusals:
            raise
        raise NotTakenError(refusals) from None


def _changes(steps: list[_Step], made: list[Change]) -> Iterator[Change]:
    """Work out each version only when it is sent: the database writes the ones before it meanwhile."""
    for step in steps:
        made.append(step.change())
        yield made[-1]


def _culprits(steps: list[_Step]) -> dict[int, FhirError]:
    """Find out which entries the database does not take, one by one."""
    refusals: dict[int, FhirError] = {}
    for step in steps:
        change = step.change()
        try:
            with transaction.atomic():
                writing.write(change)
        except _NOT_TAKEN as error:
            refusals[step.entry.index] = InvalidResource(f"The database cannot hold it ({error.sqlstate}).")
    return refusals


def _audit_entry(actor: Actor, change: Change, *, is_created: bool) -> AuditEntry:
    return AuditEntry(
        actor,
        "create" if is_created else "update",
        change.resource_type,
        change.id,
        change.expected_version + 1,
        None,
        change.patients,
        201 if is_created else 200,
    )

"""The changes of a transaction, written in one transaction of the database and a few round trips."""

from collections.abc import Collection, Iterator, Sequence

import psycopg
from django.db import transaction

from patients import access, audit
from patients.access import Actor
from patients.audit import AuditEntry
from patients.fhir.bundle_requests import naming_entry
from patients.fhir.compartments import compartment_patients
from patients.fhir.entity_tags import entity_tag, is_named
from patients.fhir.outcomes import Conflict, InvalidRequest, InvalidResource, PreconditionFailed
from patients.interactions.bundle import conditions
from patients.interactions.bundle.changes import BundleChange
from patients.interactions.bundle.conditions import Condition
from patients.interactions.bundle.current import Current, current_of
from patients.interactions.bundle.resolving import Resolver
from patients.interactions.results import StoredResource, Written
from patients.interactions.visibility import are_reachable, authorise_search, forbidden, refuse_hidden
from patients.interactions.writes import require_version
from patients.models import writing
from patients.models.writing import Change, change_to, deletion_of

_IN_ONE_ROUND_TRIP = 500
_INTERACTIONS = {"POST": "create", "PUT": "update", "DELETE": "delete"}

# What the database says of content that it cannot hold.
_NOT_TAKEN = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)


class OvertakenError(Exception):
    """Somebody else has written meanwhile what this rests upon; nothing was written."""


# A change, and what it follows.
_Step = tuple[BundleChange, Current | None]


class Storing:
    """Decides what each change is to be, and writes them: deletions first. Within a transaction."""

    def __init__(self, changes: Sequence[BundleChange], resolver: Resolver, actor: Actor) -> None:
        self._deletions = [change for change in changes if change.method == "DELETE"]
        # Creates come before updates.
        self._others = sorted(
            (change for change in changes if change.method != "DELETE"), key=lambda change: change.method
        )
        self._resolver = resolver
        self._actor = actor
        self._written: dict[int, Written | None] = {}

    def store(self, untouchable: Collection[str]) -> dict[int, Written | None]:
        """Write all, and answer what became of each by its index; None where there was nothing to delete.

        :raises OvertakenError: if others have changed what it rests upon.
        :raises FhirError: if one of them cannot be done, so that none is.
        """
        self._lock()
        sight = access.sight(self._actor)
        self._authorise()
        stored = conditions.find([it.condition for it in self._deletions if it.condition], sight=sight)
        for change in self._deletions:
            _decide_deletion(change, stored)
        _require_each_once(self._deletions, untouchable)
        self._write(self._deletions)
        stored = conditions.find({it.condition for it in self._others if it.condition}, sight=sight)
        self._decide_creates_and_updates(stored)
        # What is referred to may be changed here, so that it meets the criteria no more.
        referred_to = conditions.find(
            self._resolver.conditions, most=2 + len(self._others), sight=sight, of_identifiers=sight
        )
        _require_each_once(
            [*self._deletions, *(it for it in self._others if not it.is_nothing_to_do)], untouchable
        )
        self._resolver.point()
        self._resolver.point_conditional(referred_to)
        self._write(self._others)
        return self._written

    def _authorise(self) -> None:
        """Let criteria look at what they are asked of; those of references find what may be seen."""
        for change in (*self._deletions, *self._others):
            if change.condition:
                with naming_entry(change.index):
                    authorise_search(self._actor, change.condition.asked_types)

    def _lock(self) -> None:
        changes = (*self._deletions, *self._others)
        wanted = [it.condition for it in changes if it.condition]
        # Of two that each create what the other looks for, one is to see the other.
        conditions.lock(wanted, [it.resource for it in changes if wanted and it.resource])

    def _decide_creates_and_updates(self, stored: dict[Condition, set[str]]) -> None:
        first: dict[Condition, BundleChange] = {}
        for change in self._others:
            if change.condition is None:
                continue
            with naming_entry(change.index):
                ids = stored[change.condition]
                if len(ids) > 1:
                    raise conditions.several(change.condition)
                _decide(change, next(iter(ids), None), first.setdefault(change.condition, change))

    def _write(self, changes: Sequence[BundleChange]) -> None:
        known = [it for it in changes if it.id and (it.method != "POST" or it.is_nothing_to_do)]
        current = current_of(known)
        todo: list[_Step] = []
        audited: list[AuditEntry] = []
        for change in changes:
            found = current.get(change.reference)
            with naming_entry(change.index):
                if found is not None:
                    interaction = _INTERACTIONS[change.method]
                    refuse_hidden(self._actor, interaction, found.stored(change), found.known)
                is_due = self._is_due(change, found)
            if is_due:
                todo.append((change, found))
            elif found is not None:
                audited.append(self._entry(change, found.version_id, found.patients, 200))
        self._refuse_unreachable(todo)
        for some in _slices(todo):
            audited += self._write_some(some)
        audit.record_all(audited)
        # A create that stands for another of the same criteria answers that one's resource.
        for change in changes:
            if change.is_nothing_to_do and change.method == "POST" and change.index not in self._written:
                self._stand_for(change)

    def _refuse_unreachable(self, todo: Sequence[_Step]) -> None:
        """Before anything is written: while it is, the connection answers nothing else."""
        writes = [(change, found, change.resource) for change, found in todo if change.resource]
        linked = [compartment_patients(it.resource_type, it.value) for _, _, it in writes]
        asked = [
            (_INTERACTIONS[change.method], change.resource_type, change.id, patients)
            for (change, _, _), patients in zip(writes, linked, strict=True)
        ]
        seen = are_reachable(self._actor, asked)
        for (change, found, _), patients, is_seen in zip(writes, linked, seen, strict=True):
            if not is_seen and not (found and found.known.linked == patients):
                with naming_entry(change.index):
                    raise forbidden()

    def _is_due(self, change: BundleChange, found: Current | None) -> bool:
        """Whether there is a version to write; answers what has none."""
        if change.is_nothing_to_do:
            if found is not None and change.method == "POST":
                if found.is_deleted:
                    raise OvertakenError
                self._written[change.index] = Written(found.stored(change), False, is_existing=True)
            elif change.method == "DELETE":
                self._written[change.index] = None
            return False
        _require_preconditions(change, found)
        if change.resource is None and (found is None or found.is_deleted):
            self._written[change.index] = None
            return False
        return True

    def _write_some(self, some: Sequence[_Step]) -> list[AuditEntry]:
        audited = []
        for (change, found), (made, version) in zip(some, _write_all(some), strict=True):
            if version is None:
                raise OvertakenError
            is_new = found is None or found.is_deleted
            stored = StoredResource.written(made, version)
            self._written[change.index] = Written(stored, is_created=is_new and not stored.is_deleted)
            status = 204 if stored.is_deleted else 201 if is_new else 200
            audited.append(self._entry(change, version.version_id, made.patients, status))
        return audited

    def _stand_for(self, change: BundleChange) -> None:
        for other in self._others:
            if other.reference == change.reference and (written := self._written.get(other.index)):
                self._written[change.index] = Written(written.resource, False, is_existing=True)

    def _entry(self, change: BundleChange, version: int, patients: list[str], status: int) -> AuditEntry:
        interaction = _INTERACTIONS[change.method]
        query = change.request.conditions.get("ifNoneExist") or change.request.query or None
        return AuditEntry(
            self._actor, interaction, change.resource_type, change.id, version, query, patients, status
        )


def _decide_deletion(change: BundleChange, stored: dict[Condition, set[str]]) -> None:
    if change.condition is None:
        return
    ids = stored[change.condition]
    with naming_entry(change.index):
        if len(ids) > 1:
            raise conditions.several(change.condition)
    change.id, change.is_nothing_to_do = next(iter(ids), ""), not ids


def _decide(change: BundleChange, found: str | None, first: BundleChange) -> None:
    """Let a create or update with criteria be of what was found, or of what an earlier entry creates."""
    is_first = first is change
    change.id = found or (change.own_id if is_first or change.method == "PUT" else first.id)
    if change.method == "POST":
        change.is_nothing_to_do = found is not None or not is_first
        return
    change.is_unmatched = found is None
    if found is None and not is_first:
        raise InvalidRequest(f"Its criteria are those of entry {first.index} as well.")
    own_id = change.resource.id if change.resource else None
    if found is not None and own_id not in (None, found):
        raise InvalidRequest(
            f"The resource has the id {own_id!r}; the one that meets the criteria is"
            f" {change.resource_type}/{found}."
        )


def _require_each_once(changes: Sequence[BundleChange], untouchable: Collection[str]) -> None:
    seen = set(untouchable)
    for change in changes:
        if change.is_nothing_to_do:
            continue
        if change.reference in seen:
            with naming_entry(change.index):
                raise InvalidRequest(f"{change.reference} is in two entries of one transaction.")
        seen.add(change.reference)


def _require_preconditions(change: BundleChange, found: Current | None) -> None:
    current = found.stored(change) if found else None
    require_version(current, change.if_match, change.resource_type, change.id)
    is_there = found is not None and not found.is_deleted
    none_match = change.request.conditions.get("ifNoneMatch")
    if none_match is not None and found and is_there and is_named(entity_tag(found.version_id), none_match):
        raise PreconditionFailed(f"{change.reference} is there, at version {found.version_id}.")
    if change.condition and change.is_unmatched and is_there:
        raise Conflict(
            f"{change.reference} is there, but does not meet the criteria {change.condition.text}."
        )


def _slices(todo: list[_Step]) -> Iterator[list[_Step]]:
    for start in range(0, len(todo), _IN_ONE_ROUND_TRIP):
        yield todo[start : start + _IN_ONE_ROUND_TRIP]


def _write_all(some: Sequence[_Step]) -> list[tuple[Change, writing.WrittenVersion | None]]:
    made: list[Change] = []
    try:
        with transaction.atomic():
            versions = writing.write_all(_versions(some, made))
    except _NOT_TAKEN:
        _raise_culprit(some, made)
        raise
    return list(zip(made, versions, strict=True))


def _versions(some: Sequence[_Step], made: list[Change]) -> Iterator[Change]:
    """Work out each version only when it is sent: the database writes the ones before it meanwhile."""
    for change, found in some:
        with naming_entry(change.index):
            made.append(_version(change, found))
        yield made[-1]


def _version(change: BundleChange, found: Current | None) -> Change:
    expected = found.version_id if found else 0
    if change.resource is None:
        return deletion_of(change.resource_type, id=change.id, expected_version=expected)
    return change_to(change.resource, id=change.id, expected_version=expected, method=change.method)


def _raise_culprit(some: Sequence[_Step], made: Sequence[Change]) -> None:
    """Find out which entry the database does not take, one by one."""
    for (change, _), version in zip(some, made, strict=False):
        try:
            with transaction.atomic():
                writing.write(version)
        except _NOT_TAKEN as error:
            with naming_entry(change.index):
                raise InvalidResource(f"The database cannot hold it ({error.sqlstate}).") from None

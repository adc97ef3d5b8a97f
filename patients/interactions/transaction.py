"""transaction: many requests of which all are done, or none. https://hl7.org/fhir/R4/http.html#transaction

Deletions come first, then creates, updates, patches and operations, and at last what only reads: that sees
what was written before it. Each resource is validated once, before anything is locked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import transaction as database_transaction

from patients import access
from patients.access import Actor
from patients.fhir import exact_json
from patients.fhir.bundle_requests import EntryRequest, entry_request, naming_entry
from patients.fhir.bundle_responses import EntryResponse, failure
from patients.fhir.outcomes import Conflict, FhirError, InvalidRequest
from patients.fhir.validation import validate
from patients.interactions.bundle.changes import BundleChange, change_in
from patients.interactions.bundle.links import full_urls_of
from patients.interactions.bundle.resolving import Resolver
from patients.interactions.bundle.storing import OvertakenError, Storing
from patients.interactions.door import opened
from patients.interactions.results import Written
from patients.interactions.writes import ATTEMPTS
from patients.models import writing

Perform = Callable[[EntryRequest], EntryResponse]
# What came of an entry: a version written, nothing (a deletion of what is not there), or another's answer.
EntryResult = Written | EntryResponse | None

_READS = ("GET", "HEAD")
_LOST_RACES = (OvertakenError, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
_INTERACTIONS = {"POST": ("create",), "PUT": ("create", "update"), "DELETE": ("delete",)}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The entries of a transaction: those that write, and those that others perform, in their order."""

    changes: list[BundleChange]
    others: list[EntryRequest]

    @property
    def patched(self) -> set[str]:
        """What must not be written as well, as `Type/id`."""
        return {"/".join(it.segments) for it in self.others if it.method == "PATCH"}


def transaction(*, actor: Actor, entries: Sequence[Any], base: str, perform: Perform) -> list[EntryResult]:
    """Do what all entries of the bundle ask, and answer each; `perform` does what is not a plain write.

    :raises FhirError: if one of them cannot be done, with the entry named; nothing was changed then.
    """
    with opened(actor, "transaction", "Bundle") as entry:
        parts = _read(actor, entries, base)
        resolver = Resolver(parts.changes)
        resolver.point()
        for change in parts.changes:
            if change.resource is not None:
                with naming_entry(change.index):
                    validate(change.resource)
        for _ in range(ATTEMPTS):
            try:
                with database_transaction.atomic():
                    results = _attempt(actor, parts, resolver, perform)
            except _LOST_RACES:
                continue
            if parts.changes or any(it.method not in _READS for it in parts.others):
                writing.remember_commit(actor.principal)
            return [results[index] for index in range(len(entries))]
        entry.outcome = Conflict.status
        raise Conflict("Others kept changing the same resources; nothing was changed.")


def _read(actor: Actor, entries: Sequence[Any], base: str) -> _Parts:
    parts = _Parts([], [])
    full_urls = full_urls_of(entries)
    authorised: set[tuple[str, str]] = set()
    for index, value in enumerate(entries):
        with naming_entry(index):
            request = entry_request(index, value, base=base)
            change = change_in(request, full_urls)
            if change is None:
                parts.others.append(request)
                continue
            for interaction in _INTERACTIONS[change.method]:
                if (interaction, change.resource_type) not in authorised:
                    access.authorise(actor, interaction, change.resource_type)
                    authorised.add((interaction, change.resource_type))
            parts.changes.append(change)
    parts.others.sort(key=lambda it: it.method in _READS)
    return parts


def _attempt(actor: Actor, parts: _Parts, resolver: Resolver, perform: Perform) -> dict[int, EntryResult]:
    results: dict[int, EntryResult] = {**Storing(parts.changes, resolver, actor).store(parts.patched)}
    changed = {change.reference for change in parts.changes if not change.is_nothing_to_do}
    for request in parts.others:
        response = perform(request)
        if response.status == Conflict.status:
            raise OvertakenError
        if response.is_failure:
            with naming_entry(request.index):
                raise _failure(response)
        if request.method == "PATCH":
            with naming_entry(request.index):
                _note_patch(response, changed)
        results[request.index] = response
    return results


def _note_patch(response: EntryResponse, changed: set[str]) -> None:
    """Refuse a patch of what another entry has changed; which one it is may only be known by now."""
    reference = (response.location or "").partition("/_history/")[0]
    if reference in changed:
        raise InvalidRequest(f"{reference} is in two entries of one transaction.")
    changed.add(reference)


def _failure(response: EntryResponse) -> FhirError:
    members = exact_json.members(response.outcome or "{}")
    return failure(response.status, {member.name: member.value for member in members})

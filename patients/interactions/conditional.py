"""Conditional create, update and delete: criteria say which resource, and one at most may meet them.

https://hl7.org/fhir/R4/http.html#ccreate, #cond-update and #3.1.0.7.1. Whoever decides holds a lock of the
criteria and of the new resource's identifiers until the commit, and looks on the primary: of many who create
the same at once, one does, and the others find what it made.
"""

import uuid
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl

from django.db import transaction

from patients import access, audit
from patients.access import Actor
from patients.audit import AuditEntry
from patients.fhir.criteria import query_pair
from patients.fhir.outcomes import Conflict, InvalidRequest, NotFound, PreconditionFailed
from patients.fhir.patches import Patch
from patients.fhir.resource import Resource
from patients.fhir.validation import validate
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition
from patients.interactions.door import opened
from patients.interactions.patch import patched_change
from patients.interactions.read import current_version
from patients.interactions.results import StoredResource, Written
from patients.interactions.update import require_id
from patients.interactions.visibility import authorise_search, refuse_unreachable
from patients.interactions.writes import ATTEMPTS, require_version
from patients.models import writing
from patients.models.writing import Change, change_to, deletion_of

Answer = TypeVar("Answer")


class _Overtaken(Exception):
    """Somebody else has written what was found; nothing was written."""


def conditional_create(*, actor: Actor, resource: Resource, criteria: str) -> Written:
    """Store the resource unless there is one that meets the criteria: then answer that.

    :raises InvalidRequest: if resources of the type cannot be found by such criteria.
    :raises InvalidResource: if the resource breaks a rule of R4.
    :raises PreconditionFailed: if several meet the criteria.
    """
    type = resource.resource_type
    with opened(actor, "create", type, query=_written(criteria)) as entry:
        condition = _condition(actor, type, criteria)
        validate(resource)

        def create() -> Written:
            found = _found(entry, condition, resource)
            if found is not None:
                return Written(found, is_created=False, is_existing=True)
            entry.outcome = 201
            change = change_to(resource, id=str(uuid.uuid4()), expected_version=0, method="POST")
            return Written(_write(entry, change), is_created=True)

        return _tried(actor, condition, create)


def conditional_update(
    *,
    actor: Actor,
    resource: Resource,
    criteria: str,
    if_match: int | None = None,
    must_be_new: bool = False,
) -> Written:
    """Store the resource as the next version of the one that meets the criteria, or as a new one.

    :raises InvalidRequest: if resources of the type cannot be found by such criteria, or the resource has
        another id than the one found.
    :raises InvalidResource: if the resource breaks a rule of R4.
    :raises PreconditionFailed: if several meet the criteria, the version is not `if_match`, or it
        `must_be_new` and one meets them.
    :raises Conflict: if none meets them, and there is another resource of the id.
    """
    type = resource.resource_type
    with opened(actor, "update", type, query=_written(criteria)) as entry:
        condition = _condition(actor, type, criteria)
        if resource.id is not None:
            require_id(resource, resource.id)
        validate(resource)

        def update() -> Written:
            found = _found(entry, condition, resource)
            id, current = _place_of_update(actor, condition, resource, found)
            require_version(found, if_match, type, id)
            if must_be_new and found:
                raise PreconditionFailed(
                    f"{type}/{id} is there, at version {found.version_id}; it was to be new."
                )
            entry.outcome = 200 if found else 201
            version = current.version_id if current else 0
            written = _write(entry, change_to(resource, id=id, expected_version=version, method="PUT"))
            return Written(written, is_created=found is None)

        return _tried(actor, condition, update)


def conditional_delete(
    *, actor: Actor, resource_type: str, criteria: str, if_match: int | None = None
) -> Written | None:
    """Delete the resource that meets the criteria; None if there is none.

    :raises InvalidRequest: if resources of the type cannot be found by such criteria.
    :raises PreconditionFailed: if several meet the criteria, or the version is not `if_match`.
    """
    with opened(actor, "delete", resource_type, query=_written(criteria)) as entry:
        condition = _condition(actor, resource_type, criteria)
        entry.outcome = 204

        def delete() -> Written | None:
            found = _found(entry, condition)
            if found is None:
                return None
            require_version(found, if_match, resource_type, found.id)
            change = deletion_of(resource_type, id=found.id, expected_version=found.version_id)
            return Written(_write(entry, change), is_created=False)

        return _tried(actor, condition, delete)


def conditional_patch(
    *, actor: Actor, resource_type: str, criteria: str, patch: Patch, if_match: int | None = None
) -> Written:
    """Store what the patch makes of the resource that meets the criteria.

    :raises InvalidRequest: if resources of the type cannot be found by such criteria.
    :raises NotFound: if none meets them.
    :raises PreconditionFailed: if several do, or the version is not `if_match`.
    :raises NotApplicable: if the patch cannot be applied, or what it makes is not valid.
    """
    with opened(actor, "patch", resource_type, query=_written(criteria)) as entry:
        condition = _condition(actor, resource_type, criteria)

        def change() -> Written:
            found = _found(entry, condition)
            if found is None:
                raise NotFound(f"No {resource_type} meets the criteria; there is nothing to patch.")
            require_version(found, if_match, resource_type, found.id)
            entry.outcome = 200
            return Written(_write(entry, patched_change(found, patch)), is_created=False)

        return _tried(actor, condition, change)


def _place_of_update(
    actor: Actor, condition: Condition, resource: Resource, found: StoredResource | None
) -> tuple[str, StoredResource | None]:
    """Return the id under which a conditional update stores the resource, and what is there now.

    :raises InvalidRequest: if the resource has another id than the one found.
    :raises Conflict: if none is found, and there is another resource of the id.
    """
    type, id = resource.resource_type, resource.id
    if found is not None:
        if id not in (None, found.id):
            raise InvalidRequest(
                f"The resource has the id {id!r}; the one that meets the criteria is {type}/{found.id}.",
                expression=(f"{type}.id",),
            )
        return found.id, found
    if id is None:
        return str(uuid.uuid4()), None
    current = current_version(type, id, actor=actor, interaction="update")
    if current and not current[0].is_deleted:
        raise Conflict(f"{type}/{id} is there, but does not meet the criteria {condition.text}.")
    return id, current[0] if current else None


def _condition(actor: Actor, resource_type: str, criteria: str) -> Condition:
    """Read the criteria, and let them look at what they are asked of."""
    condition = conditions.parse(resource_type, criteria)
    authorise_search(actor, condition.asked_types)
    return condition


def _written(criteria: str) -> str:
    """The criteria as an audit row has them: encoded as those of a search are, however they were sent."""
    return "&".join(query_pair(*pair) for pair in parse_qsl(criteria, keep_blank_values=True))


def _tried(actor: Actor, condition: Condition, decide: Callable[[], Answer]) -> Answer:
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                answer = decide()
        except _Overtaken:
            continue
        writing.remember_commit(actor.principal)
        return answer
    raise Conflict(f"{condition.text}: others kept changing what meets this; nothing was changed.")


def _found(entry: AuditEntry, condition: Condition, *resources: Resource) -> StoredResource | None:
    """Return the one that meets the condition, and name it in the entry."""
    conditions.lock([condition], resources)
    ids = conditions.find([condition], sight=access.sight(entry.actor))[condition]
    if len(ids) > 1:
        raise conditions.several(condition)
    if not ids:
        return None
    type, id = condition.resource_type, ids.pop()
    current = current_version(type, id, actor=entry.actor, interaction=entry.interaction)
    if current is None or current[0].is_deleted:
        raise _Overtaken
    stored, known = current
    entry.resource_id, entry.version_id, entry.patients = id, stored.version_id, sorted(known.patients)
    return stored


def _write(entry: AuditEntry, change: Change) -> StoredResource:
    refuse_unreachable(entry.actor, entry.interaction, change, None)
    version = writing.write(change)
    if version is None:
        raise _Overtaken
    written = StoredResource.written(change, version)
    entry.resource_id, entry.version_id, entry.patients = change.id, version.version_id, change.patients
    audit.record(entry)
    return written

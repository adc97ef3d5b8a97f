"""update: the next version of a resource, or its first. https://hl7.org/fhir/R4/http.html#update"""

import re

from patients.access import Actor
from patients.fhir.outcomes import InvalidRequest, PreconditionFailed
from patients.fhir.resource import ID_PATTERN, Resource
from patients.fhir.validation import validate
from patients.interactions.door import opened
from patients.interactions.results import StoredResource, Written
from patients.interactions.writes import require_version, write_guarded
from patients.models.writing import Change, change_to


def update(
    *, actor: Actor, resource: Resource, id: str, if_match: int | None = None, must_be_new: bool = False
) -> Written:
    """Store the resource under `id`; where there is none, or a deleted one, that makes it.

    :raises InvalidRequest: if the resource names another id, or none.
    :raises InvalidResource: if it breaks a rule of R4.
    :raises PreconditionFailed: if the current version is not `if_match`, or it `must_be_new` and is not.
    :raises Conflict: if others kept changing it meanwhile.
    """
    with opened(actor, "update", resource.resource_type, id=id) as entry:
        require_id(resource, id)
        validate(resource)

        def following(current: StoredResource | None) -> Change:
            require_version(current, if_match, resource.resource_type, id)
            if must_be_new and current and not current.is_deleted:
                place = f"{resource.resource_type}/{id}"
                raise PreconditionFailed(
                    f"{place} is there, at version {current.version_id}; it was to be new."
                )
            entry.outcome = 200 if current and not current.is_deleted else 201
            expected = current.version_id if current else 0
            return change_to(resource, id=id, expected_version=expected, method="PUT")

        written = write_guarded(entry, following)
        return Written(written, is_created=entry.outcome == 201)


def require_id(resource: Resource, id: str) -> None:
    # "." and ".." are ids by R4's pattern, but in an address they mean something else.
    if not re.fullmatch(ID_PATTERN, id) or id in (".", ".."):
        raise InvalidRequest(
            f"{id[:80]!r} is not an id: those have 1 to 64 letters, digits, hyphens and dots, not dots alone."
        )
    if resource.id != id:
        named = f"the id {resource.id!r}" if resource.id else "no id"
        raise InvalidRequest(
            f"The resource has {named}; to update {resource.resource_type}/{id} it must have that id.",
            expression=(f"{resource.resource_type}.id",),
        )

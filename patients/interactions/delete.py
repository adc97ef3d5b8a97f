"""delete: a version that says it is gone; the history stays. https://hl7.org/fhir/R4/http.html#delete"""

from patients.access import Actor
from patients.interactions.door import opened
from patients.interactions.results import StoredResource, Written
from patients.interactions.writes import require_version, write_guarded
from patients.models.writing import Change, deletion_of


class _NothingToDelete(Exception):
    """There is none, or it is deleted already."""


def delete(*, actor: Actor, resource_type: str, id: str, if_match: int | None = None) -> Written | None:
    """Delete the resource; None if there is none, or it is deleted already.

    :raises PreconditionFailed: if the current version is not `if_match`.
    :raises Conflict: if others kept changing it meanwhile.
    """
    with opened(actor, "delete", resource_type, id=id) as entry:

        def deletion(current: StoredResource | None) -> Change:
            require_version(current, if_match, resource_type, id)
            if current is None or current.is_deleted:
                raise _NothingToDelete
            return deletion_of(resource_type, id=id, expected_version=current.version_id)

        entry.outcome = 204
        try:
            return Written(write_guarded(entry, deletion), is_created=False)
        except _NothingToDelete:
            return None

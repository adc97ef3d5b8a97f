"""patch: the next version of a resource, made by changes to the current one. https://hl7.org/fhir/R4/http.html#patch"""

from patients.access import Actor
from patients.fhir import resource as resources
from patients.fhir.outcomes import Gone, NotFound
from patients.fhir.patches import Patch, patched
from patients.interactions.door import opened
from patients.interactions.results import StoredResource, Written
from patients.interactions.writes import require_version, write_guarded
from patients.models.writing import Change, change_to


def patch(*, actor: Actor, resource_type: str, id: str, patch: Patch, if_match: int | None = None) -> Written:
    """Store what the patch makes of the current version.

    :raises NotFound: if there is no such resource.
    :raises Gone: if it is deleted.
    :raises PreconditionFailed: if the current version is not `if_match`.
    :raises NotApplicable: if the patch cannot be applied, or what it makes is not valid.
    :raises Conflict: if others kept changing the resource meanwhile.
    """
    with opened(actor, "patch", resource_type, id=id) as entry:

        def following(current: StoredResource | None) -> Change:
            if current is None:
                raise NotFound(f"{resource_type}/{id} is not known.")
            if current.content is None:
                raise Gone(f"{resource_type}/{id} is deleted; its last version is {current.version_id}.")
            require_version(current, if_match, resource_type, id)
            return patched_change(current, patch)

        entry.outcome = 200
        return Written(write_guarded(entry, following), is_created=False)


def patched_change(current: StoredResource, patch: Patch) -> Change:
    """Return the change to what the patch makes of a version that is not deleted."""
    made = patched(resources.parse(current.content or ""), patch)
    # By PUT, as versions hold whole resources: whoever sends a history on can send them as updates.
    return change_to(made, id=current.id, expected_version=current.version_id, method="PUT")

"""read: the current version of a resource. https://hl7.org/fhir/R4/http.html#read"""

from datetime import datetime

from patients.access import Actor
from patients.fhir.outcomes import Gone, NotFound
from patients.interactions.door import opened
from patients.interactions.results import StoredResource
from perf.database import Query, fetch, fetch_primary

# A resource lies in the compartments of those Patients; reading it discloses their data.
CURRENT = Query(
    "read",
    """
    SELECT r.version_id, r.last_updated, r.deleted, v.method, v.content,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id)
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = %s AND r.fhir_id = %s
    """,
)


# `Last-Modified` has whole seconds: of which of a second's versions it tells is not to be seen from it.
_BEFORE_IN_SECOND = Query(
    "read: before in second",
    """
    SELECT 1 FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = %s
    WHERE r.resource_type = %s AND r.fhir_id = %s AND v.last_updated >= %s
    """,
)


def read(
    *, actor: Actor, resource_type: str, id: str, modified_since: datetime | None = None
) -> StoredResource:
    """Answer the current version. With `modified_since` of its very second it tells if no other was of that.

    :raises NotFound: if there is no such resource.
    :raises Gone: if it is deleted.
    """
    with opened(actor, "read", resource_type, id=id) as entry:
        rows = fetch(CURRENT, (resource_type, id), principal=actor.principal)
        if not rows:
            raise NotFound(f"{resource_type}/{id} is not known.")
        version_id, last_updated, is_deleted, method, content, patients = rows[0]
        if is_deleted:
            raise Gone(f"{resource_type}/{id} is deleted; its last version is {version_id}.")
        entry.version_id = version_id
        entry.patients = [id] if resource_type == "Patient" else patients
        second = last_updated.replace(microsecond=0)
        is_only = modified_since == second and not fetch(
            _BEFORE_IN_SECOND, (version_id - 1, resource_type, id, second), principal=actor.principal
        )
        return StoredResource(
            *(resource_type, id, version_id, last_updated, False, method, content),
            is_only_of_its_second=is_only,
        )


def current_version(resource_type: str, id: str) -> StoredResource | None:
    """The current version as the primary has it: what a write is about to replace."""
    rows = fetch_primary(CURRENT, (resource_type, id))
    if not rows:
        return None
    version_id, last_updated, is_deleted, method, content, _ = rows[0]
    return StoredResource(resource_type, id, version_id, last_updated, is_deleted, method, content)

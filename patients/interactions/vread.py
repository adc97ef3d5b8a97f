"""vread: one version of a resource. https://hl7.org/fhir/R4/http.html#vread"""

from patients import access
from patients.access import Actor
from patients.fhir.outcomes import Gone, NotFound
from patients.interactions.door import opened
from patients.interactions.results import StoredResource
from perf import cache
from perf.database import Query, Row, fetch

_VERSION = Query(
    "vread",
    """
    SELECT v.last_updated, v.method, v.content,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id)
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id
    WHERE r.resource_type = %s AND r.fhir_id = %s AND v.version_id = %s
    """,
)
_LARGEST_VERSION = 2**31 - 1


def vread(*, actor: Actor, resource_type: str, id: str, version_id: int) -> StoredResource:
    """Answer the version, from the cache if it is there: a version never changes.

    :raises NotFound: if there is no such version.
    :raises Gone: if the resource was deleted by that version.
    """
    with opened(actor, "vread", resource_type, id=id, version_id=version_id) as entry:
        row = _row(actor, resource_type, id, version_id)
        if row is None:
            raise NotFound(f"{resource_type}/{id} has no version {version_id}.")
        last_updated, method, content, patients = row
        if content is None:
            raise Gone(f"{resource_type}/{id} was deleted by version {version_id}.")
        entry.patients = [id] if resource_type == "Patient" else patients
        return StoredResource(
            *(resource_type, id, version_id, last_updated, False, method, content),
            is_only_of_its_second=True,
        )


def _row(actor: Actor, resource_type: str, id: str, version_id: int) -> Row | None:
    if version_id > _LARGEST_VERSION:
        return None

    def load() -> Row | None:
        rows = fetch(_VERSION, (resource_type, id, version_id), principal=actor.principal)
        return rows[0] if rows else None

    return cache.get_or_load(f"version:{access.scope(actor)}:{resource_type}/{id}/{version_id}", load)

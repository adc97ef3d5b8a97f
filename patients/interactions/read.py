"""read: the current version of a resource. https://hl7.org/fhir/R4/http.html#read"""

from dataclasses import replace
from datetime import datetime

from patients.access import Actor, Facts, facts, policy_of
from patients.fhir.outcomes import Gone, NotFound
from patients.interactions.door import opened
from patients.interactions.results import StoredResource
from patients.interactions.visibility import is_seen, refuse_hidden
from perf.database import Query, Row, fetch, fetch_primary

# A resource lies in the compartments of those Patients; reading it discloses their data.
CURRENT = Query(
    "read",
    f"""
    SELECT r.version_id, r.last_updated, r.deleted, v.method, v.content,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id),
           {facts.COLUMNS}
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = %s AND r.fhir_id = %s
    """,
)
_WITHOUT_CONTENT = Query(
    "resource",
    f"""
    SELECT r.version_id, r.last_updated, r.deleted, NULL, NULL,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id),
           {facts.COLUMNS}
    FROM fhir_resources r
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

    :raises NotFound: if there is no such resource, or it may not be seen.
    :raises Gone: if it is deleted.
    """
    with opened(actor, "read", resource_type, id=id) as entry:
        rows = fetch(CURRENT, (resource_type, id), principal=actor.principal)
        stored, known = _of_row(resource_type, id, rows[0]) if rows else (None, None)
        if stored is None or known is None or not is_seen(actor, "read", stored, known):
            raise NotFound(f"{resource_type}/{id} is not known.")
        if stored.is_deleted:
            raise Gone(f"{resource_type}/{id} is deleted; its last version is {stored.version_id}.")
        entry.version_id, entry.patients = stored.version_id, sorted(known.patients)
        second = stored.last_updated.replace(microsecond=0)
        is_only = modified_since == second and not fetch(
            _BEFORE_IN_SECOND, (stored.version_id - 1, resource_type, id, second), principal=actor.principal
        )
        return replace(stored, is_only_of_its_second=is_only)


def current_version(
    resource_type: str, id: str, *, actor: Actor, interaction: str
) -> tuple[StoredResource, Facts] | None:
    """The current version as the primary has it: what a write is about to replace.

    :raises Forbidden: if the interaction may not meet it.
    """
    rows = fetch_primary(CURRENT, (resource_type, id))
    if not rows:
        return None
    stored, known = _of_row(resource_type, id, rows[0])
    refuse_hidden(actor, interaction, stored, known)
    return stored, known


def resource_now(actor: Actor, resource_type: str, id: str) -> tuple[StoredResource, Facts] | None:
    """The resource as it stands, without its text."""
    rows = fetch(_WITHOUT_CONTENT, (resource_type, id), principal=actor.principal)
    return _of_row(resource_type, id, rows[0]) if rows else None


def require_seen(actor: Actor, interaction: str, resource_type: str, id: str) -> None:
    """Let the interaction look at what there is of the resource.

    :raises NotFound: if there is nothing, or it may not be seen.
    """
    if policy_of(actor).is_all:
        return
    found = resource_now(actor, resource_type, id)
    if found is None or not is_seen(actor, interaction, *found):
        raise NotFound(f"{resource_type}/{id} is not known.")


def _of_row(resource_type: str, id: str, row: Row) -> tuple[StoredResource, Facts]:
    version_id, last_updated, is_deleted, method, content, *told = row
    stored = StoredResource(resource_type, id, version_id, last_updated, is_deleted, method, content)
    return stored, Facts.of_row(resource_type, id, *told)

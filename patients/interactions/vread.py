"""vread: one version of a resource. https://hl7.org/fhir/R4/http.html#vread"""

from patients import access
from patients.access import Actor, Facts
from patients.fhir.outcomes import Gone, NotFound
from patients.interactions.door import opened
from patients.interactions.read import resource_now
from patients.interactions.results import StoredResource
from patients.interactions.visibility import is_seen, is_version_seen
from perf import cache
from perf.database import Query, Row, fetch

_VERSION = Query(
    "vread",
    """
    SELECT v.last_updated, v.method, v.content
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id
    WHERE r.resource_type = %s AND r.fhir_id = %s AND v.version_id = %s
    """,
)
_LARGEST_VERSION = 2**31 - 1


def vread(*, actor: Actor, resource_type: str, id: str, version_id: int) -> StoredResource:
    """Answer the version, from the cache if it is there: a version never changes.

    :raises NotFound: if there is no such version, or it may not be seen.
    :raises Gone: if the resource was deleted by that version.
    """
    with opened(actor, "vread", resource_type, id=id, version_id=version_id) as entry:
        # What decides who sees it may change, though a version never does.
        known = resource_now(actor, resource_type, id)
        row = _row(actor, resource_type, id, version_id) if known else None
        if row is None or known is None or not _is_seen(actor, id, row, known, version_id):
            raise NotFound(f"{resource_type}/{id} has no version {version_id}.")
        last_updated, method, content = row
        if content is None:
            raise Gone(f"{resource_type}/{id} was deleted by version {version_id}.")
        entry.patients = sorted(known[1].patients)
        return StoredResource(
            *(resource_type, id, version_id, last_updated, False, method, content),
            is_only_of_its_second=True,
        )


def _is_seen(actor: Actor, id: str, row: Row, known: tuple[StoredResource, Facts], version_id: int) -> bool:
    stored, as_now = known
    if not is_seen(actor, "vread", stored, as_now):
        return False
    return version_id == stored.version_id or is_version_seen(actor, "vread", id=id, content=row[2])


def _row(actor: Actor, resource_type: str, id: str, version_id: int) -> Row | None:
    if version_id > _LARGEST_VERSION:
        return None

    def load() -> Row | None:
        rows = fetch(_VERSION, (resource_type, id, version_id), principal=actor.principal)
        return rows[0] if rows else None

    return cache.get_or_load(f"version:{access.scope(actor)}:{resource_type}/{id}/{version_id}", load)

"""history of one resource, the newest version first. https://hl7.org/fhir/R4/http.html#history"""

from django.core import signing

from patients.access import Actor
from patients.fhir.outcomes import InvalidCursor, InvalidSearchParameter, NotFound
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT
from patients.interactions.door import opened
from patients.interactions.results import HistoryPage, StoredResource
from perf.database import Query, fetch

_SALT = "patients.interactions.history"
_NEWEST = 2**31 - 1

_VERSIONS = Query(
    "history",
    """
    SELECT r.version_id, v.version_id, v.last_updated, v.method, v.content,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id)
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id
    WHERE r.resource_type = %s AND r.fhir_id = %s AND v.version_id < %s
    ORDER BY v.version_id DESC
    LIMIT %s
    """,
)


def history(
    *, actor: Actor, resource_type: str, id: str, count: int = DEFAULT_COUNT, cursor: str | None = None
) -> HistoryPage:
    """Answer a page of the versions, deletions included.

    :raises NotFound: if there was never such a resource.
    :raises InvalidCursor: if the cursor is not one of this history's.
    """
    with opened(actor, "history", resource_type, id=id) as entry:
        if not 1 <= count <= MAXIMUM_COUNT:
            raise InvalidSearchParameter(
                f"Search parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here."
            )
        before = _read_cursor(cursor, resource_type, id) if cursor else _NEWEST
        rows = fetch(_VERSIONS, (resource_type, id, before, count + 1), principal=actor.principal)
        if not rows:
            raise NotFound(f"{resource_type}/{id} is not known.")
        entry.patients = [id] if resource_type == "Patient" else rows[0][5]
        versions = [
            StoredResource(resource_type, id, version_id, last_updated, content is None, method, content)
            for _, version_id, last_updated, method, content, _ in rows
        ]
        entries, older, following = tuple(versions[:count]), None, None
        if len(versions) > count:
            older = versions[count]
            following = signing.dumps([resource_type, id, entries[-1].version_id], salt=_SALT)
        return HistoryPage(entries, older, following, total=rows[0][0])


def _read_cursor(cursor: str, resource_type: str, id: str) -> int:
    try:
        of_type, of_id, version_id = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    if (of_type, of_id) != (resource_type, id):
        raise InvalidCursor("This '_cursor' belongs to another history; begin with the first page.")
    return int(version_id)

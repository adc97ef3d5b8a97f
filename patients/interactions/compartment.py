"""search of a Patient's compartment by type, newest first. https://hl7.org/fhir/R4/compartmentdefinition.html"""

from datetime import UTC, datetime

from django.core import signing

from patients import access
from patients.access import Actor
from patients.fhir.outcomes import InvalidCursor, InvalidSearchParameter
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT
from patients.interactions.door import opened
from patients.interactions.results import SearchPage, StoredResource
from patients.search.fragments import Fragment, fill
from perf.database import Query, fetch

_SALT = "patients.interactions.compartment"
_FIRST_PAGE = ("9999-12-31T00:00:00Z", 0)

_MEMBERS = """
    SELECT r.fhir_id, r.version_id, r.last_updated, v.method, v.content, c.date::text, c.resource_id
    FROM patient_compartment c
    JOIN fhir_resources r ON r.id = c.resource_id
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE {of_patient} AND {after} AND {seen}
    ORDER BY c.date DESC, c.resource_id DESC
    LIMIT {limit}
    """
_TOTAL = "SELECT count(*) FROM patient_compartment c WHERE {of_patient} AND {seen}"


def compartment(
    *,
    actor: Actor,
    patient_id: str,
    resource_type: str,
    count: int = DEFAULT_COUNT,
    cursor: str | None = None,
) -> SearchPage:
    """Answer a page of the resources of a type that are about the Patient, by clinical date, and their total.

    :raises InvalidCursor: if the cursor is not one of this compartment's.
    """
    query = f"Patient/{patient_id}/{resource_type}"
    as_of = datetime.now(UTC)
    with opened(actor, "search", resource_type, query=query) as entry:
        if not 1 <= count <= MAXIMUM_COUNT:
            raise InvalidSearchParameter(
                f"Search parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here."
            )
        entry.patients = [patient_id]
        date, resource_id = _read_cursor(cursor, query) if cursor else _FIRST_PAGE
        which = {
            "of_patient": Fragment("c.patient_id = %s AND c.resource_type = %s", (patient_id, resource_type)),
            "seen": access.sight(actor).of((resource_type,), "c.resource_id"),
        }
        after = Fragment("(c.date, c.resource_id) < (%s::timestamptz, %s)", (date, resource_id))
        page = fill(_MEMBERS, **which, after=after, limit=Fragment("%s", (count + 1,)))
        rows = fetch(Query("compartment", page.sql), page.params, principal=actor.principal)
        counted = fill(_TOTAL, **which)
        total = fetch(Query("compartment total", counted.sql), counted.params, principal=actor.principal)[0][
            0
        ]
    entries = tuple(
        StoredResource(resource_type, id, version_id, last_updated, False, method, content)
        for id, version_id, last_updated, method, content, _, _ in rows[:count]
    )
    following = None
    if len(rows) > count:
        following = signing.dumps([query, *rows[count - 1][5:]], salt=_SALT)
    return SearchPage(entries, following, total, "compartment", as_of)


def _read_cursor(cursor: str, query: str) -> tuple[str, int]:
    try:
        of_query, date, resource_id = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    if of_query != query:
        raise InvalidCursor("This '_cursor' belongs to another search; begin with the first page.")
    return date, resource_id

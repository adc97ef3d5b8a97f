"""$everything: all that is known about a Patient. https://hl7.org/fhir/R4/patient-operation-everything.html

Three phases, each ordered and paged by key: the Patient; its compartment by type and clinical date; and what
these records refer to that is in nobody's compartment (practitioners, organisations, locations, medications),
each once. For the last phase all records of the compartment are looked through again for each page, which is
bounded by what one patient has, and one level deep: what an organisation refers to is not followed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing

from patients.access import Actor
from patients.fhir.everything import EverythingRequest
from patients.fhir.outcomes import Gone, InvalidCursor, NotFound
from patients.interactions.door import opened
from patients.interactions.results import SearchPage, StoredResource
from patients.models import commits
from perf.database import Query, Row, fetch, replayed

_SALT = "patients.interactions.everything"
_PATIENT, _MEMBERS, _REFERRED_TO = range(3)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST_DATE = "9999-12-31T00:00:00Z"

_CURRENT = Query(
    "everything: patient",
    """
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, v.method, v.content, r.deleted
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = 'Patient' AND r.fhir_id = %s
    """,
)
# In order of the index patient_compartment_by_date. A record without a date is in any range of dates.
_COMPARTMENT = Query(
    "everything: compartment",
    """
    SELECT c.resource_type, r.fhir_id, r.version_id, r.last_updated, v.method, v.content, c.date::text, r.id
    FROM patient_compartment c
    JOIN fhir_resources r ON r.id = c.resource_id
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE c.patient_id = %(patient)s
        AND c.resource_type >= %(after_type)s
        AND (c.resource_type > %(after_type)s
             OR (c.date, c.resource_id) < (%(after_date)s::timestamptz, %(after_id)s))
        AND (%(types)s::text[] IS NULL OR c.resource_type = ANY (%(types)s::text[]))
        AND (%(since)s::timestamptz IS NULL OR r.last_updated > %(since)s::timestamptz)
        AND (c.date < '0001-01-03T00:00:00Z'
             OR (c.date >= coalesce(%(start)s::timestamptz, '-infinity')
                 AND c.date < coalesce(%(end)s::timestamptz, 'infinity')))
        AND NOT (c.resource_type = 'Patient' AND r.fhir_id = %(patient)s)
    ORDER BY c.resource_type, c.date DESC, c.resource_id DESC
    LIMIT %(limit)s
    """,
)
_REFERENCES = Query(
    "everything: references",
    r"""
    WITH records AS (
        SELECT c.resource_id FROM patient_compartment c
        WHERE c.patient_id = %(patient)s
            AND (c.date < '0001-01-03T00:00:00Z'
                 OR (c.date >= coalesce(%(start)s::timestamptz, '-infinity')
                     AND c.date < coalesce(%(end)s::timestamptz, 'infinity')))
        UNION
        SELECT p.id FROM fhir_resources p WHERE p.resource_type = 'Patient' AND p.fhir_id = %(patient)s
    ), named AS MATERIALIZED (
        SELECT DISTINCT split_part(n.text, '/', 1) AS resource_type, split_part(n.text, '/', 2) AS fhir_id
        FROM records m
        JOIN fhir_resources r ON r.id = m.resource_id
        CROSS JOIN LATERAL (
            SELECT f.value #>> '{}' AS text
            FROM jsonb_path_query(r.resource_data, 'strict $.**.reference') AS f(value)
        ) n
        WHERE n.text ~ '^[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?$'
    )
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, v.method, v.content, '', r.id
    FROM named n
    JOIN fhir_resources r ON (r.resource_type, r.fhir_id) = (n.resource_type, n.fhir_id) AND NOT r.deleted
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type <> 'Patient'
        AND (r.resource_type, r.id) > (%(after_type)s, %(after_id)s)
        AND (%(types)s::text[] IS NULL OR r.resource_type = ANY (%(types)s::text[]))
        AND (%(since)s::timestamptz IS NULL OR r.last_updated > %(since)s::timestamptz)
        AND NOT EXISTS (SELECT FROM patient_compartment c WHERE c.resource_id = r.id)
    ORDER BY r.resource_type, r.id
    LIMIT %(limit)s
    """,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The last resource of a page."""

    phase: int = _PATIENT
    resource_type: str = ""
    date: str = _FIRST_DATE
    resource_id: int = 0


def everything(*, actor: Actor, request: EverythingRequest) -> SearchPage:
    """Answer a page of the Patient's records.

    :raises NotFound: if there is no such Patient.
    :raises Gone: if it is deleted.
    :raises InvalidCursor: if the cursor is not one of this request's.
    """
    query = request.address + (f"?{asked}" if (asked := request.query()) else "")
    with opened(actor, "everything", "Patient", id=request.patient_id, query=query) as entry:
        as_of, position = _complete_until(request.since) if request.since else (datetime.now(UTC), 0)
        with replayed(position):
            patient = _patient(actor, request.patient_id)
            after = _read_cursor(request.cursor, query) if request.cursor else None
            rows = _rows(actor, request, patient, after)
        found = rows[: request.count]
        entry.patients = sorted({request.patient_id} | {row[1] for _, row in found if row[0] == "Patient"})
    following = None
    if len(rows) > request.count:
        following = signing.dumps([query, *_key(*found[-1])], salt=_SALT)
    return SearchPage(tuple(_stored(row) for _, row in found), following, None, "compartment", as_of)


def _complete_until(since: datetime) -> tuple[datetime, int]:
    """The moment with which, as the next `_since`, nothing is missed that is unfinished yet.

    What is unfinished may be of `until` itself, and `_since` asks for what is later.
    """
    until, position = commits.complete_until(since)
    before = until - _MILLISECOND
    return max(before, since) if since <= until else before, position


def _patient(actor: Actor, id: str) -> Row:
    rows = fetch(_CURRENT, (id,), principal=actor.principal)
    if not rows:
        raise NotFound(f"Patient/{id} is not known.")
    if rows[0][6]:
        raise Gone(f"Patient/{id} is deleted; its last version is {rows[0][2]}.")
    return rows[0]


def _rows(
    actor: Actor, request: EverythingRequest, patient: Row, after: _Place | None
) -> list[tuple[int, Row]]:
    """The rows after a place, each with its phase; one more than the page holds if there are more."""
    rows: list[tuple[int, Row]] = []
    if after is None and (not request.types or "Patient" in request.types):
        rows.append((_PATIENT, patient))
    for phase, query in ((_MEMBERS, _COMPARTMENT), (_REFERRED_TO, _REFERENCES)):
        missing = request.count + 1 - len(rows)
        if missing > 0 and (after is None or after.phase <= phase):
            place = after if after and after.phase == phase else _Place(phase)
            parameters = _parameters(request, place, missing)
            rows += [(phase, row) for row in fetch(query, parameters, principal=actor.principal)]
    return rows


def _parameters(request: EverythingRequest, after: _Place, limit: int) -> Any:
    return {
        "patient": request.patient_id,
        "types": list(request.types) or None,
        "since": request.since,
        "start": request.start,
        "end": request.end,
        "after_type": after.resource_type,
        "after_date": after.date,
        "after_id": after.resource_id,
        "limit": limit,
    }


def _key(phase: int, row: Row) -> tuple[object, ...]:
    return (phase, "", _FIRST_DATE, 0) if phase == _PATIENT else (phase, row[0], row[6], row[7])


def _stored(row: Row) -> StoredResource:
    resource_type, id, version_id, last_updated, method, content = row[:6]
    return StoredResource(resource_type, id, version_id, last_updated, False, method, content)


def _read_cursor(cursor: str, query: str) -> _Place:
    try:
        of_query, phase, resource_type, date, resource_id = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    if of_query != query:
        raise InvalidCursor("This '_cursor' belongs to another request; begin with the first page.")
    return _Place(phase, resource_type, date, resource_id)

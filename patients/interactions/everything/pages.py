"""A page of a Patient's records, by key.

For each page that ends among what is referred to, all records of the compartment are looked through again,
which is bounded by what one patient has.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing

from patients import access
from patients.access import Actor
from patients.fhir.everything import EverythingRequest
from patients.fhir.outcomes import Gone, InvalidCursor, NotFound
from patients.fhir.search_request import MAXIMUM_COUNT
from patients.interactions.door import opened
from patients.interactions.everything.statements import (
    FIRST_DATE,
    PATIENT,
    compartment,
    parameters,
    references,
)
from patients.interactions.read import require_seen
from patients.interactions.results import SearchPage, StoredResource
from patients.models import commits
from perf.database import Row, fetch, replayed

_SALT = "patients.interactions.everything"
_PATIENT, _MEMBERS, _REFERRED_TO = range(3)
_CONTENT = 5
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """The last resource of a page."""

    phase: int = _PATIENT
    resource_type: str = ""
    date: str = FIRST_DATE
    resource_id: int = 0


def everything(*, actor: Actor, request: EverythingRequest) -> SearchPage:
    """Answer a page of the Patient's records, of 1,000 if the request does not say how many.

    :raises NotFound: if there is no such Patient.
    :raises Gone: if it is deleted.
    :raises InvalidCursor: if the cursor is not one of this request's.
    """
    query = request.address + (f"?{asked}" if (asked := request.query()) else "")
    count = request.count or MAXIMUM_COUNT
    with opened(actor, "everything", "Patient", id=request.patient_id, query=query) as entry:
        as_of, position = complete_until(request.since) if request.since else (datetime.now(UTC), 0)
        with replayed(position):
            patient = existing_patient(actor, request.patient_id)
            after = _read_cursor(request.cursor, query) if request.cursor else None
            rows = _rows(actor, request, patient, after, count + 1)
        found = [(phase, row) for phase, row in rows[:count] if row[_CONTENT] is not None]
        others = {id for _, row in found for id in _patients(row)}
        entry.patients = sorted({request.patient_id} | others)
    following = None
    if len(rows) > len(found):
        following = signing.dumps([query, *_key(*found[-1])], salt=_SALT)
    return SearchPage(tuple(_stored(row) for _, row in found), following, None, "compartment", as_of)


def complete_until(since: datetime) -> tuple[datetime, int]:
    """The moment with which, as the next `_since`, nothing is missed that is unfinished yet.

    What is unfinished may be of `until` itself, and `_since` asks for what is later.
    """
    until, position = commits.complete_until(since)
    before = until - _MILLISECOND
    return max(before, since) if since <= until else before, position


def existing_patient(actor: Actor, id: str) -> Row:
    """The row of the Patient.

    :raises NotFound: if there is no such Patient, or it may not be seen.
    :raises Gone: if it is deleted.
    """
    require_seen(actor, "everything", "Patient", id)
    rows = fetch(PATIENT, (id,), principal=actor.principal)
    if not rows:
        raise NotFound(f"Patient/{id} is not known.")
    if rows[0][6]:
        raise Gone(f"Patient/{id} is deleted; its last version is {rows[0][2]}.")
    return rows[0]


def _rows(
    actor: Actor, request: EverythingRequest, patient: Row, after: _Place | None, limit: int
) -> list[tuple[int, Row]]:
    """The rows after a place, each with its phase; those that do not fit into the page have no text."""
    rows: list[tuple[int, Row]] = []
    if after is None and (not request.types or "Patient" in request.types):
        rows.append((_PATIENT, patient))
    sight = access.sight(actor, "everything")
    for phase, query in ((_MEMBERS, compartment(sight)), (_REFERRED_TO, references(sight))):
        missing = limit - len(rows) if all(row[_CONTENT] is not None for _, row in rows) else 0
        if missing > 0 and (after is None or after.phase <= phase):
            place = after if after and after.phase == phase else _Place(phase)
            asked = parameters(
                request,
                sight,
                after_type=place.resource_type,
                after_date=place.date,
                after_id=place.resource_id,
                limit=missing,
            )
            rows += [(phase, row) for row in fetch(query, asked, principal=actor.principal)]
    return rows


def _patients(row: Row) -> list[str]:
    """Ids of the Patients whose data a row discloses, but for the one who was asked for."""
    own = [row[1]] if row[0] == "Patient" else []
    return own + (row[8] if len(row) > 8 else [])


def _key(phase: int, row: Row) -> tuple[object, ...]:
    return (phase, "", FIRST_DATE, 0) if phase == _PATIENT else (phase, row[0], row[6], row[7])


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

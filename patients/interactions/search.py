"""search of a type, of several, or within a Patient's compartment. https://hl7.org/fhir/R4/http.html#search"""

from dataclasses import replace
from datetime import UTC, datetime

from patients import access
from patients.access import Actor
from patients.fhir.outcomes import NotFound, UnknownSearchParameter
from patients.fhir.search_request import SearchRequest, parse
from patients.interactions.door import opened
from patients.interactions.results import SearchPage, StoredResource, SummaryPage
from patients.interactions.visibility import authorise_search
from patients.models.reindexing import partial_types
from patients.search import paging, patients, resources
from patients.search.patients import PatientPage
from patients.search.resources import ResourceRow
from patients.search.rows import PatientSummaryRow

ANY_TYPE = "Resource"


def search(*, actor: Actor, request: SearchRequest, compartment: str | None = None) -> SearchPage:
    """Answer a page of the resources that meet all criteria; within a Patient's compartment if one is named.

    :raises InvalidCursor: if the request's cursor is not one of this search's.
    :raises ExpiredCursor: if it was given too long ago.
    :raises TooCostly: if an exact total cannot be counted in time, or too much would be included.
    """
    if request.summary == "count":
        request = replace(request, count=0)
    if compartment is not None or not patients.answers(request):
        return _search_lists(actor, request, compartment)
    page, as_of = _find(actor, request, with_content=True)
    entries = tuple(
        StoredResource("Patient", row.patient_id, row.version_id, row.last_updated, False, None, row.content)
        for row in page.rows
    )
    return SearchPage(entries, page.next_cursor, page.total, page.source, as_of)


def search_summaries(*, actor: Actor, request: SearchRequest) -> SummaryPage:
    """Answer the same page as rows of the patient summary, without the resources' text.

    :raises UnknownSearchParameter: if the summary is not searched by one of the criteria.
    """
    if not patients.answers(request) or request.summary or request.elements:
        raise UnknownSearchParameter("The patient summary does not take all of these parameters.")
    page, as_of = _find(actor, request, with_content=False)
    return SummaryPage(page.rows, page.next_cursor, page.total, page.source, as_of)


def read_summary(*, actor: Actor, id: str) -> PatientSummaryRow:
    """Answer the row of one Patient.

    :raises NotFound: if there is no such Patient, or it is deleted.
    """
    with opened(actor, "read", "Patient", id=id) as entry:
        request = parse("Patient", [("_id", id.replace("\\", r"\\").replace(",", r"\,").replace("|", r"\|"))])
        page = patients.find(
            request, principal=actor.principal, with_content=False, sight=access.sight(actor, "read")
        )
        if not page.rows:
            raise NotFound(f"Patient/{id} is not known.")
        entry.version_id, entry.patients = page.rows[0].version_id, [id]
        return page.rows[0]


def _search_lists(actor: Actor, request: SearchRequest, compartment: str | None) -> SearchPage:
    as_of = datetime.now(UTC)
    query = request.query() if compartment is None else f"Patient/{compartment}?{request.query()}"
    with opened(actor, "search", request.resource_type or ANY_TYPE, query=query) as entry:
        authorise_search(actor, request.asked_types)
        turn = paging.turn(request)
        with turn.reading():
            page = resources.find(
                turn.request,
                principal=actor.principal,
                compartment=compartment,
                sight=access.sight(actor),
            )
            partial = partial_types(actor.principal)
        found = [(row.resource_id, row.version_id) for row in page.rows]
        following, left_out = turn.next_cursor(page.next_cursor, found), turn.left_out(found)
        page = replace(page, rows=tuple(row for row in page.rows if row.resource_id not in left_out))
        entry.patients = sorted({*page.patients, *([compartment] if compartment else [])})
    return SearchPage(
        tuple(map(_stored, page.rows)),
        following,
        page.total,
        "lists",
        turn.until or as_of,
        tuple(map(_stored, page.included)),
        tuple(sorted(partial)),
    )


def _stored(row: ResourceRow) -> StoredResource:
    return StoredResource(
        row.resource_type, row.id, row.version_id, row.last_updated, False, None, row.content
    )


def _find(actor: Actor, request: SearchRequest, *, with_content: bool) -> tuple[PatientPage, datetime]:
    as_of = datetime.now(UTC)
    with opened(actor, "search", "Patient", query=request.query()) as entry:
        turn = paging.turn(request)
        with turn.reading():
            page = patients.find(
                turn.request,
                principal=actor.principal,
                with_content=with_content,
                sight=access.sight(actor),
            )
        found = [(row.id, row.version_id) for row in page.rows]
        following, left_out = turn.next_cursor(page.next_cursor, found), turn.left_out(found)
        rows = tuple(row for row in page.rows if row.id not in left_out)
        entry.patients = [row.patient_id for row in rows]
    return replace(page, rows=rows, next_cursor=following), turn.until or as_of

"""$everything of a Patient over HTTP. https://hl7.org/fhir/R4/patient-operation-everything.html"""

from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api import responses
from patients.api.parsers import resource_in
from patients.api.queries import Query, query_of
from patients.api.viewsets import ApiViewSet
from patients.fhir import bundles, everything
from patients.fhir.bundles import Link
from patients.fhir.criteria import query_pair
from patients.fhir.everything import EverythingRequest
from patients.fhir.operation_parameters import pairs_of
from patients.interactions import SearchPage


class EverythingViewSet(ApiViewSet):
    """/fhir/Patient/{id}/$everything"""

    with_parameters = frozenset({"everything"})

    def everything(self, request: Request, id: str) -> Response:
        query = query_of(request)
        posted = pairs_of(resource_in(request)) if request.method == "POST" else ()
        asked = everything.parse(id, (*query.parameters, *posted))
        page = interactions.everything(actor=self.actor, request=asked)
        return Response(_bundle(page, asked, query, base=responses.base_of(request)))


def _bundle(page: SearchPage, asked: EverythingRequest, query: Query, *, base: str) -> str:
    links = [Link("self", _url(asked, asked.cursor, query, base=base))]
    if page.next_cursor:
        links.append(Link("next", _url(asked, page.next_cursor, query, base=base)))
    return bundles.searchset(page.entries, base=base, links=links, as_of=page.as_of)


def _url(asked: EverythingRequest, cursor: str | None, query: Query, *, base: str) -> str:
    representation = "&".join(query_pair(name, text) for name, text in query.representation())
    joined = "&".join(part for part in (asked.query(cursor), representation) if part)
    return f"{base}/{asked.address}?{joined}" if joined else f"{base}/{asked.address}"

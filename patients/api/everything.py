"""$everything of a Patient over HTTP. https://hl7.org/fhir/R4/patient-operation-everything.html

Without `_count` the whole is one Bundle. A large one is sent while it is read. Its length is announced: an
answer that fails midway is shorter than that, which every client of HTTP takes for a failure. (A body whose
length was not announced would come to a proper end, since the web server ends it whatever the reason.)
"""

from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api import responses
from patients.api.inner_requests import InnerRequest
from patients.api.parsers import resource_in
from patients.api.queries import Query, query_of
from patients.api.renderers import JsonRenderer
from patients.api.viewsets import ApiViewSet
from patients.fhir import bundles, everything
from patients.fhir.bundles import Link, Portioned
from patients.fhir.criteria import query_pair
from patients.fhir.everything import EverythingRequest
from patients.fhir.operation_parameters import pairs_of
from patients.interactions import SearchPage, Whole


class EverythingViewSet(ApiViewSet):
    """/fhir/Patient/{id}/$everything"""

    with_parameters = frozenset({"everything"})

    def everything(self, request: Request, id: str) -> HttpResponseBase:
        query = query_of(request)
        posted = pairs_of(resource_in(request)) if request.method == "POST" else ()
        asked = everything.parse(id, (*query.parameters, *posted))
        base = responses.base_of(request)
        # What is indented, or part of another answer, must be held whole: so in pages.
        if asked.is_whole and not query.is_pretty and not isinstance(request._request, InnerRequest):
            found = interactions.everything_whole(actor=self.actor, request=asked)
            return _answer(found, Link("self", _url(asked, None, query, base=base)), base, request)
        page = interactions.everything(actor=self.actor, request=asked)
        return Response(_bundle(page, asked, query, base=base))


def _answer(found: Whole, link: Link, base: str, request: Request) -> HttpResponseBase:
    if found.is_one_portion:
        entries = [each for portion in found.portions() for each in portion]
        return Response(
            bundles.searchset(entries, base=base, links=[link], as_of=found.as_of, total=found.total)
        )
    bundle = Portioned(base, [link], found.as_of, found.total)
    return StreamingHttpResponse(
        _sent(found, bundle),
        content_type=f"{request.accepted_media_type}; charset={JsonRenderer.charset}",
        headers={"Content-Length": str(bundle.length(found.octets))},
    )


def _sent(found: Whole, bundle: Portioned) -> Iterator[bytes]:
    yield bundle.head
    for at, portion in enumerate(found.portions()):
        yield bundle.portion(portion, is_first=at == 0)
    yield bundle.tail


def _bundle(page: SearchPage, asked: EverythingRequest, query: Query, *, base: str) -> str:
    links = [Link("self", _url(asked, asked.cursor, query, base=base))]
    if page.next_cursor:
        links.append(Link("next", _url(asked, page.next_cursor, query, base=base)))
    return bundles.searchset(page.entries, base=base, links=links, as_of=page.as_of)


def _url(asked: EverythingRequest, cursor: str | None, query: Query, *, base: str) -> str:
    representation = "&".join(query_pair(name, text) for name, text in query.representation())
    joined = "&".join(part for part in (asked.query(cursor), representation) if part)
    return f"{base}/{asked.address}?{joined}" if joined else f"{base}/{asked.address}"

"""Pages of results, and the links from one to the next. https://hl7.org/fhir/R4/http.html#paging"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rest_framework.request import Request

from patients.api.queries import Query
from patients.api.responses import base_of
from patients.api.summaries import summary
from patients.fhir import bundles
from patients.fhir.bundles import Link
from patients.fhir.criteria import LONGEST_NAME_SHOWN, query_pair
from patients.fhir.history_request import HistoryRequest
from patients.fhir.outcomes import Issue
from patients.fhir.representations import Representation
from patients.fhir.search_request import SearchRequest
from patients.interactions import HistoryPage, SearchPage, StoredResource, SummaryPage

_READ_FROM_BASE = Issue(
    "informational",
    "The summary view of patients is being rebuilt. This answer was made without it, and is exact.",
    severity="information",
)


def searchset(page: SearchPage, search: SearchRequest, query: Query, *, place: str, request: Request) -> str:
    """Return the bundle of a page of resources; `place` is the address searched, relative to the service."""
    base = base_of(request)
    address = f"{base}/{place}" if place else base
    links = [Link("self", _url(address, search.query(), query))]
    if page.next_cursor:
        links.append(Link("next", _url(address, search.query(cursor=page.next_cursor), query)))
    notes = [_READ_FROM_BASE] if page.source == "base" else []
    notes += [_ignored(name) for name in search.ignored]
    if page.partial_types:
        notes.append(_partial(page.partial_types))
    summary = search.summary if search.summary != "count" else None
    # _elements are those of the types searched; of what is included besides, all is answered.
    return bundles.searchset(
        _shown(page.entries, Representation(summary, search.elements)),
        base=base,
        links=links,
        as_of=page.as_of,
        total=page.total,
        included=_shown(page.included, Representation(summary)),
        notes=notes,
    )


def history(page: HistoryPage, asked: HistoryRequest, query: Query, *, place: str, request: Request) -> str:
    """Return the bundle of a page of versions; `place` is whose history it is, relative to the service."""
    base = base_of(request)
    address = f"{base}/{place}"
    links = [Link("self", _url(address, asked.query(asked.cursor), query))]
    if page.next_cursor:
        links.append(Link("next", _url(address, asked.query(page.next_cursor), query)))
    return bundles.history(page.entries, base=base, links=links, as_of=page.as_of, total=page.total)


def summaries(page: SummaryPage, search: SearchRequest, query: Query, *, request: Request) -> dict[str, Any]:
    """Return a page of rows of the patient summary."""
    address = request.build_absolute_uri(request.path)
    following = _url(address, search.query(cursor=page.next_cursor), query) if page.next_cursor else None
    return {
        "results": [summary(row) for row in page.rows],
        "next": following,
        "total": page.total,
        "as_of": bundles.instant(page.as_of),
        "source": page.source,
    }


def _shown(found: Sequence[StoredResource], part: Representation) -> Sequence[StoredResource]:
    if part.is_whole:
        return found
    return [replace(each, content=part.text(each.content or "", each.resource_type)) for each in found]


def _partial(types: Sequence[str]) -> Issue:
    sentence = (
        f"Resources of these types are being indexed anew: {', '.join(types)}."
        " A search that looks at them may not find all."
    )
    return Issue("incomplete", sentence, severity="warning")


def _ignored(name: str) -> Issue:
    sentence = f"Search parameter {name[:LONGEST_NAME_SHOWN]!r} is not known, and was ignored."
    return Issue("not-supported", sentence, severity="warning")


def _url(address: str, search: str, query: Query) -> str:
    """Return the address with the query string of a search, and how its answer is to look."""
    pairs = [query_pair(name, text.replace(" ", "+")) for name, text in query.representation()]
    joined = "&".join([search, *pairs] if search else pairs)
    return f"{address}?{joined}" if joined else address

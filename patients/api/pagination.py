"""Pages of results, and the links from one to the next. https://hl7.org/fhir/R4/http.html#paging"""

import re
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework.request import Request

from patients.api.queries import Query
from patients.api.responses import base_of
from patients.api.summaries import summary
from patients.fhir import bundles
from patients.fhir.bundles import Link
from patients.fhir.criteria import LONGEST_NAME_SHOWN, check_characters, query_pair
from patients.fhir.outcomes import InvalidSearchParameter, Issue, UnknownSearchParameter
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT, SearchRequest
from patients.interactions import HistoryPage, SearchPage, SummaryPage

_COUNT = re.compile(r"[0-9]{1,9}")
_READ_FROM_BASE = Issue(
    "informational",
    "The summary view of patients is being rebuilt. This answer was made without it, and is exact.",
    severity="information",
)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a history."""

    count: int = DEFAULT_COUNT
    cursor: str | None = None

    def query(self, cursor: str | None) -> str:
        pairs = [query_pair("_count", str(self.count))] if self.count != DEFAULT_COUNT else []
        return "&".join([*pairs, query_pair("_cursor", cursor)] if cursor else pairs)


def paging(query: Query) -> Paging:
    """Return the page that a history is asked for.

    :raises UnknownSearchParameter: if there is a parameter that is not about pages.
    :raises InvalidSearchParameter: if a value cannot be understood.
    """
    given: dict[str, str] = {}
    for name, text in query.parameters:
        if name not in ("_count", "_cursor"):
            shown = name[:LONGEST_NAME_SHOWN]
            raise UnknownSearchParameter(f"Unknown parameter {shown!r}; history takes _count and _cursor.")
        if name in given:
            raise InvalidSearchParameter(f"Parameter {name!r} is given more than once.")
        check_characters(name, text)
        given[name] = text
    return Paging(_count(given.get("_count", str(DEFAULT_COUNT))), given.get("_cursor"))


def searchset(page: SearchPage, search: SearchRequest, query: Query, *, request: Request) -> str:
    """Return the bundle of a page of resources."""
    base = base_of(request)
    address = f"{base}/{search.resource_type}"
    links = [Link("self", _url(address, search.query(), query))]
    if page.next_cursor:
        links.append(Link("next", _url(address, search.query(cursor=page.next_cursor), query)))
    notes = [_READ_FROM_BASE] if page.source == "base" else []
    return bundles.searchset(
        page.entries, base=base, links=links, as_of=page.as_of, total=page.total, notes=notes
    )


def history(page: HistoryPage, paging: Paging, query: Query, *, address: str, request: Request) -> str:
    """Return the bundle of a page of versions."""
    links = [Link("self", _url(address, paging.query(paging.cursor), query))]
    if page.next_cursor:
        links.append(Link("next", _url(address, paging.query(page.next_cursor), query)))
    return bundles.history(
        page.entries,
        older=page.older,
        base=base_of(request),
        links=links,
        as_of=timezone.now(),
        total=page.total,
    )


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


def _count(text: str) -> int:
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= MAXIMUM_COUNT:
        raise InvalidSearchParameter(f"Parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here.")
    return int(text)


def _url(address: str, search: str, query: Query) -> str:
    """Return the address with the query string of a search, and how its answer is to look."""
    pairs = [query_pair(name, text.replace(" ", "+")) for name, text in query.representation()]
    joined = "&".join([search, *pairs] if search else pairs)
    return f"{address}?{joined}" if joined else address

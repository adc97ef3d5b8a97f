"""Search of resources of any type: chooses what finds the rows, runs it, and turns pages.

See docs/architecture.md#search-of-all-types. The order depends on the request alone, never on what finds
the rows: a cursor holds for whatever finds them on the next page.
"""

from typing import Any

import psycopg

from patients.fhir.outcomes import InvalidCursor, TooCostly
from patients.fhir.search_request import SearchRequest
from patients.search import contents, cursors
from patients.search.counting import MOST_OF_A_COUNT
from patients.search.fragments import Fragment
from patients.search.resources import statements
from patients.search.resources.finding import found_of
from patients.search.resources.found import Found, Page
from patients.search.resources.includes import included
from patients.search.resources.orders import Order, order_of
from patients.search.resources.reading import Reader
from patients.search.resources.rows import CONTENT, ResourcePage, ResourceRow
from patients.search.sight import EVERYTHING, Sight


def find(
    request: SearchRequest,
    *,
    principal: str,
    compartment: str | None = None,
    sight: Sight = EVERYTHING,
) -> ResourcePage:
    """Answer a page of the resources that meet all criteria, within a Patient's compartment if one is named.

    :raises InvalidCursor: if the cursor is not one of this search's.
    :raises ExpiredCursor: if it was given too long ago.
    :raises TooCostly: if an exact total cannot be counted in time, or too much is included.
    """
    reader, order = Reader(principal, sight), order_of(request)
    after = _after(request, compartment)
    found = found_of(request, order, reader, compartment)
    rows = _page(found, order, Page(request.count + 1, after), reader) if request.count else []
    width = len(order.columns)
    fitting = contents.fitting(rows[: request.count], CONTENT)
    shown = tuple(ResourceRow(*row[:-width]) for row in fitting)
    following = None
    if len(rows) > len(shown) > 0:
        last = rows[len(shown) - 1]
        following = cursors.write(request, _form(compartment), [*last[-width:], shown[-1].resource_id])
    return ResourcePage(
        shown, included(request.includes, shown, reader), following, _total(request, found, reader)
    )


def matching_ids(request: SearchRequest, *, limit: int = 2, sight: Sight = EVERYTHING) -> list[str]:
    """The ids of the first that match, as the primary has them: for conditional interactions."""
    reader = Reader(None, sight)
    found = found_of(request, order_of(request), reader, None)
    if found is None:
        return []
    return [id for _, id, _ in reader.fetch("search matches", statements.first_ids(found, limit))]


def statement(
    request: SearchRequest,
    *,
    principal: str,
    compartment: str | None = None,
    sight: Sight = EVERYTHING,
) -> Fragment | None:
    """The statement that answers the first page; None if no statement is needed."""
    order = order_of(request)
    found = found_of(request, order, Reader(principal, sight), compartment)
    return statements.page(found, order, Page(request.count + 1)) if found else None


def _page(found: Found | None, order: Order, at: Page, reader: Reader) -> list[tuple[Any, ...]]:
    return reader.fetch("search", statements.page(found, order, at)) if found else []


def _form(compartment: str | None) -> str:
    return "resources" if compartment is None else f"compartment:{compartment}"


def _after(request: SearchRequest, compartment: str | None) -> list[object] | None:
    if not request.cursor:
        return None
    cursor = cursors.read(request)
    if cursor.form != _form(compartment):
        raise InvalidCursor("This '_cursor' belongs to another search; begin with the first page.")
    return cursor.key


def _total(request: SearchRequest, found: Found | None, reader: Reader) -> int | None:
    if request.total == "none" and request.count:
        return None
    if found is None:
        return 0
    try:
        counted = reader.fetch("search total", statements.count(found), most_milliseconds=MOST_OF_A_COUNT)
    except psycopg.errors.QueryCanceled:
        raise TooCostly("This search matches too much to be counted; ask without '_total'.") from None
    return int(counted[0][0])

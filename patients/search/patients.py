"""Search of Patients: chooses the form of the statement, runs it, and turns pages.

See docs/architecture.md#patient-search.

The order, where none is asked for: by name if an index finds the result whole; by the string that matches
if that is met by more than `GATHERED_ROWS`; by date of birth or of last update if only those are asked.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import psycopg
from django.db import transaction

from patients.fhir.criteria import Criterion
from patients.fhir.outcomes import TooCostly
from patients.fhir.search_request import SearchRequest
from patients.search import conditions, contents, cursors, dates, statements, strings, tokens
from patients.search.counting import MOST_OF_A_COUNT
from patients.search.fragments import Fragment, all_of
from patients.search.rows import CONTENT, PatientSummaryRow
from patients.search.sight import EVERYTHING, Sight
from patients.search.statements import Order, Page, Source
from perf import database

GATHERED_ROWS = 1_000
# Where the matching strings are not side by side, there is no order of theirs to read them in: rather more
# rows are gathered than all rows walked through.
SCATTERED_ROWS = 5_000

ORDERS = {
    "_id": ("patient_id", "id"),
    "_lastUpdated": ("last_updated", "id"),
    "birthdate": ("birth_sort", "id"),
    "family": ("family_folded", "given_folded", "id"),
    "given": ("given_folded", "family_folded", "id"),
    "name": ("family_folded", "given_folded", "id"),
}
_BY_NAME = Order(ORDERS["name"])
_TYPES = ("Patient",)

_CODES, _STRINGS, _OTHERS = (
    (None, "missing", "not"),
    (None, "contains", "exact", "missing"),
    (None, "missing"),
)
# What the patient's own row and tables answer, with these modifiers.
_OFFERED: dict[str, tuple[str | None, ...]] = {
    "_id": _OTHERS,
    "_lastUpdated": _OTHERS,
    "active": _CODES,
    "address-city": _STRINGS,
    "birthdate": _OTHERS,
    "deceased": _CODES,
    "email": _OTHERS,
    "family": _STRINGS,
    "gender": _CODES,
    "given": _STRINGS,
    "identifier": _OTHERS,
    "name": _STRINGS,
    "phone": _OTHERS,
    "telecom": _OTHERS,
}


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A page of a result. `source` is "base" while there is no view: as exact, but slower."""

    rows: tuple[PatientSummaryRow, ...]
    next_cursor: str | None
    total: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class _Form:
    """How the statement finds its rows; `key` names it in a cursor, so that pages go on as they began."""

    key: str
    order: Order | None
    driver: Criterion | None = None


def answers(request: SearchRequest) -> bool:
    """Whether this search is one for here, not for the lists that all types have."""
    return (
        request.resource_type == "Patient"
        and not request.includes
        and len(request.sort) <= 1
        and all(key.parameter.name in ORDERS for key in request.sort)
        and all(isinstance(each, Criterion) and _is_offered(each) for each in request.criteria)
    )


def is_by_change(request: SearchRequest) -> bool:
    """Whether the page of the request's cursor goes on in the order of the last change, as it began."""
    form = cursors.read(request).form if request.cursor else ""
    return form == "walk" and _order(request, is_walk=True).columns == ORDERS["_lastUpdated"]


def _criteria(request: SearchRequest) -> tuple[Criterion, ...]:
    return tuple(each for each in request.criteria if isinstance(each, Criterion))


def _is_offered(criterion: Criterion) -> bool:
    return not criterion.chain and criterion.modifier in _OFFERED.get(criterion.parameter.name, ())


def find(
    request: SearchRequest, *, principal: str, with_content: bool, sight: Sight = EVERYTHING
) -> PatientPage:
    """Answer a page of the patients that meet all criteria.

    :raises InvalidCursor: if the cursor is not one of this search's.
    :raises TooCostly: if an exact total cannot be counted in time.
    """
    # Within a transaction a failed statement would fail all that come after it, unless it is in a savepoint.
    guard = transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext()
    try:
        with guard:
            return _find(request, "view", sight, principal=principal, with_content=with_content)
    except (psycopg.errors.UndefinedTable, psycopg.errors.ObjectNotInPrerequisiteState):
        # The view is absent or was never filled; the base table answers the same.
        return _find(request, "base", sight, principal=principal, with_content=with_content)


def statement(
    request: SearchRequest,
    source: Source,
    *,
    principal: str,
    with_content: bool = False,
    sight: Sight = EVERYTHING,
) -> Fragment:
    """The statement that answers the first page."""
    form = _choose(request, principal)
    return _statement(request, form, source, Page(request.count + 1, None, with_content), sight)


def _find(
    request: SearchRequest, source: Source, sight: Sight, *, principal: str, with_content: bool
) -> PatientPage:
    cursor = cursors.read(request) if request.cursor else None
    form = _form_of(request, cursor.form) if cursor else _choose(request, principal)
    rows: Sequence[database.Row] = ()
    if request.count:
        page = Page(request.count + 1, cursor.key if cursor else None, with_content)
        rows = _run("patient search", _statement(request, form, source, page, sight), principal)
    fitting = rows[: request.count]
    if with_content:
        fitting = contents.fitting(fitting, CONTENT)
    shown = tuple(PatientSummaryRow.from_database(row, with_content=with_content) for row in fitting)
    next_cursor = None
    if len(rows) > len(shown) > 0:
        next_cursor = cursors.write(request, form.key, _key(form, shown[-1], rows[len(shown) - 1]))
    return PatientPage(shown, next_cursor, _total(request, source, sight, principal), source)


def _choose(request: SearchRequest, principal: str) -> _Form:
    """The form for a first page; strings are counted first, up to the most that would be gathered."""
    certain = next((each for each in _criteria(request) if _is_surely_selective(each)), None)
    if certain:
        return _form_of(request, f"gather:{_criteria(request).index(certain)}")
    indexed = [
        each for each in _criteria(request) if each.parameter.type == "string" and strings.has_index(each)
    ]
    if indexed:
        counts = _probe(indexed, principal)
        fewest = min(counts)
        at = _criteria(request).index(indexed[counts.index(fewest)])
        if fewest <= _most_gathered(_criteria(request)[at]):
            return _form_of(request, f"gather:{at}")
        if not request.sort and strings.is_one_range(_criteria(request)[at]):
            return _form_of(request, f"match:{at}")
    return _form_of(request, "walk")


def _is_surely_selective(criterion: Criterion) -> bool:
    if criterion.parameter.type == "date":
        return criterion.modifier is None and dates.is_short_range(criterion)
    if criterion.parameter.type != "token":
        return False
    if tokens.is_column(criterion):
        return criterion.parameter.name == "_id" and criterion.modifier is None
    return tokens.has_index(criterion)


def _form_of(request: SearchRequest, key: str) -> _Form:
    kind, _, at = key.partition(":")
    driver = _criteria(request)[int(at)] if at else None
    return _Form(key, None if kind == "match" else _order(request, is_walk=kind == "walk"), driver)


def _order(request: SearchRequest, *, is_walk: bool) -> Order:
    if request.sort:
        return Order(ORDERS[request.sort[0].parameter.name], request.sort[0].is_descending)
    ranges = {each.parameter.name for each in _criteria(request) if each.parameter.type == "date"}
    if is_walk and len(ranges) == 1:
        return Order(ORDERS[ranges.pop()])
    return _BY_NAME


def _most_gathered(criterion: Criterion) -> int:
    return GATHERED_ROWS if strings.is_one_range(criterion) else SCATTERED_ROWS


def _probe(criteria: list[Criterion], principal: str) -> list[int]:
    fragment = statements.probe(
        [(conditions.matching_rows(each), _most_gathered(each) + 1) for each in criteria]
    )
    return list(_run("patient search probe", fragment, principal)[0])


def _statement(request: SearchRequest, form: _Form, source: Source, page: Page, sight: Sight) -> Fragment:
    rows = _rows(request, form, source, page, sight)
    return statements.with_contents(rows, is_match=form.order is None) if page.with_content else rows


def _rows(request: SearchRequest, form: _Form, source: Source, page: Page, sight: Sight) -> Fragment:
    others = [each for each in _criteria(request) if each is not form.driver]
    if form.order is None and form.driver is not None:
        of_id = [conditions.per_row(each, id="f.id") for each in others if conditions.needs_only_id(each)]
        by_id = all_of([*of_id, sight.of(_TYPES, "f.id")])
        by_row = all_of(conditions.per_row(each) for each in others if not conditions.needs_only_id(each))
        return statements.match(source, conditions.matching_rows(form.driver), by_id, by_row, page)
    filters = [*(conditions.per_row(each) for each in others), sight.of(_TYPES, "s.id")]
    order = form.order or _BY_NAME
    if form.driver is None:
        return statements.walk(source, all_of(filters), order, page)
    return statements.gather(source, all_of([conditions.by_index(form.driver), *filters]), order, page)


def _key(form: _Form, row: PatientSummaryRow, raw: database.Row) -> list[object]:
    """Where the next page goes on: the row's values of the columns that order it."""
    if form.order is None:
        return [raw[-1], row.id]
    return [row.sort_value(column) for column in form.order.columns]


def _total(request: SearchRequest, source: Source, sight: Sight, principal: str) -> int | None:
    """The exact number of results, where it is asked for; an estimate is never better than that."""
    if request.total == "none" and request.count:
        return None
    driver = next((each for each in _criteria(request) if _has_index(each)), None)
    found = [
        conditions.by_index(each) if each is driver else conditions.per_row(each)
        for each in _criteria(request)
    ]
    try:
        counted = _run(
            "patient search total",
            statements.count(source, all_of([*found, sight.of(_TYPES, "s.id")])),
            principal,
            most_milliseconds=MOST_OF_A_COUNT,
        )
    except psycopg.errors.QueryCanceled:
        raise TooCostly("This search matches too much to be counted; ask without '_total'.") from None
    return int(counted[0][0])


def _has_index(criterion: Criterion) -> bool:
    if criterion.parameter.type == "string":
        return strings.has_index(criterion)
    return _is_surely_selective(criterion)


def _run(
    name: str, fragment: Fragment, principal: str, *, most_milliseconds: int | None = None
) -> list[database.Row]:
    query = database.Query(name, fragment.sql, most_milliseconds)
    return database.fetch(query, fragment.params, principal=principal)

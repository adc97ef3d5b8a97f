"""The forms a search takes in SQL, of resources of any type.

- *list*: the lists of one criterion's keys are read in order until the page is full;
- *type*: the same with all resources of the types, in the order of their date or of their last change;
- *gather*: an index finds the ids, which are fetched whole and sorted.

The form decides how rows are found, never the planner: `OFFSET 0` and MATERIALIZED are fences, and a limit is
written into the statement, since as a parameter it would be guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from patients.search.fragments import TRUE, Fragment, all_of, fill, join
from patients.search.resources.conditions import of_types
from patients.search.resources.orders import Order
from patients.search.resources.rows import SHOWN

MOST_PROBED = 1_001

_LISTED = (
    "SELECT l.date, l.resource_id FROM unnest(%s::uuid[]) AS k(key)"
    " CROSS JOIN LATERAL (SELECT l.date, l.resource_id FROM search_list l WHERE l.key = k.key OFFSET 0) l"
)
_ROW = Fragment("(SELECT * FROM search_resources x WHERE x.resource_id = d.resource_id OFFSET 0)")


@dataclass(frozen=True, slots=True)
class Found:
    """Which rows are asked: those in the lists of `keys`, those with the `ids` of a statement, or all.

    `condition` is what each of them (alias `s`) is asked.
    """

    types: tuple[str, ...]
    condition: Fragment = TRUE
    keys: tuple[UUID, ...] | None = None
    ids: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Page:
    limit: int
    after: Sequence[object] | None = None


def page(found: Found, order: Order, at: Page) -> Fragment:
    """The rows of a page, with their sort values as text at the end."""
    return fill(
        """
        WITH p AS MATERIALIZED ({rows})
        SELECT {shown}, {values}
        FROM p CROSS JOIN LATERAL (SELECT * FROM fhir_resources x WHERE x.id = p.resource_id OFFSET 0) r
        ORDER BY {order}
        """,
        rows=_rows(found, order, at),
        shown=Fragment(SHOWN),
        values=Fragment(", ".join(f"p.k{at}::text" for at in range(len(order.columns)))),
        order=order.by("p"),
    )


def count(found: Found) -> Fragment:
    """How many there are, exactly."""
    return fill("SELECT count(*) FROM ({rows}) s", rows=_all(found, Fragment("1 AS one")))


def probe(candidates: Sequence[Fragment]) -> Fragment:
    """How many ids each statement finds, counted no further than `MOST_PROBED`."""
    counts = [
        fill(f"(SELECT count(*) FROM ({{ids}} LIMIT {MOST_PROBED}) t)", ids=candidate)
        for candidate in candidates
    ]
    return fill("SELECT {counts}", counts=join(", ", counts))


def first_ids(found: Found, limit: int) -> Fragment:
    """Type, id and row id of some that match, no more than `limit`."""
    return fill(
        "SELECT r.resource_type, r.fhir_id, r.id FROM ({rows} LIMIT {limit}) s"
        " JOIN fhir_resources r ON r.id = s.resource_id",
        rows=_all(found, Fragment("s.resource_id")),
        limit=Fragment(str(limit)),
    )


def ids_in_lists(keys: Sequence[UUID]) -> Fragment:
    """The ids in the lists of these keys; one may come several times."""
    return Fragment(f"SELECT l.resource_id FROM ({_LISTED}) l", (list(keys),))


def _rows(found: Found, order: Order, at: Page) -> Fragment:
    if found.ids is not None or order.walked is None:
        return _gather(found, order, at)
    if found.keys is not None and order.walked == "date":
        return _walk_lists(found, order, at)
    if found.keys is not None:
        return _gather(found, order, at)
    return _walk_types(found, order, at)


def _walk_lists(found: Found, order: Order, at: Page) -> Fragment:
    return fill(
        """
        SELECT DISTINCT b.k0, b.resource_id
        FROM {keys} CROSS JOIN LATERAL (
            SELECT d.date AS k0, d.resource_id
            FROM (
                SELECT l.date, l.resource_id FROM search_list l
                WHERE l.key = k.key AND {after} ORDER BY {listed} OFFSET 0
            ) d
            CROSS JOIN LATERAL {row} s
            WHERE {condition} ORDER BY {order} LIMIT {limit}
        ) b
        ORDER BY {merged} LIMIT {limit}
        """,
        keys=Fragment("unnest(%s::uuid[]) AS k(key)", (list(found.keys or ()),)),
        after=order.walked_after("l", at.after),
        listed=order.walked_by("l"),
        row=_ROW,
        condition=found.condition,
        order=order.walked_by("d"),
        merged=order.by("b"),
        limit=_limit(at),
    )


def _walk_types(found: Found, order: Order, at: Page) -> Fragment:
    return fill(
        """
        SELECT b.k0, b.resource_id
        FROM {types} CROSS JOIN LATERAL (
            SELECT {column} AS k0, s.resource_id FROM search_resources s
            WHERE s.resource_type = k.resource_type AND {after} AND {condition}
            ORDER BY {order} LIMIT {limit}
        ) b
        ORDER BY {merged} LIMIT {limit}
        """,
        types=Fragment("unnest(%s::text[]) AS k(resource_type)", (list(found.types),)),
        column=Fragment(f"s.{order.walked}"),
        after=order.walked_after("s", at.after),
        condition=found.condition,
        order=order.walked_by("s"),
        merged=order.by("b"),
        limit=_limit(at),
    )


def _gather(found: Found, order: Order, at: Page) -> Fragment:
    return fill(
        """
        SELECT * FROM ({rows} OFFSET 0) g WHERE {after} ORDER BY {order} LIMIT {limit}
        """,
        rows=_all(found, join(", ", [Fragment("s.resource_id"), order.selected()])),
        after=order.after("g", at.after),
        order=order.by("g"),
        limit=_limit(at),
    )


def _all(found: Found, columns: Fragment) -> Fragment:
    """Every row that matches, once, in no order."""
    ids = ids_in_lists(found.keys) if found.keys is not None else found.ids
    condition = all_of([of_types("s", found.types), found.condition])
    if ids is None:
        return fill(
            "SELECT {columns} FROM search_resources s WHERE {condition}", columns=columns, condition=condition
        )
    return fill(
        "SELECT {columns} FROM (SELECT DISTINCT i.resource_id FROM ({ids}) AS i(resource_id) OFFSET 0) d"
        " CROSS JOIN LATERAL {row} s WHERE {condition}",
        columns=columns,
        ids=ids,
        row=_ROW,
        condition=condition,
    )


def _limit(at: Page) -> Fragment:
    return Fragment(str(at.limit))

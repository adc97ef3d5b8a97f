"""The form *gather*: an index finds the ids, whose rows are fetched whole and sorted."""

from collections.abc import Sequence
from uuid import UUID

from patients.search.fragments import Fragment, all_of, fill, join
from patients.search.resources.bounds import EVERYWHERE, Bounds
from patients.search.resources.conditions import of_types
from patients.search.resources.found import Found, Page
from patients.search.resources.orders import Order

ROW = Fragment("(SELECT * FROM search_resources x WHERE x.resource_id = d.resource_id OFFSET 0)")


def gather(found: Found, order: Order, at: Page) -> Fragment:
    return fill(
        """
        SELECT * FROM ({rows} OFFSET 0) g WHERE {after} ORDER BY {order} LIMIT {limit}
        """,
        rows=every(found, join(", ", [Fragment("s.resource_id"), order.selected()])),
        after=order.after("g", at.after),
        order=order.by("g"),
        limit=Fragment(str(at.limit)),
    )


def every(found: Found, columns: Fragment) -> Fragment:
    """Every row that matches, once, in no order."""
    rows = _every(found, columns)
    outside = found.outside
    return join(" UNION ALL ", [rows, _every(outside, columns)]) if outside else rows


def ids_in_lists(keys: Sequence[UUID], bounds: Bounds = EVERYWHERE) -> Fragment:
    """The ids in the lists of these keys; one may come several times."""
    return fill(
        "SELECT l.resource_id FROM {keys} CROSS JOIN LATERAL"
        " (SELECT l.resource_id FROM search_list l WHERE l.key = k.key AND {within} OFFSET 0) l",
        keys=Fragment("unnest(%s::uuid[]) AS k(key)", (list(keys),)),
        within=bounds.of("l.date"),
    )


def _every(found: Found, columns: Fragment) -> Fragment:
    condition = all_of([of_types("s", found.types), found.condition])
    if found.keys is None and found.ids is None:
        return fill(
            "SELECT {columns} FROM search_resources s WHERE {within} AND {condition}",
            columns=columns,
            within=found.bounds.of("s.date"),
            condition=condition,
        )
    ids = ids_in_lists(found.keys, found.bounds) if found.keys is not None else found.ids
    return fill(
        "SELECT {columns} FROM (SELECT DISTINCT i.resource_id FROM ({ids}) AS i(resource_id) OFFSET 0) d"
        " CROSS JOIN LATERAL {row} s WHERE {condition}",
        columns=columns,
        ids=ids or Fragment(""),
        row=ROW,
        condition=condition,
    )

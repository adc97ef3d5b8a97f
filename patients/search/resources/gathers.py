"""The form *gather*: an index finds the ids, whose rows are fetched whole and sorted."""

from collections.abc import Sequence
from uuid import UUID

from patients.search.fragments import Fragment, all_of, fill, join
from patients.search.resources.conditions import of_types
from patients.search.resources.found import Found, Page
from patients.search.resources.orders import Order

ROW = Fragment("(SELECT * FROM search_resources x WHERE x.resource_id = d.resource_id OFFSET 0)")

_LISTED = (
    "SELECT l.date, l.resource_id FROM unnest(%s::uuid[]) AS k(key)"
    " CROSS JOIN LATERAL (SELECT l.date, l.resource_id FROM search_list l WHERE l.key = k.key OFFSET 0) l"
)


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
        row=ROW,
        condition=condition,
    )


def ids_in_lists(keys: Sequence[UUID]) -> Fragment:
    """The ids in the lists of these keys; one may come several times."""
    return Fragment(f"SELECT l.resource_id FROM ({_LISTED}) l", (list(keys),))

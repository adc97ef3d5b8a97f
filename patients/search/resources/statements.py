"""The forms a search takes in SQL, of resources of any type.

- *list*: the lists of one criterion's keys are read in order until the page is full (`walks.py`);
- *type*: the same with all resources of the types, in the order of their date or of their last change;
- *gather*: an index finds the ids, which are fetched whole and sorted (`gathers.py`).

The form decides how rows are found, never the planner: `OFFSET 0` and MATERIALIZED are fences, and a limit is
written into the statement, since as a parameter it would be guessed.
"""

from collections.abc import Sequence
from uuid import UUID

from patients.search import contents
from patients.search.fragments import TRUE, Fragment, fill, join
from patients.search.resources.bounds import Bounds
from patients.search.resources.found import Found, Page
from patients.search.resources.gathers import every, gather
from patients.search.resources.orders import Order
from patients.search.resources.rows import shown
from patients.search.resources.walks import walk

MOST_PROBED = 1_001
# Of so many lists one tells enough of the others.
_MOST_REACHED = 8


def page(found: Found, order: Order, at: Page) -> Fragment:
    """The rows of a page, with their sort values as text at the end; text as far as it fits."""
    return fill(
        """
        WITH p AS MATERIALIZED ({rows})
        SELECT {shown}, {values}
        FROM p CROSS JOIN LATERAL (SELECT * FROM fhir_resources x WHERE x.id = p.resource_id OFFSET 0) r
        {version}
        WINDOW w AS (ORDER BY {order} ROWS UNBOUNDED PRECEDING)
        ORDER BY {order}
        """,
        rows=(walk if _is_walked(found, order) else gather)(found, order, at),
        shown=shown("w"),
        version=contents.version_of("r"),
        values=Fragment(", ".join(f"p.k{at}::text" for at in range(len(order.columns)))),
        order=order.by("p"),
    )


def count(found: Found) -> Fragment:
    """How many there are, exactly; of one list whose rows need not be fetched, its entries."""
    is_told_by_entries = found.condition == TRUE or (found.of_entry != TRUE and found.of_row == TRUE)
    if found.keys is not None and len(found.keys) == 1 and is_told_by_entries:
        return fill(
            "SELECT count(*) FROM search_list d WHERE d.key = {key} AND {of_entry}",
            key=Fragment("%s", found.keys),
            of_entry=found.of_entry,
        )
    return fill("SELECT count(*) FROM ({rows}) s", rows=every(found, Fragment("1 AS one")))


def probe(candidates: Sequence[Fragment], limit: int = MOST_PROBED) -> Fragment:
    """How many ids each statement finds, counted no further than the limit."""
    counts = [
        fill(f"(SELECT count(*) FROM ({{ids}} LIMIT {limit}) t)", ids=candidate) for candidate in candidates
    ]
    return fill("SELECT {counts}", counts=join(", ", counts))


def reach(keys: Sequence[UUID], bounds: Bounds) -> Fragment:
    """How far back the newest of these lists' entries reach, of the list that reaches the least."""
    return fill(
        f"""(
            SELECT max(n.date) FROM {{keys}} CROSS JOIN LATERAL (
                SELECT min(e.date) AS date FROM (
                    SELECT l.date FROM search_list l WHERE l.key = k.key AND {{within}}
                    ORDER BY l.date DESC, l.resource_id DESC LIMIT {MOST_PROBED}
                ) e
            ) n
        )::text""",
        keys=Fragment("unnest(%s::uuid[]) AS k(key)", (list(keys[:_MOST_REACHED]),)),
        within=bounds.of("l.date"),
    )


def first_ids(found: Found, limit: int) -> Fragment:
    """Type, id and row id of some that match, no more than `limit`."""
    return fill(
        "SELECT r.resource_type, r.fhir_id, r.id FROM ({rows} LIMIT {limit}) s"
        " JOIN fhir_resources r ON r.id = s.resource_id",
        rows=every(found, Fragment("s.resource_id")),
        limit=Fragment(str(limit)),
    )


def _is_walked(found: Found, order: Order) -> bool:
    if found.ids is not None or order.walked is None:
        return False
    return found.keys is None or order.walked == "date"

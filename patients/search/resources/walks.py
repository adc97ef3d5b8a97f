"""The forms *list* and *type*: an index is read in the order asked for, until the page is full.

Rows without the value that is sorted by come last. Where the index has them elsewhere, they are read for
themselves, and only if the others have not filled the page.
"""

from collections.abc import Callable
from dataclasses import replace

from patients.search.fragments import TRUE, Fragment, all_of, fill
from patients.search.resources.found import Found, Page
from patients.search.resources.gathers import ROW, gather
from patients.search.resources.orders import Order

# All, but the planner can't tell: it reckons with a part, so with what comes first. After `OFFSET 0` it would
# reckon with all of a list, which to fetch and to sort may seem cheaper than to walk through it.
_NO_LIMIT = Fragment("(SELECT 9223372036854775807)")
# What the index may be read of, by the alias of its columns.
_Reach = Callable[[str], Fragment]


def walk(found: Found, order: Order, at: Page) -> Fragment:
    rows = _within(found, order, at)
    return _followed(rows, gather(found.outside, order, at), TRUE, order, at) if found.outside else rows


def _within(found: Found, order: Order, at: Page) -> Fragment:
    if order.gaps is None:
        return _read(found, order, at, lambda alias: order.walked_after(alias, at.after))
    if order.is_in_gaps(at.after):
        return _gaps(found, order, at)
    is_short = Fragment(f"(SELECT count(*) FROM w) < {at.limit}")
    return _followed(_valued(found, order, at), _gaps(found, order, Page(at.limit)), is_short, order, at)


def _followed(rows: Fragment, others: Fragment, condition: Fragment, order: Order, at: Page) -> Fragment:
    """The page's rows of both; of the others only if the condition (on the rows as `w`) is met."""
    return fill(
        """
        WITH w AS MATERIALIZED ({rows})
        SELECT b.* FROM (
            SELECT w.k0, w.resource_id FROM w
            UNION ALL
            SELECT g.k0, g.resource_id FROM ({others}) g WHERE {condition}
        ) b
        ORDER BY {order} LIMIT {limit}
        """,
        rows=rows,
        others=others,
        condition=condition,
        order=order.by("b"),
        limit=_limit(at),
    )


def _valued(found: Found, order: Order, at: Page) -> Fragment:
    if not order.gaps_stand_at_no_date and order.gaps is not None:
        has_value = Fragment(f"NOT ({order.gaps.sql})", order.gaps.params)
        found = replace(
            found,
            condition=all_of([has_value, found.condition]),
            of_row=all_of([has_value, found.of_row]),
        )
    return _read(
        found,
        order,
        at,
        lambda alias: all_of([order.walked_valued(alias), order.walked_after(alias, at.after)]),
    )


def _gaps(found: Found, order: Order, at: Page) -> Fragment:
    if order.gaps_stand_at_no_date:
        return _read(found, order, at, lambda alias: order.walked_gaps(alias, at.after))
    gaps = order.gaps or TRUE
    return gather(replace(found, condition=all_of([gaps, found.condition])), order, at)


def _read(found: Found, order: Order, at: Page, reach: _Reach) -> Fragment:
    def within(alias: str) -> Fragment:
        return all_of([reach(alias), found.bounds.of(f"{alias}.date")])

    return (_read_types if found.keys is None else _read_lists)(found, order, at, within)


def _read_lists(found: Found, order: Order, at: Page, reach: _Reach) -> Fragment:
    # What is asked of the entry alone is asked first: most rows need not be fetched.
    row = fill(" CROSS JOIN LATERAL {row} s", row=ROW) if found.of_row != TRUE else Fragment("")
    return fill(
        """
        SELECT b.k0, b.resource_id FROM (
            SELECT DISTINCT b.k0, b.resource_id
            FROM {keys} CROSS JOIN LATERAL (
                SELECT {value} AS k0, d.resource_id
                FROM (
                    SELECT l.date, l.resource_id FROM search_list l
                    WHERE l.key = k.key AND {reach} ORDER BY {listed} LIMIT {unknown}
                ) d{row}
                WHERE {is_met} ORDER BY {order} LIMIT {limit}
            ) b
        ) b
        ORDER BY {merged} LIMIT {limit}
        """,
        keys=Fragment("unnest(%s::uuid[]) AS k(key)", (list(found.keys or ()),)),
        value=order.walked_value("d"),
        reach=reach("l"),
        listed=order.walked_by("l"),
        unknown=_NO_LIMIT,
        row=row,
        is_met=_unguessed(all_of([found.of_entry, found.of_row])),
        order=order.walked_by("d"),
        merged=order.by("b"),
        limit=_limit(at),
    )


def _read_types(found: Found, order: Order, at: Page, reach: _Reach) -> Fragment:
    return fill(
        """
        SELECT b.k0, b.resource_id
        FROM {types} CROSS JOIN LATERAL (
            SELECT {value} AS k0, s.resource_id FROM search_resources s
            WHERE s.resource_type = k.resource_type AND {reach} AND {is_met}
            ORDER BY {order} LIMIT {limit}
        ) b
        ORDER BY {merged} LIMIT {limit}
        """,
        types=Fragment("unnest(%s::text[]) AS k(resource_type)", (list(found.types),)),
        value=order.walked_value("s"),
        reach=reach("s"),
        is_met=_unguessed(found.condition),
        order=order.walked_by("s"),
        merged=order.by("b"),
        limit=_limit(at),
    )


def _unguessed(condition: Fragment) -> Fragment:
    """The condition as one that the planner thinks half of the rows meet, whatever it believes of them.

    Thought to be met by very few, it would have all rows fetched and those few sorted.
    """
    return (
        condition if condition == TRUE else fill("CASE WHEN {condition} THEN true END", condition=condition)
    )


def _limit(at: Page) -> Fragment:
    return Fragment(str(at.limit))

"""The forms a patient search takes in SQL.

Rows come from the view without those that have a newer row in the delta, and from the delta; or from the
base table while there is no view. The form decides how they are found, never the planner:

- *gather*: an index finds few rows, which are fetched and sorted;
- *walk*: rows are read in the order asked for, until the page is full;
- *match*: rows are read in the order of the string that matches, until the page is full.

`OFFSET 0` keeps a subquery from being turned into a join, and MATERIALIZED a set from being sought by
walking an order: with both a page costs the same under any plan and at any size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from patients.models.summary import COLUMNS
from patients.search import contents, strings
from patients.search.fragments import TRUE, Fragment, all_of, fill, join

Source = Literal["view", "base"]

SHOWN_COLUMNS = tuple(column for column in COLUMNS if column != "birth_sort")

_NOT_IN_DELTA = Fragment("NOT EXISTS (SELECT 1 FROM patient_summary_delta d WHERE d.id = s.id OFFSET 0)")
_BRANCHES: dict[Source, tuple[tuple[Fragment, Fragment], ...]] = {
    "view": (
        (Fragment("patient_summary s"), _NOT_IN_DELTA),
        (Fragment("patient_summary_delta s"), Fragment("NOT s.gone")),
    ),
    "base": ((Fragment("patient_index s"), TRUE),),
}

_ROWS = Fragment(", ".join(f"s.{column}" for column in COLUMNS))
_SHOWN = Fragment(", ".join(f"s.{column}" for column in SHOWN_COLUMNS))


@dataclass(frozen=True, slots=True)
class Order:
    """The columns by which rows are ordered; the last is unique, so that the order is total."""

    columns: tuple[str, ...]
    is_descending: bool = False

    def by(self) -> Fragment:
        way = " DESC" if self.is_descending else ""
        return Fragment(", ".join(f"s.{column}{way}" for column in self.columns))

    def after(self, key: Sequence[object] | None) -> Fragment:
        if key is None:
            return TRUE
        columns = ", ".join(f"s.{column}" for column in self.columns)
        slots = ", ".join(["%s"] * len(self.columns))
        return Fragment(f"({columns}) {'<' if self.is_descending else '>'} ({slots})", tuple(key))


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a result: how many, after which key, with the resource's text or without."""

    limit: int
    after: Sequence[object] | None = None
    with_content: bool = False


def with_contents(rows: Fragment, *, is_match: bool) -> Fragment:
    """The rows of a page in their order, with the resources' texts as far as they fit into it."""
    return fill(
        """
        SELECT {shown}, {content}{matched}
        FROM (SELECT i.*, row_number() OVER () AS place FROM ({rows}) i) s
        {version}
        WINDOW w AS (ORDER BY s.place ROWS UNBOUNDED PRECEDING)
        ORDER BY s.place
        """,
        shown=_SHOWN,
        content=contents.content("w"),
        matched=Fragment(", s.matched" if is_match else ""),
        rows=rows,
        version=contents.version_of("s"),
    )


def gather(source: Source, condition: Fragment, order: Order, page: Page) -> Fragment:
    """Fetch all rows that meet the condition, whose index finds them, then sort."""
    return fill(
        """
        WITH s AS MATERIALIZED ({found})
        SELECT {columns} FROM s WHERE {after} ORDER BY {order} LIMIT {limit}
        """,
        found=_union(source, condition),
        columns=_SHOWN,
        after=order.after(page.after),
        order=order.by(),
        limit=_limit(page),
    )


def walk(source: Source, condition: Fragment, order: Order, page: Page) -> Fragment:
    """Read each branch in order until it has filled the page, then merge."""
    branches = [
        fill(
            "(SELECT {rows} FROM {relation} WHERE {condition} ORDER BY {order} LIMIT {limit})",
            rows=_ROWS,
            relation=relation,
            condition=all_of([order.after(page.after), live, condition]),
            order=order.by(),
            limit=_limit(page),
        )
        for relation, live in _BRANCHES[source]
    ]
    return fill(
        "SELECT {columns} FROM ({branches}) s ORDER BY {order} LIMIT {limit}",
        columns=_SHOWN,
        branches=join(" UNION ALL ", branches),
        order=order.by(),
        limit=_limit(page),
    )


def match(
    source: Source, strings_condition: Fragment, by_id: Fragment, by_row: Fragment, page: Page
) -> Fragment:
    """Read the matching strings in order, of each patient the first, until the page is full.

    What can be asked of the id alone (`by_id`, of `f.id`) is asked before the patient's row is fetched.
    """
    earlier = fill(
        "NOT EXISTS (SELECT 1 FROM search_strings t WHERE t.resource_id = f.id AND {matches}"
        " AND ({key}, t.exact_hash) < (f.key, f.exact_hash) OFFSET 0)",
        matches=strings_condition,
        key=Fragment(strings.KEY),
    )
    after = Fragment(f"({strings.KEY}, t.resource_id) > (%s, %s)", tuple(page.after)) if page.after else TRUE
    return fill(
        """
        SELECT {columns}, f.key AS matched
        FROM (
            SELECT * FROM (
                SELECT {key} AS key, t.resource_id AS id, t.exact_hash
                FROM search_strings t
                WHERE {matches}
                ORDER BY {key}, t.resource_id, t.exact_hash
                OFFSET 0
            ) f
            WHERE {by_id} AND {first}
            ORDER BY f.key, f.id
            OFFSET 0
        ) f
        CROSS JOIN LATERAL ({row} OFFSET 0) s
        WHERE {by_row}
        ORDER BY f.key, f.id
        LIMIT {limit}
        """,
        columns=_SHOWN,
        key=Fragment(strings.KEY),
        matches=all_of([strings_condition, after]),
        row=_union(source, Fragment("s.id = f.id")),
        first=earlier,
        by_id=by_id,
        by_row=by_row,
        limit=_limit(page),
    )


def count(source: Source, condition: Fragment) -> Fragment:
    """How many rows meet the condition, exactly."""
    counts = [
        fill(
            "(SELECT count(*) FROM {relation} WHERE {condition})",
            relation=relation,
            condition=all_of([live, condition]),
        )
        for relation, live in _BRANCHES[source]
    ]
    return fill("SELECT {sum}", sum=join(" + ", counts))


def probe(strings_conditions: Sequence[tuple[Fragment, int]]) -> Fragment:
    """How many strings each condition matches, counted no further than its limit."""
    counts = [
        fill(
            "(SELECT count(*) FROM (SELECT 1 FROM search_strings t WHERE {condition} LIMIT {limit}) t)",
            condition=condition,
            limit=Fragment(str(limit)),
        )
        for condition, limit in strings_conditions
    ]
    return fill("SELECT {counts}", counts=join(", ", counts))


def _union(source: Source, condition: Fragment) -> Fragment:
    return join(
        " UNION ALL ",
        [
            fill(
                "SELECT {rows} FROM {relation} WHERE {condition}",
                rows=_ROWS,
                relation=relation,
                condition=all_of([live, condition]),
            )
            for relation, live in _BRANCHES[source]
        ],
    )


def _limit(page: Page) -> Fragment:
    # Written into the statement: as a parameter it would be guessed at a tenth of all rows.
    return Fragment(str(page.limit))

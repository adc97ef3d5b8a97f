"""How PostgreSQL runs a statement, as both of its planners would."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections

from patients.search.fragments import Fragment
from perf import database


@dataclass(frozen=True)
class Plan:
    """The nodes of a plan: (kind, relation, index), and what it took: rows, and pages of 8 kB."""

    nodes: tuple[tuple[str, str | None, str | None], ...]
    rows_removed: int
    rows_read: int
    buffers: int

    @property
    def indexes(self) -> set[str]:
        return {index for _, _, index in self.nodes if index}

    @property
    def scanned(self) -> set[str]:
        """Relations that are read from end to end."""
        return {relation for kind, relation, _ in self.nodes if kind == "Seq Scan" and relation}


def plan_of(fragment: Fragment, *, mode: str) -> Plan:
    """Run the statement prepared, under `force_generic_plan` or `force_custom_plan`."""
    connection = database.raw_connection("default")
    numbers = iter(range(1, 1_000))
    sql = re.sub("%s", lambda _: f"${next(numbers)}", fragment.sql)
    client = psycopg.ClientCursor(connection)
    arguments = client.mogrify(", ".join(["%s"] * len(fragment.params)), fragment.params)
    with connection.transaction():
        connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
        connection.execute(f"PREPARE shape AS {sql}")
        run = f"EXECUTE shape({arguments})" if fragment.params else "EXECUTE shape"
        # A client cursor: the literals' own percent signs are no slots.
        (explained,) = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {run}").fetchone()
        connection.execute("DEALLOCATE shape")
    nodes = list(_nodes(explained[0]["Plan"]))
    return Plan(
        tuple((n["Node Type"], n.get("Relation Name"), n.get("Index Name")) for n in nodes),
        sum(int(n.get("Rows Removed by Filter", 0) * n.get("Actual Loops", 1)) for n in nodes),
        sum(int(n["Actual Rows"] * n["Actual Loops"]) for n in nodes if "Relation Name" in n),
        nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"],
    )


def vacuumed(*tables: str) -> None:
    """Tell the planner of these tables, as autovacuum does some time after they were filled."""
    with owner() as connection:
        for table in tables:
            connection.execute(f"VACUUM (ANALYZE) {table}")


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables."""
    settings = connections.settings["owner"]
    with psycopg.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"],
        autocommit=True,
    ) as connection:
        yield connection


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)

"""How PostgreSQL runs a prepared query: planned for its values, and for any values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from perf import database
from perf.database import Execution

MODES = ("force_custom_plan", "force_generic_plan")


@dataclass(frozen=True, slots=True)
class Plan:
    """What matters of a plan: by what rows were found, and how much was read."""

    query: str
    mode: str
    indexes: tuple[str, ...]
    #: Relations read from end to end.
    scanned: tuple[str, ...]
    milliseconds: float
    rows: int
    rows_removed: int
    #: Pages of 8 kB found in PostgreSQL's memory, and not found there.
    hit: int
    read: int
    tree: dict[str, Any] = field(repr=False, compare=False)


def plan_of(execution: Execution, *, mode: str) -> Plan:
    """Run the query again and explain it."""
    connection = database.raw_connection(execution.alias)
    numbers = iter(range(1, 10_000))
    sql = re.sub(r"%(?:%|s)", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", execution.sql)
    arguments = _literals(connection, execution)
    connection.execute(f"PREPARE explained AS {sql}")
    try:
        with connection.transaction():
            connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
            # The literals' own percent signs are no slots: without parameters nothing is looked for.
            explained = connection.execute(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained{arguments}"
            ).fetchone()
    finally:
        connection.execute("DEALLOCATE explained")
    assert explained is not None  # noqa: S101 - EXPLAIN always answers
    return _plan(execution.name, mode, explained[0][0])


def _literals(connection: psycopg.Connection[Any], execution: Execution) -> str:
    if not execution.params:
        return ""
    client = psycopg.ClientCursor(connection)
    return f"({client.mogrify(', '.join(['%s'] * len(execution.params)), execution.params)})"


def _plan(query: str, mode: str, explained: dict[str, Any]) -> Plan:
    root = explained["Plan"]
    nodes = list(_nodes(root))
    return Plan(
        query,
        mode,
        tuple(sorted({node["Index Name"] for node in nodes if "Index Name" in node})),
        tuple(sorted({node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"})),
        explained["Execution Time"],
        int(root["Actual Rows"]),
        sum(
            int(node.get(name, 0) * node["Actual Loops"])
            for node in nodes
            for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck")
        ),
        root["Shared Hit Blocks"],
        root["Shared Read Blocks"],
        explained,
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)

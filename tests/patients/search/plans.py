"""How PostgreSQL runs a statement, as both of its planners would."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
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
    return plan_on(database.raw_connection("default"), fragment, mode=mode)


def plan_on(connection: psycopg.Connection, fragment: Fragment, *, mode: str) -> Plan:
    """The same by another connection, which may see other statistics and costs."""
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


_STATISTICS = "WHERE starelid = ANY (%(tables)s::regclass[])"
_TABLES = "WHERE oid = ANY (%(tables)s::regclass[])"
_NONE = f"DELETE FROM pg_statistic {_STATISTICS}"
_RARE = f"UPDATE pg_statistic SET stanullfrac = 1 {_STATISTICS}"
_RARE_KEYS = (
    "UPDATE pg_statistic s SET stanullfrac = 0.9999 FROM pg_attribute a"
    f" {_STATISTICS} AND a.attrelid = s.starelid AND a.attnum = s.staattnum AND a.attname = 'keys'"
)
# Of the kinds of statistics it is the third (pg_statistic.h): rows lie on disk in no order of any index.
_SCATTERED = (
    "UPDATE pg_statistic SET "
    + ", ".join(
        f"stanumbers{slot} = CASE stakind{slot} WHEN 3 THEN '{{0}}' ELSE stanumbers{slot} END"
        for slot in range(1, 6)
    )
    + f" {_STATISTICS}"
)
_CHANGED = f"UPDATE pg_class SET relallvisible = 0 {_TABLES}"
_SLOW = "SET LOCAL random_page_cost = 10"
# What the planner may believe that is not so.
DISTORTIONS: dict[str, tuple[str, ...]] = {
    "no statistics": (_NONE,),
    "no statistics, slow disks": (_NONE, _SLOW),
    "all is rare": (_RARE,),
    "all is rare, slow disks": (_RARE, _SLOW),
    "keys are rare": (_RARE_KEYS,),
    "keys are rare, rows scattered": (_RARE_KEYS, _SCATTERED),
    "rows scattered, all of them changed": (_SCATTERED, _CHANGED),
    "all has changed, slow disks": (_CHANGED, _SLOW),
    "a twentieth of the rows": (f"UPDATE pg_class SET reltuples = reltuples / 20 {_TABLES}",),
    "fifty thousand times the rows": (f"UPDATE pg_class SET reltuples = 1e9 {_TABLES}",),
    "slow disks": (_SLOW, "SET LOCAL effective_cache_size = '1MB'"),
    "sorting costs nothing": ("SET LOCAL cpu_operator_cost = 0", "SET LOCAL work_mem = '1GB'"),
    "indexes cost more": ("SET LOCAL cpu_index_tuple_cost = 1",),
}


@contextmanager
def distorted(distortion: str, tables: Sequence[str]) -> Iterator[psycopg.Connection]:
    """A superuser's connection whose planner believes it; nobody else's does."""
    instance = settings.INSTANCE
    server = instance.database()
    with psycopg.connect(
        host=server["HOST"],
        port=server["PORT"],
        user="postgres",
        password=instance.superuser_password,
        dbname=connections["default"].settings_dict["NAME"],
        options=settings.DATABASES["default"]["OPTIONS"]["options"],
    ) as connection:
        for statement in DISTORTIONS[distortion]:
            connection.execute(statement, {"tables": list(tables)})
        yield connection
        connection.rollback()


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables."""
    server = connections.settings["owner"]
    with psycopg.connect(
        dbname=server["NAME"],
        user=server["USER"],
        password=server["PASSWORD"],
        host=server["HOST"],
        port=server["PORT"],
        autocommit=True,
    ) as connection:
        yield connection


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)

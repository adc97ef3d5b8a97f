"""Indexes set aside while an empty system is filled, and built again from what is there then.

What was set aside stands in a table of its own until it is back, each step in one transaction: after a kill
the next run of the command goes on with it (`rebuild`).
"""

from collections.abc import Callable

import psycopg

from patients.models.database_code import RECORD_TABLES

_KEPT = "generation_indexes"
# Entries of lists come in no order: each would be looked for in a tree that is larger than the memory.
_UNORDERED = "search_list"

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid), format('DROP INDEX %%s', i.indexrelid::regclass)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relname = ANY (%s) AND t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
ORDER BY t.relname, i.indexrelid
"""
_CONSTRAINTS = """
SELECT
    format(
        'ALTER TABLE %%s ADD CONSTRAINT %%I %%s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)
    ),
    format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE t.relname = ANY (%s) AND t.relnamespace = 'public'::regnamespace
    AND (c.contype = 'f' OR c.contype = 'p' AND t.relname = %s)
ORDER BY c.contype DESC, t.relname, c.conname
"""


def set_aside(connection: psycopg.Connection) -> None:
    """Drop what a load of new rows would only be held up by."""
    tables = list(RECORD_TABLES)
    with connection.transaction():
        connection.execute(
            f"CREATE TABLE {_KEPT} (position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, statement text)"
        )
        found = [
            *connection.execute(_INDEXES, (tables,)),
            *connection.execute(_CONSTRAINTS, (tables, _UNORDERED)),
        ]
        for build, drop in found:
            connection.execute(f"INSERT INTO {_KEPT} (statement) VALUES (%s)", (build,))
            connection.execute(drop)


def rebuild(connection: psycopg.Connection, *, advanced: Callable[[str], None]) -> None:
    """Build what was set aside, one after another; `advanced` is told of each."""
    if not is_set_aside(connection):
        return
    while step := connection.execute(
        f"SELECT position, statement FROM {_KEPT} ORDER BY position LIMIT 1"
    ).fetchone():
        position, statement = step
        with connection.transaction():
            connection.execute(statement)
            connection.execute(f"DELETE FROM {_KEPT} WHERE position = %s", (position,))
        advanced(statement)
    connection.execute(f"DROP TABLE {_KEPT}")


def is_set_aside(connection: psycopg.Connection) -> bool:
    """Whether a run has left indexes to build."""
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"public.{_KEPT}",)).fetchone()
    return bool(row and row[0])


def remaining(connection: psycopg.Connection) -> int:
    if not is_set_aside(connection):
        return 0
    row = connection.execute(f"SELECT count(*) FROM {_KEPT}").fetchone()
    return row[0] if row else 0

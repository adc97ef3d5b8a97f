"""Named queries, run as prepared statements on the primary or the standby.

A `Query` has one home and one name, by which it is counted and, later, timed. Statements are prepared
by their text: keep the number of shapes small.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import django.db
import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from perf import own_writes, replica

PRIMARY_ALIAS = DEFAULT_DB_ALIAS
REPLICA_ALIAS = "replica"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement and the name by which it is known; `most_milliseconds` ends it sooner than all others."""

    name: str
    sql: str
    most_milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a query, as told to observers."""

    name: str
    alias: str
    sql: str
    params: Sequence[Any]


@dataclass(frozen=True, slots=True)
class TimedExecution:
    """One run of a query that has given all its rows."""

    execution: Execution
    seconds: float
    rows: int


_thread = threading.local()
_observers: ContextVar[tuple[Callable[[Execution], None], ...]] = ContextVar("observers", default=())
_needed_position: ContextVar[int] = ContextVar("needed position", default=0)
_timers: ContextVar[tuple[Callable[[TimedExecution], None], ...]] = ContextVar("timers", default=())


@contextmanager
def timed(observer: Callable[[TimedExecution], None]) -> Iterator[None]:
    """Tell `observer` how long each `fetch` of this context took; benchmarks measure with it."""
    token = _timers.set((*_timers.get(), observer))
    try:
        yield
    finally:
        _timers.reset(token)


@contextmanager
def observed(observer: Callable[[Execution], None]) -> Iterator[None]:
    """Tell `observer` of each query of this context; tests count with it."""
    token = _observers.set((*_observers.get(), observer))
    try:
        yield
    finally:
        _observers.reset(token)


@contextmanager
def replayed(position: int) -> Iterator[None]:
    """Read from a standby only if it has replayed the log up to here; 0 asks nothing."""
    token = _needed_position.set(max(position, _needed_position.get()))
    try:
        yield
    finally:
        _needed_position.reset(token)


def fetch(query: Query, params: Sequence[Any] = (), *, principal: str) -> list[Row]:
    """Read from the standby where it is well and has what `principal` wrote, else from the primary.

    A read that the standby fails is repeated once on the primary.

    :raises psycopg.Error: if the primary fails it too, or the statement itself is at fault.
    """
    if _may_use_replica(principal):
        try:
            return _run(REPLICA_ALIAS, query, params)
        except psycopg.errors.SerializationFailure:
            # Replay needed what this query was reading: that says nothing of the standby's health.
            pass
        except (psycopg.OperationalError, psycopg.InterfaceError, django.db.Error) as error:
            if not _is_connection_lost(error):
                raise
            _leave_replica()
    return _run(PRIMARY_ALIAS, query, params)


def fetch_primary(query: Query, params: Sequence[Any] = ()) -> list[Row]:
    """Run on the primary: writes, and reads that a write is about to rest upon."""
    return _run(PRIMARY_ALIAS, query, params)


def fetch_each_primary(query: Query, params: Iterable[Sequence[Any]]) -> list[list[Row]]:
    """Run one query many times on the primary in one round trip; the rows of each run in order.

    Parameters are sent as they come: what takes its time to make them overlaps with what the database does.
    It must not use the connection meanwhile.
    """
    sent = 0

    def told() -> Iterator[Sequence[Any]]:
        nonlocal sent
        for each in params:
            _tell(PRIMARY_ALIAS, query, each)
            sent += 1
            yield each

    cursor = psycopg.Cursor(raw_connection(PRIMARY_ALIAS))
    cursor.executemany(query.sql, told(), returning=True)
    rows: list[list[Row]] = []
    while len(rows) < sent:
        rows.append(cursor.fetchall())
        cursor.nextset()
    return rows


def stream_primary(query: Query, params: Sequence[Any] = ()) -> Iterator[Row]:
    """Run on the primary and give its rows one at a time; meanwhile the connection does nothing else."""
    _tell(PRIMARY_ALIAS, query, params)
    yield from psycopg.Cursor(raw_connection(PRIMARY_ALIAS)).stream(query.sql, params)


def raw_connection(alias: str) -> psycopg.Connection:
    """Django's connection of this thread, checked for health once a request."""
    connection = connections[alias]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if connection.connection is None:
        raise psycopg.InterfaceError(f"The connection {alias} could not be opened.")
    return connection.connection


def _replica_connection() -> psycopg.Connection:
    """This thread's connection to the standby, watched; opened anew if the monitor has cut it."""
    monitor = replica.monitor()
    if getattr(_thread, "epoch", None) != monitor.epoch:
        _thread.epoch = monitor.epoch
        close(REPLICA_ALIAS)
    connection = raw_connection(REPLICA_ALIAS)
    monitor.watch(connection)
    return connection


def close(alias: str) -> None:
    """Drop this thread's connection, which may be dead."""
    try:
        connections[alias].close()
    except (psycopg.Error, django.db.Error):
        connections[alias].connection = None


def _may_use_replica(principal: str) -> bool:
    if not settings.REPLICA_ENABLED or not replica.monitor().is_well:
        return False
    # Within a transaction, what it has written so far is seen on the primary only.
    if connections[PRIMARY_ALIAS].in_atomic_block:
        return False
    needed = max(own_writes.written_by(principal), _needed_position.get())
    if not needed:
        return True
    try:
        return replica.has_replayed(_replica_connection(), needed)
    except (psycopg.Error, django.db.Error):
        _leave_replica()
        return False


def _leave_replica() -> None:
    replica.monitor().distrust()
    close(REPLICA_ALIAS)


def _is_connection_lost(error: Exception) -> bool:
    """Whether the server went away (no SQLSTATE, class 08, or a shutdown) rather than refused the query."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] == "08" or state in ("57P01", "57P02", "57P03")


def _run(alias: str, query: Query, params: Sequence[Any]) -> list[Row]:
    _tell(alias, query, params)
    connection = _replica_connection() if alias == REPLICA_ALIAS else raw_connection(alias)
    began = time.perf_counter()
    if query.most_milliseconds is None:
        rows = _rows(connection, query, params)
    else:
        with connection.transaction():
            connection.execute(f"SET LOCAL statement_timeout = {query.most_milliseconds:d}")
            rows = _rows(connection, query, params)
            # It would hold for all that comes after in a transaction that this is but a part of.
            connection.execute("SET LOCAL statement_timeout TO DEFAULT")
    seconds = time.perf_counter() - began
    for timer in _timers.get():
        timer(TimedExecution(Execution(query.name, alias, query.sql, params), seconds, len(rows)))
    return rows


def _rows(connection: psycopg.Connection, query: Query, params: Sequence[Any]) -> list[Row]:
    cursor = psycopg.Cursor(connection)
    cursor.execute(query.sql, params)
    return cursor.fetchall() if cursor.description else []


def _tell(alias: str, query: Query, params: Sequence[Any]) -> None:
    for observer in _observers.get():
        observer(Execution(query.name, alias, query.sql, params))

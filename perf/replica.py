"""Whether the standby may be read from: asked of it several times a second, by each process.

Out at once when it fails, hangs for a second or is too far behind; back when it answers well again.
Its lag is measured against positions seen on the primary: its own clock cannot tell that it is cut off.
"""

import atexit
import logging
import os
import select
import socket
import threading
import time
import weakref
from collections import deque
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from perf.own_writes import parse_position

INTERVAL_SECONDS = 0.25
HANG_SECONDS = 1.0
NUDGE_SECONDS = 0.5
_POLL_SECONDS = 0.001

_REPLICA_POSITION = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text"
_PRIMARY_POSITION = "SELECT pg_is_in_recovery(), pg_current_wal_flush_lsn()::text"

# The primary's log may end in the first half of an open transaction's record, which nothing can replay.
# A commit flushes the other half: a standby that stays behind after that is behind in truth.
_NUDGE = "SELECT 'nudge', pg_current_xact_id()::text"

logger = logging.getLogger(__name__)


def has_replayed(connection: psycopg.Connection, position: int) -> bool:
    """Whether the standby behind this very connection has replayed `position`, or does within moments."""
    deadline = time.monotonic() + settings.REPLICA_WAIT_SECONDS
    cursor = psycopg.Cursor(connection)
    while True:
        is_standby, text = cursor.execute(_REPLICA_POSITION).fetchone() or (False, None)
        if not is_standby or text is None:
            return False
        if parse_position(text) >= position:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)


class ReplicaMonitor:
    """Watches the standby from a thread of its own; `is_well` is what others read."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.is_well = False
        self.lag_seconds: float | None = None
        self.epoch = 0
        self._watched: weakref.WeakSet[psycopg.Connection] = weakref.WeakSet()
        self._positions: deque[tuple[float, int]] = deque()
        self._wake = threading.Event()
        self._is_stopping = False
        self._connections: dict[str, psycopg.Connection] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="replica-monitor", daemon=True)

    def start(self) -> None:
        # The first verdict is awaited: a command that reads at once may use the standby too.
        self._check()
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()

    def watch(self, connection: psycopg.Connection) -> None:
        """Have this connection cut if the standby hangs, so that whoever waits on it goes on."""
        with self._lock:
            self._watched.add(connection)

    def distrust(self) -> None:
        """A read has just failed: take the standby out until it is seen to be well."""
        self._become(False, "a read failed")
        self._wake.set()  # the next verdict need not wait its turn

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(INTERVAL_SECONDS)
            self._wake.clear()
            if not self._is_stopping:
                self._check()

    def _check(self) -> None:
        primary = self._ask("default", _PRIMARY_POSITION)
        if primary is not None:
            self._positions.append((time.monotonic(), parse_position(primary[1])))
        answer = self._ask("replica", _REPLICA_POSITION)
        if answer is None or answer[0] != "t" or not answer[1]:
            self._become(False, "it does not answer as a standby")
            self._cut()
            return
        self.lag_seconds = self._lag(parse_position(answer[1]))
        if self.lag_seconds > NUDGE_SECONDS:
            self._ask("default", _NUDGE)
        is_near = self.lag_seconds <= settings.REPLICA_MAX_LAG_SECONDS
        self._become(is_near, f"it is {self.lag_seconds:.1f} s behind")

    def _lag(self, replayed: int) -> float:
        """Seconds, up to the primary's last answer, since the primary was where the standby is now."""
        while len(self._positions) > 1 and self._positions[1][1] <= replayed:
            self._positions.popleft()
        if not self._positions or replayed >= self._positions[-1][1]:
            return 0.0
        return self._positions[-1][0] - self._positions[0][0]

    def _become(self, is_well: bool, reason: str) -> None:
        if is_well != self.is_well:
            logger.info(
                "standby is read from" if is_well else "standby is not read from: %s",
                *(() if is_well else (reason,)),
            )
        self.is_well = is_well

    def _cut(self) -> None:
        """End all connections of before: whoever waits on one goes on, the others open a new one."""
        with self._lock:
            self.epoch += 1
            connections_to_cut = list(self._watched)
            self._watched.clear()
        for connection in connections_to_cut:
            _shut_down(connection)

    def _ask(self, alias: str, sql: str) -> tuple[str, str] | None:
        """One row within `HANG_SECONDS`, or None; a connection that failed is dropped."""
        try:
            connection = self._connections.get(alias)
            if connection is None:
                connection = self._connections[alias] = psycopg.connect(
                    **_connection_parameters(alias), autocommit=True
                )
            return _ask_within(connection, sql, HANG_SECONDS)
        except (psycopg.Error, OSError):
            connection = self._connections.pop(alias, None)
            if connection is not None:
                _shut_down(connection)
            return None


def _connection_parameters(alias: str) -> dict[str, Any]:
    parameters = connections[alias].get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    parameters.pop("prepare_threshold", None)
    return {**parameters, "connect_timeout": 2}


def _ask_within(connection: psycopg.Connection, sql: str, seconds: float) -> tuple[str, str]:
    """Query without ever blocking longer: a stopped server accepts bytes and stays silent."""
    raw = connection.pgconn
    raw.send_query(sql.encode())
    deadline = time.monotonic() + seconds
    row: tuple[str, str] | None = None
    while True:
        while raw.is_busy():
            if not select.select([raw.socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise psycopg.OperationalError("no answer in time")
            raw.consume_input()
        result = raw.get_result()
        if result is None:
            break
        if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError("no row")
        values = [(result.get_value(0, column) or b"").decode() for column in (0, 1)]
        row = (values[0], values[1])
    if row is None:
        raise psycopg.OperationalError("no row")
    return row


def _shut_down(connection: psycopg.Connection) -> None:
    """Wake whoever waits on the connection's socket: its next read ends in an error."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        logger.debug("the connection was closed already")


_monitor: ReplicaMonitor | None = None
_monitor_lock = threading.Lock()


def monitor() -> ReplicaMonitor:
    """This process's monitor, started at its first use (again after a fork)."""
    global _monitor
    if _monitor is None or _monitor.pid != os.getpid():
        with _monitor_lock:
            if _monitor is None or _monitor.pid != os.getpid():
                started = ReplicaMonitor()
                started.start()
                atexit.register(started.stop)
                _monitor = started
    return _monitor

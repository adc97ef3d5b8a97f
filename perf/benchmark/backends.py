"""What PostgreSQL's own processes spend on a client's queries, where they run on this host.

Time on a processor does not grow when the machine has other things to do, as the time between question and
answer does. Linux tells it by the nanosecond: https://docs.kernel.org/scheduler/sched-stats.html
"""

from pathlib import Path

from django.db import connections

from perf.database import PRIMARY_ALIAS, REPLICA_ALIAS


def processor_seconds() -> float | None:
    """Of the processes that serve this thread's connections, so far; None where they can't be looked at."""
    pids = [pid for alias in (PRIMARY_ALIAS, REPLICA_ALIAS) if (pid := _pid(alias)) is not None]
    try:
        return sum(_processor_seconds(pid) for pid in pids)
    except (OSError, ValueError):
        return None


def _pid(alias: str) -> int | None:
    """Of a process on this host: it is spoken to by a socket in a folder."""
    connection = connections[alias].connection
    if connection is None or connection.closed or not connection.info.host.startswith("/"):
        return None
    pid: int = connection.info.backend_pid
    return pid


def _processor_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9

"""What a running site tells other commands: a lock that lives as long as its supervisor, and a file.

up.lock      held by the supervisor; the kernel releases it however that ends
state.json   its version, addresses, and the pids of its parts
"""

import fcntl
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import psutil

_LOCK = "up.lock"
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class PartState:
    name: str
    state: str
    pid: int | None
    restarts: int
    # When its process was born: a pid alone may meanwhile be a stranger's.
    born: float | None = None


@dataclass(frozen=True, slots=True)
class SiteState:
    version: str
    pid: int
    is_ready: bool
    http_port: int
    https_port: int
    addresses: list[str]
    parts: list[PartState] = field(default_factory=list)


def take_lock(data: Path) -> IO[str] | None:
    """The lock of a data folder, held until the file is closed; nothing if a supervisor has it."""
    lock = (data / _LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def is_running(data: Path) -> bool:
    if not (data / _LOCK).exists():
        return False
    lock = take_lock(data)
    if lock:
        lock.close()
    return lock is None


def wait_until_gone(data: Path, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(data):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def write(data: Path, state: SiteState) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=data)  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file, indent=1)
    Path(temporary).replace(data / _STATE)


def read(data: Path) -> SiteState | None:
    """What the last supervisor wrote, whether or not it still runs."""
    try:
        stored = json.loads((data / _STATE).read_text())
    except FileNotFoundError:
        return None
    return SiteState(**{**stored, "parts": [PartState(**part) for part in stored["parts"]]})


def born(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None

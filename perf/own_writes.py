"""Who wrote up to where in the primary's log: own writes are always seen (docs/architecture.md#replica).

A small file, mapped by all processes of the host, holds for each principal the log position after its
last commit. Principals share slots by hash: a collision makes a read wait a little longer, never less.
Entries count for a minute; a standby that far behind is not read from at all.
"""

import fcntl
import mmap
import os
import threading
import time
import zlib
from pathlib import Path

from django.conf import settings

SLOTS = 1 << 14
REMEMBERED_SECONDS = 60
# Beyond any position: no standby has replayed it.
UNKNOWN = 2**63
_WORDS = 2  # log position, then the second in which it was noted


class _Map:
    """The mapped file. One word is read or written whole, being aligned; pairs are guarded by a lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = SLOTS * _WORDS * 8
        if os.fstat(self._file).st_size < size:
            os.ftruncate(self._file, size)
        self._words = memoryview(mmap.mmap(self._file, size)).cast("Q")
        self._lock = threading.Lock()

    def raise_to(self, slot: int, position: int) -> None:
        at = slot * _WORDS
        # The thread lock first: POSIX file locks are the process's, not the thread's.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _WORDS * 8, at * 8)
            try:
                self._words[at] = max(self.position(slot), position)
                self._words[at + 1] = int(time.time())
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _WORDS * 8, at * 8)

    def position(self, slot: int) -> int:
        at = slot * _WORDS
        noted = self._words[at + 1]
        return self._words[at] if noted and abs(time.time() - noted) <= REMEMBERED_SECONDS else 0


_map: _Map | None = None
_map_lock = threading.Lock()


def note(principal: str, position: int) -> None:
    """Remember that `principal` has committed something up to `position`."""
    _opened().raise_to(_slot(principal), position)


def written_by(principal: str) -> int:
    """The log position that a standby must have replayed to answer `principal`; 0 where any will do."""
    return _opened().position(_slot(principal))


def parse_position(text: str) -> int:
    """`16/B374D848` as a number that can be compared."""
    high, low = text.split("/")
    return (int(high, 16) << 32) | int(low, 16)


def _slot(principal: str) -> int:
    return zlib.crc32(principal.encode()) % SLOTS


def _opened() -> _Map:
    global _map
    if _map is None:
        with _map_lock:
            if _map is None:
                _map = _Map(Path(settings.OWN_WRITES_PATH))
    return _map

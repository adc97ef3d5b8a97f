"""The moving side: what lies in the segments of a folder, of whichever process."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from perf.spool import frames
from perf.spool.frames import Entry, Header
from perf.spool.writing import SUFFIX, UNFINISHED_SUFFIX

DAMAGED_FOLDER = "damaged"
_SECONDS_TO_FINISH = 60


class Segment:
    """A segment as it lies there now. Used as a context: a closed one is kept from others meanwhile."""

    def __init__(self, path: Path, file: int, *, is_closed: bool) -> None:
        self.path = path
        self._file = file
        # Nobody will append to it any more: its process has left it, or is dead.
        self.is_closed = is_closed
        data = os.pread(file, os.fstat(file).st_size, 0)
        self.header: Header | None = frames.decode_header(data)
        self.entries: list[Entry] = []
        end = 0
        if self.header is not None:
            self.entries, end = frames.decode(data, self.header.first_number)
        self.excess_bytes = len(data) - end

    @property
    def is_damaged(self) -> bool:
        """Whether there is something behind the last whole entry that nobody is writing now."""
        return self.is_closed and (self.header is None or self.excess_bytes > 0)

    def remove(self, *, is_whole: bool = True) -> None:
        """Take a closed one away, once its entries are safe elsewhere.

        One that is damaged, or of which not all entries are elsewhere, is kept aside to be looked at.
        """
        if not self.is_closed:
            return
        with suppress(FileNotFoundError):
            if self.is_damaged or not is_whole:
                aside = self.path.parent / DAMAGED_FOLDER
                aside.mkdir(mode=0o700, exist_ok=True)
                self.path.rename(aside / self.path.name)
            else:
                self.path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def segments(folder: Path) -> Iterator[Segment]:
    """Give the segments, those of one chain in their order."""
    _remove_unfinished(folder)
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # somebody else has moved it
        try:
            segment = Segment(path, file, is_closed=_is_left(file))
        except BaseException:
            os.close(file)
            raise
        with segment:
            yield segment


def damaged(folder: Path) -> list[Path]:
    """The segments that were kept aside."""
    return sorted((folder / DAMAGED_FOLDER).glob(f"*{SUFFIX}"))


def _is_left(file: int) -> bool:
    """Whether no process may append any more; then it is locked for us."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_unfinished(folder: Path) -> None:
    """Remove what a process left that died before its segment had a name: nothing is in it."""
    for path in folder.glob(f"*{UNFINISHED_SUFFIX}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _SECONDS_TO_FINISH:
                path.unlink()

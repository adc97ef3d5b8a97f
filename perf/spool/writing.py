"""The writing side: one chain for each process, in segments that are closed after some seconds."""

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from perf.spool import frames
from perf.spool.frames import Header

# `group`: entries reach the disk before `append` returns, threads waiting for one `fdatasync` together.
Sync = Literal["group", "always", "off"]

SUFFIX = ".spool"
UNFINISHED_SUFFIX = ".new"
SEGMENT_SECONDS = 2.0
SEGMENT_BYTES = 32 * 1024 * 1024
_CLOSED = -1
_NEVER = -1


class _Segment:
    """A file that this process alone appends to, locked for as long as it may do so."""

    def __init__(self, folder: Path, header: Header, *, is_synced: bool) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name of its own: one of the same numbers may have been given up for want of room, and whoever
        # moves that away must not meet this one.
        name = f"{header.chain.hex()}-{header.first_number:015d}-{os.urandom(4).hex()}"
        path = folder / f"{name}{SUFFIX}"
        unfinished = path.with_suffix(UNFINISHED_SUFFIX)
        self._file = os.open(
            unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._is_synced = is_synced
        self._sync_lock = threading.Lock()
        self._synced = 0
        self.end = frames.HEADER_BYTES
        self.began = time.monotonic()
        try:
            # Locked before it has its name: nobody finds it and takes it for a dead process's.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            _write_whole(self._file, header.encode())
            unfinished.rename(path)
            if is_synced:
                _sync_folder(folder)
        except BaseException:
            os.close(self._file)
            raise

    @property
    def is_full(self) -> bool:
        return self.end >= SEGMENT_BYTES or time.monotonic() - self.began >= SEGMENT_SECONDS

    def append(self, data: bytes) -> int:
        """Write all of it or nothing, and return where it ends."""
        try:
            _write_whole(self._file, data)
        except OSError:
            os.ftruncate(self._file, self.end)
            raise
        self.end += len(data)
        return self.end

    def sync(self, end: int) -> None:
        """Have everything up to `end` on the disk; one thread does it for all that wait."""
        with self._sync_lock:
            if self._synced == _NEVER:
                raise OSError("What was written to this segment before did not reach the disk.")
            if self._synced < end:
                self._reach_disk()

    def close(self) -> None:
        """Leave it to whoever moves it away."""
        with self._sync_lock:
            try:
                if self._is_synced and _NEVER < self._synced < self.end:
                    self._reach_disk()
            finally:
                # A forked child may still have the file open; the lock ends nevertheless.
                fcntl.flock(self._file, fcntl.LOCK_UN)
                os.close(self._file)
                self._file = _CLOSED

    def _reach_disk(self) -> None:
        written = self.end
        try:
            os.fdatasync(self._file)
        except OSError:
            # The kernel tells of a lost page once only: whoever asks next must not hear that all is well.
            self._synced = _NEVER
            raise
        self._synced = written

    def abandon(self) -> None:
        """Close what a forked child has inherited; the lock stays with the parent."""
        os.close(self._file)


class Spool:
    """Where the threads of one process append."""

    def __init__(self, folder: Path, *, key: bytes, sync: Sync) -> None:
        self._folder = folder
        self._key = key
        self._sync = sync
        self._segment: _Segment | None = None
        self._number = 0
        self._code = b""
        self._begin_chain()
        _spools.add(self)

    def append(self, payloads: Sequence[bytes]) -> None:
        """Append the payloads in their order, durably as `sync` says.

        :raises OSError: if they could not be written whole, or did not reach the disk: then what was to
            follow from them must not happen.
        """
        with self._lock:
            segment = self._open_segment()
            number, code, data = self._number, self._code, []
            for payload in payloads:
                number, code = number + 1, frames.code_after(self._key, code, payload)
                data.append(frames.encode(code, payload))
            try:
                end = segment.append(b"".join(data))
            except OSError:
                self._leave_segment()
                raise
            self._number, self._code = number, code
            if self._sync == "always":
                self._synced(segment, end)
        if self._sync == "group":
            self._synced(segment, end)

    def close(self) -> None:
        """Close the segment; the next `append` opens another one of the same chain."""
        with self._lock:
            self._leave_segment()

    def begin_after_fork(self) -> None:
        """Begin a chain of the child's own; locks may have been held by threads that it does not have."""
        if self._segment is not None:
            self._segment.abandon()
            self._segment = None
        self._begin_chain()

    def _begin_chain(self) -> None:
        self._lock = threading.RLock()
        self._chain = os.urandom(16)
        self._number = 0
        self._code = frames.first_code(self._key, self._chain)

    def _open_segment(self) -> _Segment:
        if self._segment is not None and self._segment.is_full:
            self._leave_segment()
        if self._segment is None:
            header = Header(self._chain, self._number + 1, self._code)
            self._segment = _Segment(self._folder, header, is_synced=self._sync != "off")
        return self._segment

    def _leave_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def _synced(self, segment: _Segment, end: int) -> None:
        try:
            segment.sync(end)
        except OSError:
            with self._lock:
                if self._segment is segment:
                    self._leave_segment()
            raise


def _write_whole(file: int, data: bytes) -> None:
    written = os.write(file, data)
    if written != len(data):
        raise OSError(f"{written} of {len(data)} bytes were written.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_spools: weakref.WeakSet[Spool] = weakref.WeakSet()


def _begin_after_fork() -> None:
    for spool in list(_spools):
        spool.begin_after_fork()


os.register_at_fork(after_in_child=_begin_after_fork)

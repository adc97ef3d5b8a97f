"""A worker process ends when its master does, however that ended."""

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel for SIGKILL when the thread that started this process is gone (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def ending_when_asked() -> Iterator[None]:
    """Let SIGTERM end a process that loads: its master's handler, inherited, would only note it."""
    if threading.current_thread() is not threading.main_thread():  # as under `runserver`
        yield
        return
    inherited = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, inherited or signal.SIG_DFL)

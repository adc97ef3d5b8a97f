"""What the parts say: kept in a bounded file for each part, and shown where somebody looks."""

import contextlib
import logging
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Lock

SUPERVISOR = "up"

_BYTES = 2_000_000
_OLD_FILES = 3
_WIDTH = 12
_COLOURS = {
    SUPERVISOR: 37,
    "primary": 34,
    "standby": 36,
    "cache": 35,
    "https": 32,
    "http": 92,
    "worker": 33,
    "beat": 31,
}


class Logs:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handlers: dict[str, logging.Handler] = {}
        self._lock = Lock()

    def path(self, part: str) -> Path:
        return self._folder / f"{part.replace(' ', '-')}.log"

    def write(self, part: str, line: str) -> None:
        self._handler(part).handle(logging.makeLogRecord({"msg": line}))

    def _handler(self, part: str) -> logging.Handler:
        with self._lock:
            if part not in self._handlers:
                handler = RotatingFileHandler(
                    self.path(part), maxBytes=_BYTES, backupCount=_OLD_FILES, mode="a"
                )
                handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
                self._handlers[part] = handler
            return self._handlers[part]


class Console:
    """Standard output, a line at a time, with the part's name before it."""

    def __init__(self, logs: Logs, *, is_quiet: bool) -> None:
        self._logs = logs
        self._is_quiet = is_quiet
        self._lock = Lock()

    def say(self, part: str, line: str) -> None:
        self._logs.write(part, line)
        if part == SUPERVISOR or not self._is_quiet:
            self.show(f"{time.strftime('%H:%M:%S')} {_label(part)} {line}")

    def show(self, text: str) -> None:
        # The terminal may be gone, and that must not end the site.
        with self._lock, contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


def _label(part: str) -> str:
    label = f"{part:<{_WIDTH}}|"
    return f"\033[{_COLOURS.get(part, 37)}m{label}\033[0m" if sys.stdout.isatty() else label

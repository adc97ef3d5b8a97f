"""What the parts say, kept in a bounded file for each part."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Lock

_BYTES = 2_000_000
_OLD_FILES = 3


class Logs:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handlers: dict[str, logging.Handler] = {}
        self._lock = Lock()

    def path(self, part: str) -> Path:
        return self._folder / f"{part}.log"

    def write(self, part: str, line: str) -> None:
        self._handler(part).handle(logging.makeLogRecord({"msg": line}))

    def _handler(self, part: str) -> logging.Handler:
        with self._lock:
            if part not in self._handlers:
                handler = RotatingFileHandler(self.path(part), maxBytes=_BYTES, backupCount=_OLD_FILES)
                handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
                self._handlers[part] = handler
            return self._handlers[part]

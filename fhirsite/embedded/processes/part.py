"""A part of the running site: one process with its way to start, to tell that it is ready, and to stop."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fhirsite.embedded.processes import children
from fhirsite.embedded.processes.service_user import ServiceUser

Say = Callable[[str, str], None]

_LAST_LINES = 20


def _nothing() -> None:
    """The default for what need not be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is to run, where, and as whom."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    user: ServiceUser | None = None
    folder: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Command):
    """A command that comes to an end by itself."""

    afterwards: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Command):
    """A command that runs as long as the site does."""

    is_ready: Callable[[], bool]
    before_start: Callable[[], None] = _nothing
    after_ready: Callable[[], None] = _nothing
    # Done before `before_start` when it has failed several times in a row.
    repair: Callable[[], None] = _nothing
    # Whether it runs and yet can't do its work any more, so that only a new start helps.
    is_lost: Callable[[], bool] = field(default=lambda: False)
    ready_seconds: float = 60
    # Its grace when asked to stop before it was ready, if it has nothing in hand then.
    stop_seconds_unready: float | None = None


class Process:
    """A command as it runs: its process and the thread that passes on what it says."""

    def __init__(self, command: Command, *, say: Say) -> None:
        self._command = command
        self._asked_at: float | None = None
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._child: subprocess.Popen[str] = children.start(
            command.command,
            user=command.user,
            environment=command.environment,
            folder=command.folder,
            signal_when_orphaned=command.stop_signal,
        )
        self._reader = threading.Thread(target=self._pass_on, args=(say,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        return self._child.poll()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    def last_words(self) -> str:
        """The last of what an ended process said."""
        self._reader.join(timeout=1)
        return "\n".join(tuple(self.last_lines))

    def ask_to_stop(self) -> None:
        self._asked_at = self._asked_at or time.monotonic()
        self._child.send_signal(self._command.stop_signal)

    def stop(self, *, seconds: float | None = None) -> None:
        """Ask it to stop; kill it when its grace since the first asking is over.

        Nothing of its process group stays.
        """
        asked_at = self._asked_at or time.monotonic()
        self.ask_to_stop()
        grace = self._command.stop_seconds if seconds is None else seconds
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(max(asked_at + grace - time.monotonic(), 0))
        self.kill_rest()
        self._child.wait()

    def kill_rest(self) -> None:
        """Kill what is left of its process group: workers must not outlive their master."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _pass_on(self, say: Say) -> None:
        for line in self._child.stdout or ():
            self.last_lines.append(line.rstrip("\n"))
            say(self._command.name, self.last_lines[-1])

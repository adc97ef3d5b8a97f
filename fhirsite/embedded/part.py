"""A part of the running site: one process with its way to start, to tell that it is ready, and to stop."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fhirsite.embedded import children
from fhirsite.embedded.service_user import ServiceUser

Say = Callable[[str, str], None]


def _nothing() -> None:
    """The default for what need not be done."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is to run."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    user: ServiceUser | None = None
    folder: Path = Path("/")
    before_start: Callable[[], None] = _nothing
    after_ready: Callable[[], None] = _nothing
    # Whether it runs and yet can't do its work any more, so that only a new start helps.
    is_lost: Callable[[], bool] = field(default=lambda: False)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20
    ready_seconds: float = 60


class Process:
    """A part as it runs: its process and the thread that passes on what it says."""

    def __init__(self, part: Part, *, say: Say) -> None:
        self.part = part
        self.started_at = time.monotonic()
        self._child: subprocess.Popen[str] = children.start(
            part.command,
            user=part.user,
            environment=part.environment,
            folder=part.folder,
            signal_when_orphaned=part.stop_signal,
        )
        threading.Thread(target=self._pass_on, args=(say,), name=f"{part.name}-output", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        return self._child.poll()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    def wait_until_ready(self, *, stopping: threading.Event | None = None) -> bool:
        deadline = time.monotonic() + self.part.ready_seconds
        while self.is_running and time.monotonic() < deadline and not (stopping and stopping.is_set()):
            if self.part.is_ready():
                return True
            time.sleep(0.05)
        return False

    def ask_to_stop(self) -> None:
        self._child.send_signal(self.part.stop_signal)

    def stop(self) -> None:
        """Ask it to stop; after its grace kill it. Nothing of its process group stays."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(self.part.stop_seconds)
        self.kill_rest()
        self._child.wait()

    def kill_rest(self) -> None:
        """Kill what is left of its process group: workers must not outlive their master."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _pass_on(self, say: Say) -> None:
        for line in self._child.stdout or ():
            say(self.part.name, line.rstrip("\n"))

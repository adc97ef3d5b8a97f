"""Runs the parts of a site in order, keeps them running, stops them in the other order."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.processes.part import Part, Process, Say, Task
from fhirsite.embedded.supervision.managed import ManagedPart, State

Stage = Sequence[Part] | Task

_TICK_SECONDS = 0.1
# Parts that fail so often before the site is up keep it from coming up.
_FAILURES_AT_START = 4
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A signal asked for the end while the site was still starting."""


class Supervisor:
    def __init__(self, *, say: Say, on_change: Callable[[], None]) -> None:
        self.stages: list[list[ManagedPart]] = []
        self._say = say
        self._on_change = on_change
        self._stopping = threading.Event()
        self._executor = ThreadPoolExecutor(thread_name_prefix="supervisor")
        self._seen: list[tuple[str, int, int]] = []

    @property
    def parts(self) -> list[ManagedPart]:
        return [part for stage in self.stages for part in stage]

    def listen_to_signals(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, self._on_signal)

    def start(self, stage: Stage) -> None:
        """Start the parts of a stage and wait until they are ready, or do a task to its end.

        :raises EmbeddedError: if one fails again and again.
        :raises Stopped: if a signal came meanwhile.
        """
        if isinstance(stage, Task):
            self._do(stage)
        else:
            self._start_parts(stage)

    def watch(self) -> None:
        """Keep all parts running until a signal asks for the end."""
        while not self._stopping.wait(_TICK_SECONDS):
            self._tick()

    def stop(self) -> None:
        """Stop all parts, the last started first, those of a stage together."""
        for stage in reversed(self.stages):
            began = time.monotonic()
            for part in stage:
                part.ask_to_stop()
            for part in stage:
                part.stop()
                self._say("up", f"{part.part.name} stopped ({time.monotonic() - began:.1f} s)")
                self._note_changes()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _start_parts(self, parts: Sequence[Part]) -> None:
        began = time.monotonic()
        names = ", ".join(part.name for part in parts)
        self._say("up", f"starting {names}")
        stage = [ManagedPart(part, executor=self._executor, say=self._say) for part in parts]
        self.stages.append(stage)
        while not all(part.state is State.READY for part in stage):
            self._wait_or_stop()
            self._tick()
            if failed := next((part for part in stage if part.failures >= _FAILURES_AT_START), None):
                raise EmbeddedError(f"{failed.part.name} does not start.\n{failed.last_words}")
        self._say("up", f"{names} ready ({time.monotonic() - began:.1f} s)")

    def _do(self, task: Task) -> None:
        began = time.monotonic()
        self._say("up", f"running {task.name}")
        process = Process(task, say=self._say)
        try:
            while process.is_running:
                self._wait_or_stop()
                self._tick()
        finally:
            if process.is_running:
                process.stop()
        if process.exit_code != 0:
            raise EmbeddedError(f"{task.name} failed ({process.exit_code}).\n{process.last_words()}")
        task.afterwards()
        self._say("up", f"{task.name} done ({time.monotonic() - began:.1f} s)")

    def _wait_or_stop(self) -> None:
        if self._stopping.wait(_TICK_SECONDS / 2):
            raise Stopped

    def _tick(self) -> None:
        for part in self.parts:
            part.tick()
        self._note_changes()

    def _note_changes(self) -> None:
        seen = [
            (part.state.value, part.process.pid if part.process else 0, part.restarts) for part in self.parts
        ]
        if seen != self._seen:
            self._seen = seen
            self._on_change()

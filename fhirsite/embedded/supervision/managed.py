"""Keeps one part running: starts it, sees it become ready, starts it again when it dies."""

import enum
import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future

from fhirsite.embedded.processes.part import Part, Process, Say

_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 15.0
# Having run for so long, its earlier failures are forgotten.
_HEALTHY_SECONDS = 30.0
_LOST_CHECK_SECONDS = 10.0
_FAILURES_BEFORE_REPAIR = 2
_KILLED = -signal.SIGKILL


class State(enum.StrEnum):
    WAITING = "waiting"
    PREPARING = "preparing"
    STARTING = "starting"
    COMPLETING = "completing"
    READY = "ready"
    STOPPED = "stopped"


class ManagedPart:
    """Driven by `tick()` from the supervisor's main thread, which must be the one that starts processes."""

    def __init__(self, part: Part, *, executor: Executor, say: Say) -> None:
        self.part = part
        self.state = State.WAITING
        self.failures = 0
        self.restarts = 0
        self.process: Process | None = None
        self.last_words = ""
        self._executor = executor
        self._say = say
        self._since = time.monotonic()
        self._start_at = 0.0
        # Failures in a row that its own files may be the cause of.
        self._suspicious_failures = 0
        self._work: Future[object] | None = None
        self._lost_check: Future[bool] | None = None
        self._next_lost_check = 0.0
        self._ticks: dict[State, Callable[[], None]] = {
            State.WAITING: self._tick_waiting,
            State.PREPARING: self._tick_preparing,
            State.STARTING: self._tick_starting,
            State.COMPLETING: self._tick_completing,
            State.READY: self._tick_ready,
            State.STOPPED: lambda: None,
        }

    def tick(self) -> None:
        self._ticks[self.state]()

    def ask_to_stop(self) -> None:
        if self.process:
            self.process.ask_to_stop()

    def stop(self) -> None:
        seconds = None if self.state is State.READY else self.part.stop_seconds_unready
        self._enter(State.STOPPED)
        if self.process:
            self.process.stop(seconds=seconds)
            self.process = None

    def _enter(self, state: State) -> None:
        self.state = state
        self._since = time.monotonic()

    def _seconds_in_state(self) -> float:
        return time.monotonic() - self._since

    def _tick_waiting(self) -> None:
        if time.monotonic() >= self._start_at:
            # In a thread: to copy a primary takes long, and the other parts need care meanwhile.
            self._work = self._executor.submit(self._prepare)
            self._enter(State.PREPARING)

    def _prepare(self) -> None:
        if self._suspicious_failures >= _FAILURES_BEFORE_REPAIR:
            self.part.repair()
        self.part.before_start()

    def _tick_preparing(self) -> None:
        if not self._work or not self._work.done():
            return
        if failure := self._work.exception():
            self.last_words = str(failure)
            self._fail(f"could not be prepared: {failure}")
            return
        self.process = Process(self.part, say=self._say)
        self._enter(State.STARTING)

    def _tick_starting(self) -> None:
        if self._has_died():
            return
        if self.part.is_ready():
            self._work = self._executor.submit(self.part.after_ready)
            self._enter(State.COMPLETING)
        elif self._seconds_in_state() > self.part.ready_seconds:
            self._end_process()
            self._fail(f"was not ready after {self.part.ready_seconds:.0f} s")

    def _tick_completing(self) -> None:
        if self._has_died() or not self._work or not self._work.done():
            return
        if failure := self._work.exception():
            self._end_process()
            self._fail(f"is there, but could not be completed: {failure}")
            return
        self._enter(State.READY)
        self._next_lost_check = time.monotonic() + _LOST_CHECK_SECONDS

    def _tick_ready(self) -> None:
        if self._has_died():
            return
        if self._seconds_in_state() > _HEALTHY_SECONDS:
            self.failures = self._suspicious_failures = 0
        self._check_lost()

    def _check_lost(self) -> None:
        now = time.monotonic()
        if self._lost_check and self._lost_check.done():
            is_lost = self._lost_check.exception() is None and self._lost_check.result()
            self._lost_check, self._next_lost_check = None, now + _LOST_CHECK_SECONDS
            if is_lost:
                self._say("up", f"{self.part.name} can't do its work any more and is started anew")
                self.ask_to_stop()
        elif not self._lost_check and now >= self._next_lost_check:
            self._lost_check = self._executor.submit(self.part.is_lost)

    def _has_died(self) -> bool:
        if self.process is None or self.process.is_running:
            return False
        exit_code = self.process.exit_code
        # Whoever kills one that was ready tells nothing of its files.
        is_suspicious = not (self.state is State.READY and exit_code == _KILLED)
        self._end_process()
        self._fail(f"ended ({exit_code})", is_suspicious=is_suspicious)
        return True

    def _end_process(self) -> None:
        if self.process:
            self.process.kill_rest()
            self.last_words = self.process.last_words()
            self.process = None

    def _fail(self, what: str, *, is_suspicious: bool = True) -> None:
        delay = min(_FIRST_DELAY_SECONDS * 2**self.failures, _LONGEST_DELAY_SECONDS)
        self.failures += 1
        self._suspicious_failures += is_suspicious
        self.restarts += 1
        self._start_at = time.monotonic() + delay
        self._enter(State.WAITING)
        self._say("up", f"{self.part.name} {what}; another start in {delay:.1f} s")

"""Cases measured in turn, so that what else the machine does meets all alike."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import psycopg

from perf import database
from perf.benchmark.backends import processor_seconds
from perf.benchmark.cases import Case
from perf.benchmark.plans import MODES, Plan, plan_of
from perf.benchmark.summaries import Summary, summary
from perf.database import TimedExecution

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. Values are drawn by `seed`, so that two runs ask the same."""

    samples: int
    warm_up: int
    seed: int = 1
    seconds_per_case: float = 60.0
    has_plans: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What a case took: in the database (its queries), and in all.

    `processor` is what the database's processes spent on it, all its queries together; None if they are on
    another host.
    """

    name: str
    database: Summary | None
    processor: Summary | None
    whole: Summary | None
    queries_per_sample: float
    rows_per_sample: float
    #: Samples that PostgreSQL ended with an error, a statement's time-out for one.
    failed: int
    plans: tuple[Plan, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Run:
    """All results, and the machine's load average before and after."""

    results: tuple[Result, ...]
    load_before: float
    load_after: float
    seconds: float


def run(cases: Sequence[Case], extent: Extent, *, advanced: Callable[[Case, int], None]) -> Run:
    """Measure all cases; `advanced` is told of each portion of samples."""
    began, load = time.monotonic(), os.getloadavg()[0]
    courses = [_Course(case, extent) for case in cases]
    for course in courses:
        course.warm_up()
    for number in range(_ROUNDS):
        for course in courses:
            advanced(course.case, course.measure(number))
    results = tuple(course.result() for course in courses)
    return Run(results, load, os.getloadavg()[0], time.monotonic() - began)


class _Course:
    """One case under measurement."""

    def __init__(self, case: Case, extent: Extent) -> None:
        self.case = case
        self._extent = extent
        self._samples = min(extent.samples, case.most_samples or extent.samples)
        self._chance = Random(f"{extent.seed}/{case.name}")  # noqa: S311 - no secret
        self._database: list[float] = []
        self._processor: list[float] = []
        self._whole: list[float] = []
        self._queries = self._rows = self._failed = 0
        self._spent = 0.0
        self._slowest: tuple[float, list[TimedExecution]] = (-1.0, [])

    def warm_up(self) -> None:
        """Ask without counting, for a tenth of the case's time at most."""
        until = time.monotonic() + self._extent.seconds_per_case / 10
        for _ in range(min(self._extent.warm_up, self._samples)):
            self._sample(is_counted=False)
            if time.monotonic() > until:
                return

    def measure(self, round: int) -> int:
        """Take this round's share of the samples; the case's time is limited."""
        share = self._samples * (round + 1) // _ROUNDS - self._samples * round // _ROUNDS
        taken = 0
        while taken < share and self._spent < self._extent.seconds_per_case * (round + 1) / _ROUNDS:
            self._sample(is_counted=True)
            taken += 1
        return taken

    def result(self) -> Result:
        count = len(self._database)
        return Result(
            self.case.name,
            summary(self._database) if count else None,
            summary(self._processor) if self._processor else None,
            summary(self._whole) if count else None,
            self._queries / count if count else 0.0,
            self._rows / count if count else 0.0,
            self._failed,
            tuple(self._plans()) if self._extent.has_plans else (),
        )

    def _sample(self, *, is_counted: bool) -> None:
        timed: list[TimedExecution] = []
        began = time.perf_counter()
        try:
            ask = self.case.draw(self._chance)
            spent = processor_seconds()
            began = time.perf_counter()
            with database.timed(timed.append):
                ask()
        except psycopg.Error:
            if is_counted:
                self._failed += 1
                self._spent += time.perf_counter() - began
            return
        whole = time.perf_counter() - began
        spent_now = processor_seconds()
        if is_counted:
            # A connection that was opened, or lost, on the way tells nothing.
            if spent is not None and spent_now is not None and spent_now > spent > 0:
                self._processor.append(spent_now - spent)
            self._count(whole, [each for each in timed if self._is_measured(each)])

    def _count(self, whole: float, timed: list[TimedExecution]) -> None:
        seconds = sum(each.seconds for each in timed)
        self._spent += whole
        self._whole.append(whole)
        self._database.append(seconds)
        self._queries += len(timed)
        self._rows += sum(each.rows for each in timed)
        if seconds > self._slowest[0]:
            self._slowest = seconds, timed

    def _is_measured(self, each: TimedExecution) -> bool:
        return not self.case.queries or each.execution.name in self.case.queries

    def _plans(self) -> Iterator[Plan]:
        """Of the queries of the slowest sample."""
        for each in self._slowest[1]:
            for mode in MODES:
                try:
                    yield plan_of(each.execution, mode=mode)
                except psycopg.errors.QueryCanceled:
                    continue

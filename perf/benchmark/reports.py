"""Results as a table for people, in Markdown, and as JSON for programs."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from perf.benchmark.plans import Plan
from perf.benchmark.running import Result, Run

_HEADINGS = (
    *("case", "p50 ms", "p95", "p99", "max", "ratio"),
    *("processor p50 ms", "p99", "samples", "queries", "rows", "found by"),
)


def table(run: Run) -> str:
    """Times are those in the database, as the client sees them; the ratio is to the first case's median."""
    base = next((result.database.p50 for result in run.results if result.database), 1.0)
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *(_row(result, base) for result in run.results)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    load = f"load average {run.load_before:.1f} before, {run.load_after:.1f} after; {run.seconds:.0f} s"
    return "\n".join([*lines, "", load])


def as_json(run: Run) -> dict[str, Any]:
    return dataclasses.asdict(run)


def warnings(run: Run) -> list[str]:
    """Relations that were read from end to end."""
    return [
        f"{result.name}: {plan.query} reads {', '.join(plan.scanned)} from end to end ({plan.mode})"
        for result in run.results
        for plan in result.plans
        if plan.scanned
    ]


def _row(result: Result, base: float) -> Sequence[str]:
    times = result.database
    if times is None:
        return (result.name, *["–"] * 7, f"0 ({result.failed} failed)", "–", "–", "–")
    samples = f"{times.samples:,}" + (f" ({result.failed} failed)" if result.failed else "")
    return (
        result.name,
        *(f"{each:.2f}" for each in (times.p50, times.p95, times.p99, times.max)),
        f"{times.p50 / base:.1f}",
        *_processor(result),
        samples,
        f"{result.queries_per_sample:.1f}",
        f"{result.rows_per_sample:.0f}",
        _indexes(result.plans),
    )


def _processor(result: Result) -> Sequence[str]:
    spent = result.processor
    return (f"{spent.p50:.2f}", f"{spent.p99:.2f}") if spent else ("–", "–")


def _indexes(plans: Sequence[Plan]) -> str:
    found = dict.fromkeys(index for plan in plans for index in plan.indexes)
    scanned = dict.fromkeys(f"**all of {relation}**" for plan in plans for relation in plan.scanned)
    return ", ".join([*found, *scanned]) or "–"

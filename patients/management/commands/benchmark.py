"""`manage.py benchmark WORK_SET`: what the searches of a running system take."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from patients.management.benchmarks import WORK_SETS
from patients.management.benchmarks.values import NoValuesError
from perf.benchmark import reports
from perf.benchmark.cases import Case
from perf.benchmark.running import Extent, Run, run


class Command(BaseCommand):
    help = (
        "Measure a work set over values drawn from all that is stored, and print a table. Times are those of "
        "the database, as the application sees them. The searches write nothing but audit rows of histories."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("work_set", choices=sorted(WORK_SETS))
        parser.add_argument("--samples", type=int, default=2_000, help="of each case (default: %(default)s)")
        parser.add_argument("--warm-up", type=int, default=50, help="samples before (default: %(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="decides the values (default: %(default)s)")
        parser.add_argument(
            "--seconds",
            type=float,
            default=60.0,
            help="the longest that a case may take (default: %(default)s)",
        )
        parser.add_argument(
            "--only",
            action="append",
            metavar="TEXT",
            help="the case of this name, or those with it in theirs; may be repeated",
        )
        parser.add_argument("--output", metavar="FILE", help="write all results and plans to FILE, as JSON")
        parser.add_argument("--json", action="store_true", help="print JSON instead of the table")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("samples", "warm_up", "seconds"):
            if not options[name] > 0:
                raise CommandError(f"--{name.replace('_', '-')} takes a number above 0.")
        cases = _chosen(options["work_set"], options["only"])
        try:
            measured = self._measured(cases, options)
        except NoValuesError as error:
            raise CommandError(str(error)) from None
        report = json.dumps(reports.as_json(measured), default=str)
        if options["output"]:
            _write(options["output"], report)
        self.stdout.write(report if options["json"] else reports.table(measured))
        for warning in reports.warnings(measured):
            self.stderr.write(warning)

    def _measured(self, cases: list[Case], options: dict[str, Any]) -> Run:
        extent = Extent(
            samples=options["samples"],
            warm_up=options["warm_up"],
            seed=options["seed"],
            seconds_per_case=options["seconds"],
        )
        total = sum(min(extent.samples, case.most_samples or extent.samples) for case in cases)
        is_shown = options["verbosity"] > 0 and self.stderr.isatty()
        with tqdm(total=total, disable=not is_shown, file=sys.stderr) as bar:

            def advanced(case: Case, number: int) -> None:
                bar.set_postfix_str(case.name)
                bar.update(number)

            return run(cases, extent, advanced=advanced)


def _chosen(work_set: str, only: list[str] | None) -> list[Case]:
    cases = list(WORK_SETS[work_set]())
    names = {case.name for case in cases}
    chosen = [case for case in cases if only is None or any(_means(text, case.name, names) for text in only)]
    if not chosen:
        raise CommandError(f"No case has {' or '.join(map(repr, only or []))} in its name.")
    return chosen


def _means(text: str, name: str, names: set[str]) -> bool:
    return text == name if text in names else text in name


def _write(name: str, report: str) -> None:
    try:
        Path(name).write_text(report, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--output {name}: {error.strerror}.") from error

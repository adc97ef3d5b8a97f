"""`manage.py generate_observations N`: made-up Observations and their Patients, for measurements."""

import dataclasses
import json
import os
import sys
import time
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from patients.generation import filling
from patients.generation.filling import Need, Progress, RefusedError
from patients.generation.population import Population

_INTERRUPTED = 130
_BAR = "{percentage:3.0f} % |{bar:24}| {n_fmt} of {total_fmt} [{elapsed}<{remaining}, {rate_fmt}] {postfix}"


class Command(BaseCommand):
    help = (
        "Make up Observations with the codes and values of the demo's, one Patient for each twenty of them, "
        "and write them by COPY as the owner's role. Refused where there are records, unless "
        "--into-existing. An empty system is filled without its indexes, which are built afterwards; "
        "after a kill another run begins by building them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("observations", type=int, metavar="N", help="how many Observations")
        parser.add_argument("--seed", type=int, default=1, help="decides all of it (default: %(default)s)")
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            help="how many write (default: one a processor)",
        )
        parser.add_argument(
            "--into-existing", action="store_true", help="add to the records that are there, indexes in place"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be written and the room it takes"
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("observations", "processes"):
            if options[name] < 1:
                raise CommandError(f"{name} must be a number above 0.")
        population = Population(options["seed"], options["observations"])
        need = filling.need_of(population)
        began = time.monotonic()
        if not options["dry_run"]:
            self._fill(population, options)
        summary = {**dataclasses.asdict(need), "seconds": round(time.monotonic() - began, 3)}
        self.stdout.write(json.dumps(summary) if options["json"] else _as_text(need, summary["seconds"]))

    def _fill(self, population: Population, options: dict[str, Any]) -> None:
        is_shown = options["verbosity"] > 0 and (self.stderr.isatty() or options["verbosity"] > 1)
        total = population.patients + population.observations
        with tqdm(total=total, bar_format=_BAR, disable=not is_shown, file=sys.stderr, mininterval=1) as bar:

            def wrote(number: int) -> None:
                bar.update(number)

            def built(statement: str) -> None:
                bar.set_postfix_str(statement[:60])

            try:
                filling.fill(
                    population,
                    into_existing=options["into_existing"],
                    processes=options["processes"],
                    progress=Progress(wrote, built),
                )
            except RefusedError as error:
                raise CommandError(str(error)) from None
            except psycopg.errors.UniqueViolation as error:
                raise CommandError("these were generated before; another --seed makes others.") from error
            except KeyboardInterrupt:
                raise CommandError("stopped; what was written stays.", returncode=_INTERRUPTED) from None


def _as_text(need: Need, seconds: float) -> str:
    free = "elsewhere" if need.free_bytes is None else f"{need.free_bytes / 1e9:.1f} GB free"
    return (
        f"{need.observations:,} Observations of {need.patients:,} Patients, "
        f"{need.bytes / 1e9:.1f} GB ({free}), in {seconds:.1f} s"
    )

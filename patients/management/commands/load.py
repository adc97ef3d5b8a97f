"""`manage.py load PATH…`: resources from bundles and NDJSON."""

import gc
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

import django.db
import psycopg
from django.core.management.base import BaseCommand, CommandError

from patients import access
from patients.interactions.load import DEFAULT_MAX_BYTES, Loader
from patients.management.load_progress import LoadProgress, as_json, as_text, shortfall

_DATABASE_GONE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)
_REFUSED, _UNREADABLE, _INTERRUPTED = 1, 2, 130


class Command(BaseCommand):
    help = (
        "Load transaction, batch and collection Bundles, NDJSON and single resources. What was loaded before "
        "is skipped, so that a run that was stopped is simply started again. "
        "Exits 1 if a resource was refused, 2 if a file could not be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths",
            nargs="+",
            metavar="PATH",
            help=".json, .ndjson, .jsonl, plain, .gz, .bz2; .zip or folders of these; - is NDJSON on stdin",
        )
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, write nothing")
        parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON")
        parser.add_argument("--report", metavar="FILE", help="write what is refused to FILE, as NDJSON")
        parser.add_argument(
            "--max-bytes",
            type=int,
            default=DEFAULT_MAX_BYTES,
            help="the longest document or line to read, decompressed (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["max_bytes"] < 1:
            raise CommandError("--max-bytes takes a number above 0.", returncode=_UNREADABLE)
        is_quiet = options["verbosity"] == 0
        progress = LoadProgress(self.stderr, _opened(options["report"]), is_quiet=is_quiet)
        loader = Loader(
            actor=access.command_actor("load"),
            observer=progress,
            is_dry_run=options["dry_run"],
            max_bytes=options["max_bytes"],
        )
        progress.summary = loader.summary
        with closing(progress), _rare_collection():
            try:
                summary = loader.load(options["paths"])
            except KeyboardInterrupt:
                raise CommandError(
                    f"stopped: {loader.summary.loaded:,} resources are loaded; start it again to go on.",
                    returncode=_INTERRUPTED,
                ) from None
            except _DATABASE_GONE as error:
                raise CommandError(
                    f"the database does not answer; {loader.summary.loaded:,} resources are loaded; "
                    "start it again to go on.",
                    returncode=_UNREADABLE,
                ) from error
        self.stdout.write(json.dumps(as_json(summary)) if options["json"] else as_text(summary))
        if missing := shortfall(summary):
            raise CommandError(missing, returncode=_UNREADABLE if summary.unreadable else _REFUSED)


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let Python look seldom for cycles among millions of parsed values that have none (8 % of the time)."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _opened(report: str | None) -> TextIO | None:
    if report is None:
        return None
    try:
        return Path(report).open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--report {report}: {error.strerror}.", returncode=_UNREADABLE) from error

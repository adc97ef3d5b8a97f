"""`manage.py reindex`: search rows of stored resources, by this version's search parameters."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from patients.models import SearchIndexState, reindexing

_INTERRUPTED = 130
_BAR = "{percentage:3.0f} % |{bar:24}| {desc} {n_fmt} of {total_fmt} [{elapsed}<{remaining}, {rate_fmt}]"


class Command(BaseCommand):
    help = (
        "Make the search rows of stored resources anew, of those types for which that is due. Reads and "
        "writes go on meanwhile. A run that was stopped is simply started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--type", action="append", metavar="TYPE", help="this type, due or not; may be repeated"
        )
        parser.add_argument(
            "--throttle",
            type=float,
            metavar="N",
            help="at most so many resources a second (default: no limit)",
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["throttle"] is not None and not options["throttle"] > 0:
            raise CommandError("--throttle takes a number above 0.")
        counts: dict[str, int] = {}
        began = time.monotonic()
        try:
            for resource_type in _types(options["type"]):
                self._reindex(resource_type, counts, options)
        except KeyboardInterrupt:
            raise CommandError(
                f"stopped after {sum(counts.values()):,} resources; start it again to go on.",
                returncode=_INTERRUPTED,
            ) from None
        seconds = time.monotonic() - began
        self.stdout.write(_as_json(counts, seconds) if options["json"] else _as_text(counts, seconds))

    def _reindex(self, resource_type: str, counts: dict[str, int], options: dict[str, Any]) -> None:
        counts[resource_type] = 0
        began = time.monotonic()
        is_shown = options["verbosity"] > 0 and self.stderr.isatty()
        total = reindexing.remaining(resource_type) if is_shown else None
        with tqdm(
            total=total, desc=resource_type, bar_format=_BAR, disable=not is_shown, file=sys.stderr
        ) as bar:

            def advanced(number: int) -> None:
                counts[resource_type] += number
                bar.update(number)
                if options["throttle"]:
                    due = began + counts[resource_type] / options["throttle"]
                    time.sleep(max(0.0, due - time.monotonic()))

            reindexing.reindex(resource_type, advanced=advanced)


def _types(given: list[str] | None) -> list[str]:
    known = SearchIndexState.objects.order_by("resource_type")
    if given is None:
        return [state.resource_type for state in known.filter(is_complete=False)]
    names = {state.resource_type for state in known}
    for name in given:
        if name not in names:
            raise CommandError(f"--type {name}: there is no such resource type.")
    return given


def _as_json(counts: dict[str, int], seconds: float) -> str:
    return json.dumps({"reindexed": sum(counts.values()), "by_type": counts, "seconds": round(seconds, 3)})


def _as_text(counts: dict[str, int], seconds: float) -> str:
    if not counts:
        return "nothing to reindex: every type is complete"
    lines = [f"{sum(counts.values()):,} resources reindexed in {seconds:.1f} s"]
    return "\n".join(lines + [f"  {name:<32}{count:>10,}" for name, count in counts.items()])

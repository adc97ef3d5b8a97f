"""`manage.py refresh_patient_summary`: what the beat does each minute, now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients.models import SummaryRefresh, summary_refresh


class Command(BaseCommand):
    help = (
        "Refresh the view patient_summary and prune its delta. Searches are exact before, meanwhile and "
        "after; a refresh only keeps the delta small. Exits 1 if somebody else is refreshing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-due", action="store_true", help="as the beat: if there is anything to do")
        parser.add_argument("--json", action="store_true", help="print the record as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        record = summary_refresh.refresh(trigger="command", is_forced=not options["if_due"])
        self.stdout.write(_as_json(record) if options["json"] else _as_sentence(record))
        if record.verdict == "busy":
            raise CommandError("somebody else is refreshing the view, or rebuilding it.", returncode=1)


def _as_json(record: SummaryRefresh) -> str:
    names = ("verdict", "duration_seconds", "delta_rows", "pruned_rows", "wal_bytes")
    return json.dumps({name: getattr(record, name) for name in names})


def _as_sentence(record: SummaryRefresh) -> str:
    return (
        f"{record.verdict}: {record.pruned_rows} of {record.delta_rows} delta rows pruned "
        f"in {record.duration_seconds:.2f} s, {record.wal_bytes / 1e6:.1f} MB of WAL"
    )

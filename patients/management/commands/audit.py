"""`manage.py audit drain`: what the processes of this host have recorded, into the table."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from patients.audit import draining


class Command(BaseCommand):
    help = "Look after the audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("drain", help="move what this host's processes have recorded into the table, now")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{draining.drain():,} entries moved")

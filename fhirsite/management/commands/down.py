"""`manage.py down`: stop the site that runs on this data folder."""

import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fhirsite.embedded.supervision import state


class Command(BaseCommand):
    help = "Stop everything that `up` started, in order."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=120, help="seconds to wait (default: 120)")

    def handle(self, *, timeout: float, **_: Any) -> None:
        data = settings.DATA_DIR
        current = state.read(data)
        if not current or not state.is_running(data):
            self.stdout.write(f"No site runs in {data}.")
            return
        # The lock is held, so this pid is the supervisor's and no stranger's.
        os.kill(current.pid, signal.SIGTERM)
        if not state.wait_until_gone(data, seconds=timeout):
            raise CommandError(
                f"The site in {data} has not stopped within {timeout:.0f} s; its log is in {data}/logs."
            )
        self.stdout.write(f"The site in {data} has stopped.")

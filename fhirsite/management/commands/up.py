"""`manage.py up`: run the whole site, in the foreground or behind."""

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fhirsite.embedded import options
from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.site import Site
from fhirsite.embedded.supervision import state


class Command(BaseCommand):
    help = "Start PostgreSQL, its standby, the cache, web server, worker and beat, and keep them running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--detach", action="store_true", help="wait until everything is ready, then return"
        )
        parser.add_argument("--quiet", action="store_true", help="show only what the supervisor says")
        parser.add_argument("--let-go-of-output", action="store_true", help="close the output when ready")

    def handle(self, *, detach: bool, quiet: bool, let_go_of_output: bool, **_: Any) -> None:
        if detach:
            self._detach()
            return
        try:
            site = Site(settings.DATA_DIR, options.from_environment())
            site.run(is_quiet=quiet, when_ready=_let_go_of_output if let_go_of_output else _keep_output)
        except (EmbeddedError, PermissionError) as failure:
            raise CommandError(str(failure)) from failure

    def _detach(self) -> None:
        """Start the supervisor in a session of its own and pass on what it says until it is ready."""
        supervisor = subprocess.Popen(
            [sys.executable, sys.argv[0], "up", "--quiet", "--let-go-of-output"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            for line in supervisor.stdout or ():
                self.stdout.write(line, ending="")
        except KeyboardInterrupt:
            supervisor.send_signal(signal.SIGINT)
            supervisor.wait()
            raise
        current = state.read(settings.DATA_DIR)
        if supervisor.poll() is not None or not current or not current.is_ready:
            raise CommandError("The site did not start.", returncode=supervisor.wait() or 1)


def _keep_output() -> None:
    """In the foreground the output stays where it is."""


def _let_go_of_output() -> None:
    """From now on nobody reads: only a defect of the supervisor's own would still say something."""
    descriptor = os.open(_last_words(settings.DATA_DIR), os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


def _last_words(data: Path) -> Path:
    return data / "logs" / "last-words.log"

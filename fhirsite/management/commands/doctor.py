"""`manage.py doctor`: what is used, what is wrong, and how to mend it."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from fhirsite import doctor
from fhirsite.doctor import Finding, Level


class Command(BaseCommand):
    help = "Examine the site. The exit code is 1 if something is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")

    def handle(self, *, as_json: bool, **_: Any) -> None:
        findings = doctor.examine()
        if as_json:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1))
        else:
            for finding in findings:
                self._write(finding)
        if any(finding.level is Level.WRONG for finding in findings):
            sys.exit(1)

    def _write(self, finding: Finding) -> None:
        style = {
            Level.FINE: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.WRONG: self.style.ERROR,
        }
        self.stdout.write(
            f"{style[finding.level](f'{finding.level:<8}')} {finding.subject:<12} {finding.says}"
        )
        if finding.mend:
            self.stdout.write(f"{'':<22}-> {finding.mend}")

"""`manage.py status`: version, addresses, pids, ports and health of each part."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fhirsite.embedded.supervision import status

_NOT_RUNNING = 3  # as the Linux Standard Base has it for a service that is stopped


class Command(BaseCommand):
    help = "Tell what runs. The exit code is 0 if all is well, 1 if a part is not, 3 if nothing runs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")

    def handle(self, *, as_json: bool, **_: Any) -> None:
        report = status.report(settings.DATA_DIR)
        self.stdout.write(json.dumps(report, indent=1) if as_json else _in_lines(report))
        if not report["is_running"]:
            sys.exit(_NOT_RUNNING)
        if not report["is_healthy"]:
            sys.exit(1)


def _in_lines(report: dict[str, Any]) -> str:
    if not report["is_running"]:
        return f"No site runs in {report['data']}."
    lines = [f"fhirsite {report['version']} in {report['data']} (supervisor pid {report['pid']})"]
    lines += [f"  {address}" for address in report["addresses"]]
    lines += [_part_line(part) for part in report["parts"]]
    return "\n".join(lines)


def _part_line(part: dict[str, Any]) -> str:
    health = "healthy" if part["is_healthy"] else "NOT HEALTHY"
    where = part["address"] or "-"
    return (
        f"  {part['name']:<9} {health:<12} pid {part['pid'] or '-':<8} restarts {part['restarts']:<3} {where}"
    )

"""`manage.py audit ACTION`: what the audit needs besides being written."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from patients.audit import draining, retaining, sealing, verifying
from patients.fhir.outcomes import FhirError

MOST_FINDINGS = 1_000


class Command(BaseCommand):
    help = "Look after the audit. `verify` exits 1 if something that was recorded is not as it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("drain", help="move what this host's processes have recorded into the table")
        actions.add_parser("seal", help="sign what is there, as the beat does each minute")
        verify = actions.add_parser("verify", help="tell whether all that was recorded is there as it was")
        verify.add_argument(
            "--head", type=_head, metavar="NUMBER:CODE", help="a head of the log, that must be there too"
        )
        drop = actions.add_parser("drop", help="drop the months that need not be kept, as the owner's role")
        drop.add_argument(
            "--keep",
            type=int,
            metavar="MONTHS",
            default=settings.AUDIT_RETENTION_MONTHS,
            help="whole months to keep besides this one (default: %(default)s; 0 keeps all)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _drain(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{draining.drain():,} entries moved")

    def _seal(self, options: dict[str, Any]) -> None:
        stored = sealing.seal()
        if stored is None:
            raise CommandError("somebody else is doing it.")
        self.stdout.write(f"{stored.number}:{stored.code.hex()}")

    def _verify(self, options: dict[str, Any]) -> None:
        is_shown = options["verbosity"] > 0 and self.stderr.isatty()
        total = verifying.count() if is_shown else None
        number = 0
        with tqdm(total=total, disable=not is_shown, file=sys.stderr, unit=" records") as bar:
            findings = verifying.verify(expected=options["head"], advanced=bar.update)
            for finding in islice(findings, MOST_FINDINGS):
                self.stdout.write(finding)
                number += 1
        if number:
            more = " or more" if number == MOST_FINDINGS else ""
            raise CommandError(f"{number:,}{more} findings.", returncode=1)
        self.stdout.write("all that was recorded is there as it was")

    def _drop(self, options: dict[str, Any]) -> None:
        if options["keep"] < 0:
            raise CommandError("--keep takes 0 or more.")
        if not options["keep"]:
            self.stdout.write("all months are kept")
            return
        try:
            dropped = retaining.drop_months(keep=options["keep"])
        except FhirError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"dropped: {', '.join(dropped) or 'none'}")


def _head(text: str) -> tuple[int, str]:
    if not re.fullmatch(r"[0-9]{1,18}[: ][0-9a-f]{64}", text):
        raise ArgumentTypeError("it is like 17:3fa9…, number and code as the log has them")
    return int(text[:-65]), text[-64:]

"""`manage.py benchmark_transactions USER`: how many resources a second a running site takes in."""

import dataclasses
import json
import os
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from patients import tokens
from patients.management.benchmarks.transactions import Rate, RefusedError, Site, measure, transactions
from patients.models import ApiToken

# Where a site keeps its own certificate, which no machine trusts by itself.
_CERTIFICATE = settings.DATA_DIR / "certificate" / "certificate.pem"


class Command(BaseCommand):
    help = (
        "Send the demo's bundles to a running site as transactions, in the name of USER, and tell how many "
        "resources a second it took in. They stay there, as patients that are as many times there as sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user's log-in name")
        parser.add_argument("--url", default="https://localhost:8443", help="the site (default: %(default)s)")
        parser.add_argument("--entries", type=int, default=500, help="of each (default: %(default)s)")
        parser.add_argument("--count", type=int, default=36, help="transactions (default: %(default)s)")
        parser.add_argument("--clients", type=int, default=2, help="at once (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("entries", "count", "clients"):
            if not options[name] > 0:
                raise CommandError(f"--{name} takes a number above 0.")
        address = urlsplit(options["url"])
        if address.scheme not in ("http", "https") or not address.hostname:
            raise CommandError("--url takes an address like https://localhost:8443.")
        sent = transactions(entries=options["entries"])
        if not sent:
            raise CommandError(f"no patient of the demo has {options['entries']:,} resources.")
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']!r}.")
        label = f"manage.py benchmark_transactions {os.getpid()}"
        token = tokens.make_token(user, label=label, days=1)
        try:
            site = Site(address, token, _CERTIFICATE if _CERTIFICATE.exists() else None)
            rate = measure(site, sent, count=options["count"], clients=options["clients"])
        except RefusedError as error:
            raise CommandError(str(error)) from None
        finally:
            ApiToken.objects.filter(user=user, label=label).delete()
        self.stdout.write(_as_json(rate) if options["json"] else _as_text(rate))


def _as_text(rate: Rate) -> str:
    times = rate.transactions
    return (
        f"{rate.per_second:,.0f} resources a second: {rate.resources:,} in {rate.seconds:.1f} s, "
        f"{times.samples} transactions (p50 {times.p50:,.0f} ms, max {times.max:,.0f} ms); "
        f"load average {rate.load_average:.1f}"
    )


def _as_json(rate: Rate) -> str:
    return json.dumps({**dataclasses.asdict(rate), "per_second": rate.per_second})

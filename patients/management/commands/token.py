"""`manage.py token USER`: a bearer token for the API."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from patients.tokens import make_token

LONGEST_DAYS = 366


class Command(BaseCommand):
    help = "Make a bearer token for USER and print it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user's log-in name")
        parser.add_argument("--days", type=int, default=30, help="how long it is good for, 1 to 366")
        parser.add_argument("--label", default="manage.py token", help="what it is for, for the admin")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"--days takes a number from 1 to {LONGEST_DAYS}.")
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']!r}.")
        if not user.is_active:
            raise CommandError(f"the user {options['user']!r} is not active.")
        self.stdout.write(make_token(user, label=options["label"], days=options["days"]))

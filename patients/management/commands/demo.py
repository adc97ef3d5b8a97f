"""`manage.py demo`: the demo's users and patients; what is there already is left as it is."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from patients.demo import BUNDLES, USERS


class Command(BaseCommand):
    help = "Make the demo users and load the demo patients. Refused under production settings."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("this is no demo: FHIRSITE_DEMO is 0, or the settings are for production.")
        for name, password, is_administrator in USERS:
            self._make_user(name, password, is_administrator=is_administrator)
        call_command("load", str(BUNDLES), stdout=self.stdout, stderr=self.stderr)

    def _make_user(self, name: str, password: str, *, is_administrator: bool) -> None:
        users = get_user_model().objects
        user = users.filter(username=name).first()
        if user is None:
            user = users.create_user(name, password=password, is_staff=is_administrator)
            user.is_superuser = is_administrator
            user.save()
            user.groups.add(Group.objects.get_or_create(name="demo")[0])
        if not user.groups.filter(grants__isnull=False).exists():
            # Made by a version that knew of no roles.
            user.groups.add(*Group.objects.filter(name=name))

"""`manage.py migrate`: Django's own, done as the role that owns the tables.

Afterwards the database's functions and the application's rights are put in place. The lock of the
summary view is held meanwhile: a migration may rebuild the view.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django_pgviews.management.commands.migrate import Command as MigrateCommand

from patients.models import database_code, summary_refresh


class Command(MigrateCommand):
    help = "Bring the database to this version's schema, functions and rights."

    def handle(self, *args: Any, **options: Any) -> None:
        application_role = connections.settings[DEFAULT_DB_ALIAS]["USER"]
        with _as_owner(), summary_refresh.lock_held(connections.settings["owner"]):
            super().handle(*args, **options)
            if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
                database_code.install(connections[DEFAULT_DB_ALIAS], application_role=application_role)


@contextmanager
def _as_owner() -> Iterator[None]:
    """Let `default` be the owner's connection meanwhile."""
    application = connections.settings[DEFAULT_DB_ALIAS]
    _connect_default_with(connections.settings["owner"])
    try:
        yield
    finally:
        _connect_default_with(application)


def _connect_default_with(settings_dict: dict[str, Any]) -> None:
    connections[DEFAULT_DB_ALIAS].close()
    del connections[DEFAULT_DB_ALIAS]
    connections.settings[DEFAULT_DB_ALIAS] = settings_dict

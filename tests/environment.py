"""The tests' own servers: a fresh instance in a temporary folder, never the demo's data.

Imported by `conftest.py` before Django reads its settings. Nothing is started until a test needs
the database; then primary, standby and cache serve all tests of the run. Tests work on committed
data under names of their own, because a standby shows nothing else.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhirsite.embedded import instance as instances
from fhirsite.embedded import services
from fhirsite.embedded.instance import Instance

# What a developer's shell may hold must not lead the tests to other servers.
_FOREIGN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL", "REDIS_URL", "FHIRSITE_PRODUCTION")


def prepare() -> Instance:
    """Make an instance and point the settings to it."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
    data = Path(tempfile.mkdtemp(prefix="fhirsite-tests-"))
    os.environ["FHIRSITE_DATA"] = str(data)
    os.environ["FHIRSITE_DEMO"] = "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "fhirsite.settings"
    return instances.create(data)


@contextmanager
def running(instance: Instance) -> Iterator[None]:
    """Start the servers and make the tables."""
    from django.core.management import call_command

    with services.running(instance):
        call_command("migrate", verbosity=0)
        yield


def remove(instance: Instance) -> None:
    shutil.rmtree(instance.data, ignore_errors=True)

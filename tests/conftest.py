"""Fixtures of the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from hypothesis import settings

from tests import environment

# These test folders need no server, or start their own.
_WITHOUT_DATABASE = ("patients/fhir", "fhirsite/embedded")

# A busy machine is no failure.
settings.register_profile("fhirsite", deadline=None)
settings.load_profile("fhirsite")

_instance = environment.prepare()


def pytest_collect_file(file_path: Path) -> None:
    """Load Django's apps before the first test module that needs them."""
    if _needs_database(file_path):
        django.setup()


def pytest_unconfigure() -> None:
    environment.remove(_instance)


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and _needs_database(item.path):
        item.fixturenames.insert(0, "database")


@pytest.fixture(scope="session")
def database(django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """Primary, standby and cache with all tables; every test may use them from here on."""
    with django_db_blocker.unblock(), environment.running(_instance):
        yield


@pytest.fixture(scope="session")
def django_db_setup(database: None) -> None:
    """Instead of pytest-django's test databases."""


def _needs_database(path: Path) -> bool:
    return not path.relative_to(Path(__file__).parent).as_posix().startswith(_WITHOUT_DATABASE)

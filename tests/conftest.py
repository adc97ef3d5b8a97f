"""Fixtures of the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from fhirsite.embedded.processes.part import Process
from tests import audit_comparison, environment, log_scan
from tests.browser import BrowserTests
from tests.environment import LiveSite

# These test folders need no server, or start their own.
_WITHOUT_DATABASE = ("patients/fhir", "fhirsite/embedded")

_SHOWN = 20

# A busy machine is no failure.
settings.register_profile("fhirsite", deadline=None)
settings.load_profile("fhirsite")

_instance = environment.prepare()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(audit_comparison)
    config.pluginmanager.register(BrowserTests())


def pytest_collect_file(file_path: Path) -> None:
    """Load Django's apps before the first test module that needs them."""
    if file_path.name.startswith("test_") and _needs_database(file_path):
        environment.set_up_django()


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and _needs_database(item.path):
        item.fixturenames.insert(0, "database")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a log tells what no log may; by now every server has been stopped."""
    log_scan.kept.extend(log_scan.findings(_instance.logs, _instance))
    if log_scan.kept:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if log_scan.kept:
        terminalreporter.section("Logs tell what no log may", red=True)
        terminalreporter.write_line("\n".join(log_scan.kept[:_SHOWN]))


def pytest_unconfigure() -> None:
    environment.remove(_instance)


@pytest.fixture(scope="session")
def database(django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Process]]:
    """Primary, standby and cache with all tables; every test may use them from here on."""
    with django_db_blocker.unblock(), environment.running(_instance) as processes:
        yield processes


@pytest.fixture(scope="session")
def django_db_setup(database: dict[str, Process]) -> None:
    """Instead of pytest-django's test databases."""


@pytest.fixture(scope="session")
def site(database: dict[str, Process]) -> Iterator[LiveSite]:
    """The real web server on the tests' servers, by HTTP and HTTPS, for browsers and foreign clients."""
    with environment.serving(_instance) as live_site:
        yield live_site


def _needs_database(path: Path) -> bool:
    return not path.relative_to(Path(__file__).parent).as_posix().startswith(_WITHOUT_DATABASE)

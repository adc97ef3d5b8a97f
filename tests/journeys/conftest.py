"""A browser before the real site, and the people and patients of a journey.

Every page that a journey opens is watched: a page that asked for something its policy forbids, or whose
script failed, fails the journey.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import browser as browsers

# None of what a browser does on its own account has a place in a test.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A refused page is what some journeys look for.
EXPECTED = "Failed to load resource: the server responded with a status of"


@dataclass(frozen=True)
class Clinician:
    """A person who can log in."""

    name: str
    password: str


@pytest.fixture(scope="package")
def chromium(site) -> Iterator[Browser]:
    # Playwright keeps a loop in this thread, which Django would take for an asynchronous caller.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=browsers.executable(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def account(database):
    from tests.people import user_with

    password = str(uuid.uuid4())
    # The second, to write down what the journeys look for.
    user = user_with("nurse", "integration client", name="nurse", password=password)
    return user, Clinician(user.username, password)


@pytest.fixture(scope="package")
def clinician(account) -> Clinician:
    return account[1]


@pytest.fixture(scope="package")
def records(account):
    from patients.access import actor_for
    from tests.records import Records

    return Records(actor_for(account[0], channel="session", request_id="test", address=""))


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def context(chromium, site) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=site.http)
    yield context
    context.close()


@pytest.fixture
def page(context, complaints) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(10_000)
    watch(page, complaints)
    yield page
    assert complaints == []


@pytest.fixture
def logged_in(page, clinician) -> Page:
    """A page on which the clinician is about to search."""
    return log_in(page, clinician)


def watch(page: Page, complaints: list[str]) -> None:
    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def log_in(page: Page, clinician: Clinician) -> Page:
    page.goto("/")
    page.get_by_label("User name").fill(clinician.name)
    page.get_by_label("Password").fill(clinician.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Find a patient").wait_for()
    return page

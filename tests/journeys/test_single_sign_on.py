"""Somebody logs in by their organisation, in a browser that keeps to our policy."""

import httpx
import pytest
from django.conf import settings
from oidc_provider_mock import run_server_in_thread

from tests import environment
from tests.journeys.conftest import watch
from tests.journeys.test_accessibility import NARROW, look_at
from tests.people import word

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


@pytest.fixture
def site_of_an_organisation(database, monkeypatch):
    """A web server whose people log in by a provider on loopback; gives its address and the provider's."""
    with run_server_in_thread() as server:
        provider = f"http://localhost:{server.server_port}"
        monkeypatch.setenv("FHIRSITE_OIDC_ISSUER", provider)
        monkeypatch.setenv("FHIRSITE_OIDC_CLIENT_ID", "fhirsite")
        monkeypatch.setenv("FHIRSITE_OIDC_CLIENT_SECRET", "s3cret")
        monkeypatch.setenv("FHIRSITE_OIDC_NAME", "St Elsewhere")
        monkeypatch.setenv("FHIRSITE_OIDC_ROLES", "ward=nurse")
        with environment.serving(settings.INSTANCE) as site:
            yield site.http, provider


def test_the_organisation_says_who_they_are(chromium, site_of_an_organisation, complaints):
    address, provider = site_of_an_organisation
    name = f"ada-{word()}"
    httpx.put(f"{provider}/users/ada", json={"preferred_username": name, "roles": ["ward"]})
    httpx.put(f"{provider}/users/bob", json={"preferred_username": "bob", "roles": ["boss"]})
    context = chromium.new_context(base_url=address, viewport=NARROW)
    # The provider's own page has a style sheet from elsewhere.
    context.route(lambda url: not url.startswith("http://localhost:"), lambda route: route.fulfill(body=""))
    page = context.new_page()
    page.set_default_timeout(10_000)

    # Given somebody without a role here
    page.goto("/login/")
    watch(page, complaints)
    faults = look_at(page)
    log_in_as(page, "bob")
    page.get_by_text("gives you no role here").wait_for()
    faults += look_at(page)

    # When somebody with a role wants to open a page
    page.goto("/patients/none/")
    log_in_as(page, "ada")

    # Then they are there, under the name that they have
    page.get_by_role("link", name=name).wait_for()
    assert page.url == f"{address}/patients/none/"
    page.get_by_role("link", name=name).click()
    page.get_by_text("there is no password here").wait_for()
    assert faults == []
    assert complaints == []
    context.close()


def log_in_as(page, sub: str) -> None:
    page.get_by_role("link", name="Log in with St Elsewhere").click()
    page.get_by_placeholder("sub").fill(sub)
    page.get_by_role("button", name="Authorize").click()

"""Somebody sets up a second factor, logs in with it, and goes everywhere else that a log-in has."""

import uuid

import pytest
from django.contrib.auth import get_user_model

from tests.journeys.conftest import Clinician, log_in, watch
from tests.journeys.test_accessibility import NARROW, WIDE, look_at
from tests.patients.accounts.authenticator_app import code

pytestmark = pytest.mark.browser


@pytest.fixture
def somebody(database):
    password = str(uuid.uuid4())
    user = get_user_model().objects.create_user(f"somebody-{uuid.uuid4().hex[:8]}", password=password)
    return Clinician(user.username, password)


def test_a_second_factor_is_asked_for_from_then_on(page, somebody):
    # Given somebody who has set up a second factor
    log_in(page, somebody)
    page.get_by_role("link", name=somebody.name).click()
    page.get_by_role("link", name="Set up a second factor").click()
    secret = page.locator("code").inner_text()
    page.get_by_label("Code").fill(code(secret, periods_later=-1))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="I have written them down").click()

    # When they log in again
    page.get_by_role("button", name="Log out").click()
    give_password(page, somebody)

    # Then a wrong code is refused, and the one that the app shows lets them in
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("That code is not good").wait_for()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Find a patient").wait_for()

    # And so does a recovery code, without JavaScript as well
    page.get_by_role("button", name="Log out").click()
    give_password(page, somebody)
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Find a patient").wait_for()


def test_all_of_it_works_without_scripts(chromium, site, somebody):
    context = chromium.new_context(base_url=site.https, java_script_enabled=False, ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    log_in(page, somebody)

    page.goto("/account/password/")
    page.get_by_label("Your password now").fill(somebody.password)
    page.get_by_label("The new password", exact=True).fill("battery staple horse")
    page.get_by_label("The new password again").fill("battery staple horse")
    page.get_by_role("button", name="Change it").click()
    page.get_by_role("heading", name="Your log-in").wait_for()
    page.get_by_role("button", name="Log out everywhere").click()
    page.get_by_role("heading", name="Log in").wait_for()
    log_in(page, Clinician(somebody.name, "battery staple horse"))

    context.close()


@pytest.mark.parametrize(
    ("scheme", "viewport"),
    [
        pytest.param("light", NARROW, id="light-narrow"),
        pytest.param("light", WIDE, id="light-wide", marks=pytest.mark.long),
        pytest.param("dark", NARROW, id="dark-narrow", marks=pytest.mark.long),
        pytest.param("dark", WIDE, id="dark-wide", marks=pytest.mark.long),
    ],
)
def test_no_page_has_a_fault(chromium, site, somebody, complaints, scheme, viewport):
    context = chromium.new_context(base_url=site.http, color_scheme=scheme, viewport=viewport)
    page = context.new_page()
    page.set_default_timeout(10_000)
    watch(page, complaints)
    faults = []

    log_in(page, somebody)
    for address in ("/account/", "/account/password/", "/account/second-factor/set-up/"):
        page.goto(address)
        faults += look_at(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set it up").click()
    faults += look_at(page)
    page.get_by_label("Code").fill(code(secret, periods_later=-1))
    page.get_by_role("button", name="Set it up").click()
    faults += look_at(page)
    for address in ("/account/second-factor/codes/", "/account/second-factor/codes/new/", "/account/"):
        page.goto(address)
        faults += look_at(page)
    page.goto("/account/second-factor/remove/")
    faults += look_at(page)
    page.goto("/account/confirm/")
    faults += look_at(page)
    page.goto("/account/confirm/code/")
    faults += look_at(page)
    page.get_by_role("button", name="Log out").click()
    give_password(page, somebody)
    faults += look_at(page)

    assert faults == []
    assert complaints == []
    context.close()


def give_password(page, person) -> None:
    page.get_by_label("User name").fill(person.name)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Your code").wait_for()

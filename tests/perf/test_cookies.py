"""Cookies of session and forms under TLS, and without."""

import pytest
from django.conf import settings
from django.test import Client

from tests.people import user_with

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def person(database):
    return user_with("clinician", "integration client", password=PASSWORD)


def logged_in(client: Client, person, *, secure: bool) -> Client:
    """By the form, as a browser does."""
    client.get("/login/", secure=secure)
    name = "__Host-csrftoken" if secure else "csrftoken"
    form = {
        "username": person.username,
        "password": PASSWORD,
        "csrfmiddlewaretoken": client.cookies[name].value,
    }
    answer = client.post("/login/", form, secure=secure, headers={"Referer": "https://testserver/login/"})
    assert answer.status_code == 302
    return client


class TestUnderTls:
    def test_have_the_prefix_and_what_it_demands(self, person):
        cookies = logged_in(Client(enforce_csrf_checks=True), person, secure=True).cookies

        assert set(cookies) == {"__Host-sessionid", "__Host-csrftoken"}
        for morsel in cookies.values():
            assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")
            assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")

    def test_carry_the_session(self, person):
        client = logged_in(Client(enforce_csrf_checks=True), person, secure=True)

        assert client.get("/", secure=True).status_code == 200
        assert client.get("/fhir/Patient?_count=1", secure=True).status_code == 200

    def test_without_the_prefix_are_not_believed(self, person):
        client = Client()
        client.force_login(person)

        assert client.get("/").status_code == 200
        assert client.get("/", secure=True).status_code == 302

    def test_end_with_the_session(self, person):
        client = logged_in(Client(), person, secure=True)

        response = client.post("/logout/", secure=True)

        ended = response.cookies["__Host-sessionid"]
        assert (ended.value, ended["max-age"], ended["secure"]) == ("", 0, True)
        assert client.get("/", secure=True).status_code == 302


class TestWithoutTls:
    def test_have_their_plain_names(self, person):
        cookies = logged_in(Client(enforce_csrf_checks=True), person, secure=False).cookies

        assert set(cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}

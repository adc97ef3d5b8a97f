"""Failures that no interaction foresaw, or that come before any view."""

import django.db
import psycopg
import pytest

from patients import interactions
from patients.api import authentication
from perf import database
from tests.patients.api.messages import issue


class TestDefect:
    @pytest.fixture
    def response(self, client, monkeypatch):
        def fails(**_):
            raise ZeroDivisionError("Ms Jane Doe, born 1980")

        monkeypatch.setattr(interactions, "read", fails)
        return client.get("/fhir/Patient/1")

    def test_is_answered_with_its_number_and_nothing_else(self, response):
        assert issue(response) == (
            500,
            "exception",
            f"Something went wrong here; the log has it as {response['X-Request-Id']}.",
        )

    def test_is_answered_as_fhir(self, response):
        assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert response["Cache-Control"] == "private, no-cache"


class TestDatabaseAway:
    def test_is_answered_503_by_an_interaction(self, client, monkeypatch):
        def fails(*_, **__):
            raise psycopg.OperationalError("server closed the connection")

        monkeypatch.setattr(database, "_run", fails)

        response = client.get("/fhir/Patient/1")

        assert response["Retry-After"] == "1"
        assert issue(response) == (
            503,
            "transient",
            "The database does not answer. Try again in a moment.",
        )

    def test_is_answered_503_by_logging_in(self, client, monkeypatch):
        def fails(_):
            raise django.db.OperationalError("server closed the connection")

        monkeypatch.setattr(authentication, "user_of", fails)

        response = client.get("/fhir/Patient/1")

        assert issue(response)[:2] == (503, "transient")


class TestBeforeAnyView:
    def test_a_foreign_host_is_answered_400(self, client):
        response = client.get("/fhir/Patient", headers={"Host": "elsewhere.example"})

        assert issue(response) == (400, "invalid", "The request was refused as malformed.")

    def test_pages_have_pages_for_their_failures(self, client):
        response = client.get("/no/such/page")

        assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")

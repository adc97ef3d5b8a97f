"""Default deny: an address, an interaction or a table of the admin that nobody named here fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from patients.access.vocabulary import INTERACTIONS
from tests.patients.access import doors
from tests.people import created, user_with

ROOT = Path(__file__).parents[3]
_ASKING = ("opened", "authorise")


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield from _names(pattern)
        elif getattr(pattern, "app_name", None) != "admin":
            yield from _views(pattern, prefix + str(pattern.pattern))


def _names(pattern: URLPattern) -> Iterator[str]:
    view = pattern.callback
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    name = f"{owner.__module__}.{owner.__qualname__}"
    if actions := getattr(view, "actions", None):
        yield from (f"{name}.{action}" for action in actions.values())
    else:
        yield name


def _asked() -> Iterator[tuple[str, str]]:
    """Where the door is opened, and by which name of an interaction."""
    for path in (ROOT / "patients").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and len(node.args) == 3:
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in _ASKING and isinstance(node.args[1], ast.Constant):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[1].value


def test_each_address_is_named():
    named = doors.OPEN | doors.LOGGED_IN | set(doors.INTERACTIONS)

    assert set(_views(get_resolver())) - named == set()


def test_each_interaction_of_an_address_is_known_to_the_policy():
    asked = {name for names in doors.INTERACTIONS.values() for name in names}

    assert asked <= set(INTERACTIONS)


def test_each_interaction_that_is_asked_about_is_known_to_the_policy():
    asked = dict(_asked())

    assert len(asked) > 20
    assert {place: name for place, name in asked.items() if name not in INTERACTIONS} == {}


def test_each_interaction_that_the_policy_knows_is_asked_about():
    in_variables = {"create", "update"}  # patients/interactions/load/portions.py

    assert set(INTERACTIONS) - set(dict(_asked()).values()) - in_variables == set()


def test_each_table_of_the_admin_is_named():
    registered = {model.__name__ for model in admin.site._registry}

    assert registered - doors.ADMIN_RECORDS - doors.ADMIN_OTHERS == set()


@pytest.fixture(scope="module")
def client(database) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user_with())
    return client


class TestWithoutARole:
    @pytest.mark.parametrize(
        "address",
        [
            "/fhir/Patient/{id}",
            "/fhir/Patient/{id}/_history/1",
            "/fhir/Patient/{id}/_history",
            "/fhir/Patient/_history",
            "/fhir/_history",
            "/fhir/Patient",
            "/fhir/Patient?_id={id}&_summary=count",
            "/fhir?_type=Patient",
            "/fhir/Patient/{id}/Observation",
            "/fhir/Patient/{id}/$everything",
            "/fhir/Patient/{id}/$meta",
            "/fhir/$export",
            "/api/patients",
            "/api/patients/{id}",
            "/patients/{id}/",
            "/patients/{id}/problems/",
            "/?q=smith",
        ],
    )
    def test_nothing_opens(self, client, address):
        headers = {"Prefer": "respond-async"} if "export" in address else {}

        assert client.get(address.format(id=created()), headers=headers).status_code == 403

    def test_nothing_says_whether_there_is_such_a_patient(self, client):
        known, unknown = (client.get(f"/fhir/Patient/{id}") for id in (created(), "unknown"))

        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)

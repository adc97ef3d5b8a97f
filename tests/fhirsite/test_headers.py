"""Each answer of each door has the whole set of headers, whatever it is that answers."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from patients.tokens import make_token
from tests.people import ALL_ROLES, user_with

SAMPLES = {
    "fhir_id": "none",
    "resource_type": "Observation",
    "version_id": "1",
    "uuid": str(uuid.UUID(int=1)),
    "int": "1",
    "str": "none",
    "slug": "none",
    "path": "none",
}
METHODS = ("GET", "POST", "DELETE", "OPTIONS")
FIXED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def addresses(patterns: list | None = None, before: str = "/") -> Iterator[str]:
    """An example of each pattern's addresses."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        address = before + example(each)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, address)
        else:
            yield address


def example(pattern: URLPattern | URLResolver) -> str:
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], str(pattern.pattern))
    # What the admin answers to all that it does not know.
    return "none/none" if text.startswith("(?P<url>") else text


@pytest.fixture(scope="module")
def person(database):
    return user_with(*ALL_ROLES, is_staff=True, is_superuser=True)


@pytest.fixture
def production(settings):
    """HSTS as production has it; the rest is the same everywhere."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_PRELOAD = True
    return settings


@pytest.fixture
def clients(production, person) -> list[Client]:
    """Nobody, a person with a session, and a program with a token."""
    nobody, member, program = (Client(raise_request_exception=False) for _ in range(3))
    member.force_login(person)
    # What a browser sends back under TLS.
    member.cookies["__Host-sessionid"] = member.cookies["sessionid"].value
    program.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(person, label='headers', days=1)}"
    return [nobody, member, program]


def faults(response) -> list[str]:
    """What is missing or wrong among an answer's headers."""
    found = [name for name, value in FIXED.items() if response.get(name) != value]
    is_page = response.get("Content-Type", "").startswith("text/html")
    policy = response.get("Content-Security-Policy", "")
    if not policy.startswith("default-src 'none'") or "frame-ancestors 'none'" not in policy:
        found.append("Content-Security-Policy")
    if "unsafe" in policy or (is_page and "report-to csp" not in policy):
        found.append("Content-Security-Policy")
    if is_page and response.get("Reporting-Endpoints") != 'csp="/csp-report"':
        found.append("Reporting-Endpoints")
    if "camera=()" not in response.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    if not re.fullmatch(r"[0-9a-f]{32}", response.get("X-Request-Id", "")):
        found.append("X-Request-Id")
    return found + cache_faults(response)


def cache_faults(response) -> list[str]:
    control = response.get("Cache-Control", "")
    is_kept_private = "private" in control or "no-store" in control
    found = [] if is_kept_private and "public" not in control else ["Cache-Control"]
    varied = {name.strip() for name in response.get("Vary", "").split(",")}
    return found if {"Authorization", "Cookie"} <= varied else [*found, "Vary"]


class TestEachAddress:
    def test_has_all_headers_by_each_method(self, clients):
        wrong = {
            (method, address, response.status_code): found
            # Behind a log-out everybody is nobody.
            for address in sorted(addresses(), key=lambda address: address.endswith("/logout/"))
            for method in METHODS
            for client in clients
            if (response := client.generic(method, address, secure=True)) and (found := faults(response))
        }

        assert wrong == {}

    def test_is_walked(self):
        walked = set(addresses())

        assert {"/", "/fhir", "/fhir/Observation/none", "/admin/login/", "/api/docs", "/csp-report"} <= walked
        assert len(walked) > 80

    def test_of_the_api_varies_by_what_its_answers_depend_on(self, clients):
        for address in (
            "/fhir/metadata",
            "/fhir/Observation?_count=1",
            "/fhir/Observation/none",
            "/api/patients",
        ):
            varied = {name.strip() for name in clients[2].get(address, secure=True)["Vary"].split(",")}
            assert varied >= {"Accept", "Authorization", "Cookie", "Prefer"}, address


class TestEachFailure:
    @pytest.mark.parametrize("status", [400, 403, 500])
    @pytest.mark.parametrize("door", ["", "/fhir"])
    def test_has_all_headers(self, production, clients, door, status):
        production.ROOT_URLCONF = "tests.fhirsite.failing_urls"

        response = clients[1].get(f"{door}/failing/{status}", secure=True)

        assert (response.status_code, faults(response)) == (status, [])

    @pytest.mark.parametrize(
        ("status", "request_"),
        [
            (301, {"method": "GET", "path": "/login/", "secure": False}),
            (302, {"method": "GET", "path": "/"}),
            (400, {"method": "GET", "path": "/", "headers": {"Host": "elsewhere.example"}}),
            (400, {"method": "GET", "path": "/fhir", "headers": {"Host": "elsewhere.example"}}),
            (404, {"method": "GET", "path": "/nothing"}),
            (404, {"method": "GET", "path": "/static/nothing.css"}),
            (405, {"method": "POST", "path": "/fhir/metadata"}),
            (413, {"method": "POST", "path": "/csp-report", "data": "x" * 20_000}),
            (415, {"method": "POST", "path": "/csp-report", "content_type": "text/plain"}),
        ],
    )
    def test_before_any_view_has_all_headers(self, production, status, request_):
        production.SECURE_SSL_REDIRECT = True
        options = {"secure": True, "content_type": "application/csp-report", **request_}
        client = Client(raise_request_exception=False)

        response = client.generic(options.pop("method"), options.pop("path"), **options)

        expected = [] if options["secure"] else ["Strict-Transport-Security"]
        assert (response.status_code, faults(response)) == (status, expected)

    def test_of_a_body_too_long_has_all_headers(self, production, clients):
        production.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

        response = clients[2].post(
            "/fhir/Patient", "{" * 11, content_type="application/fhir+json", secure=True
        )

        assert (response.status_code, faults(response)) == (413, [])

    def test_of_a_form_without_its_token_has_all_headers(self, production):
        client = Client(enforce_csrf_checks=True)

        response = client.post("/login/", {"username": "x"}, secure=True)

        assert (response.status_code, faults(response)) == (403, [])


class TestStaticFiles:
    def test_have_all_headers_and_are_for_all_caches(self, production):
        name = f"{uuid.uuid4()}.css"
        (Path(site_settings.STATIC_ROOT) / name).write_text("body {}")

        response = Client().get(f"/static/{name}", secure=True)

        assert response.status_code == 200
        assert faults(response) == ["Cache-Control", "Vary"]
        assert "public" in response["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in response

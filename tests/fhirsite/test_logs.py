"""The logs after a patient whom nobody may find in them was asked for in every way, rightly and wrongly."""

import base64
import json
from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests import log_scan
from tests.canaries import BIRTH_DATE, FAMILY, GIVEN, PASSWORD, PATIENT
from tests.people import user_with

FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def person(database):
    return user_with("clinician", "integration client", name="logs", password=PASSWORD)


@pytest.fixture(scope="module")
def program(site, person) -> Iterator[httpx.Client]:
    """By token, over TLS, at the real web server."""
    from patients.tokens import make_token

    headers = {"Authorization": f"Bearer {make_token(person, label='logs', days=1)}"}
    with httpx.Client(base_url=site.https, verify=site.ssl_context(), headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def browser(site, person) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.http, timeout=60) as client:
        client.get("/login/")
        form = {"username": person.username, "password": PASSWORD}
        form["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
        assert client.post("/login/", data=form).status_code == 302
        yield client


@pytest.fixture(scope="module")
def patient(program) -> str:
    created = program.post("/fhir/Patient", json=PATIENT, headers=FHIR)
    assert created.status_code == 201
    return created.json()["id"]


@pytest.fixture(autouse=True)
def nothing_told(database) -> Iterator[None]:
    yield
    assert log_scan.findings(settings.INSTANCE.logs, settings.INSTANCE) == []


def statuses(client: httpx.Client, requests: list[tuple[str, str, object]]) -> list[int]:
    return [
        client.request(method, address, content=_text(body), headers=FHIR if body else {}).status_code
        for method, address, body in requests
    ]


def _text(body: object) -> str | None:
    return body if body is None or isinstance(body, str) else json.dumps(body)


class TestNoLogTells:
    def test_of_what_was_asked_rightly(self, program, patient):
        assert (
            statuses(
                program,
                [
                    ("GET", f"/fhir/Patient?family={FAMILY}&birthdate={BIRTH_DATE}", None),
                    ("GET", f"/fhir/Patient/{patient}", None),
                    ("GET", f"/fhir/Patient/{patient}/$everything", None),
                    ("PUT", f"/fhir/Patient/{patient}", {**PATIENT, "id": patient}),
                    ("GET", f"/api/patients?name={GIVEN}", None),
                ],
            )
            == [200] * 5
        )

    def test_of_what_was_asked_wrongly(self, program):
        broken = {**PATIENT, "birthDate": f"{BIRTH_DATE}T", "gender": FAMILY}
        entry = {"resource": broken, "request": {"method": "POST", "url": f"Patient?name={FAMILY}"}}
        asked = [
            ("GET", f"/fhir/Patient?{FAMILY}={GIVEN}", None),
            ("GET", f"/fhir/Patient?birthdate={BIRTH_DATE}T{FAMILY}", None),
            ("GET", f"/fhir/Patient?_cursor={FAMILY}", None),
            ("GET", f"/fhir/Patient/{FAMILY}", None),
            ("GET", f"/fhir/Patient/{FAMILY}%00", None),
            ("GET", f"/fhir/{FAMILY}/1", None),
            ("GET", f"/nothing/{FAMILY}/{BIRTH_DATE}", None),
            ("DELETE", f"/fhir/metadata/{FAMILY}", None),
            ("POST", "/fhir/Patient", broken),
            ("POST", "/fhir/Patient", f'{{"resourceType": "{FAMILY}"'),
            ("POST", "/fhir/Patient", f'{{"a": "{FAMILY}", "a": "{GIVEN}"}}'),
            ("POST", "/fhir/Patient/$validate", broken),
            ("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}),
            ("POST", "/csp-report", {"csp-report": {"document-uri": FAMILY}}),
        ]

        answers = statuses(program, asked)

        assert all(200 <= status < 500 for status in answers)
        assert sum(status >= 400 for status in answers) >= 11

    def test_of_who_was_not_let_in(self, site):
        pair = base64.b64encode(f"{FAMILY}:{PASSWORD}".encode()).decode()
        for log_in in (f"Basic {pair}", f"Bearer fhs_{FAMILY}", f"Basic {FAMILY}"):
            refused = httpx.get(f"{site.http}/fhir/Patient", headers={"Authorization": log_in}, timeout=60)
            assert refused.status_code == 401
        form = {"username": FAMILY, "password": PASSWORD}
        assert httpx.post(f"{site.http}/login/", data=form, timeout=60).status_code == 403

    def test_of_who_was_looked_at(self, browser, patient):
        for address, status in {
            f"/?q={FAMILY}": 200,
            f"/patients/{patient}/": 200,
            f"/patients/{FAMILY}/": 404,
            f"/patients/{patient}/{FAMILY}/": 404,
            f"/?cursor={FAMILY}&q={GIVEN}": 400,
        }.items():
            assert browser.get(address).status_code == status, address

    def test_of_what_the_database_refused(self):
        with pytest.raises(Exception, match="date"), connection.cursor() as cursor:
            cursor.execute("SELECT %s::date", [f"{FAMILY} born {BIRTH_DATE}"])

    def test_of_what_a_defect_had_in_its_hands(self, settings):
        settings.ROOT_URLCONF = "tests.fhirsite.failing_urls"

        response = Client(raise_request_exception=False).get(f"/failing/500?name={FAMILY}")

        assert response.status_code == 500


class TestTheScan:
    @pytest.mark.parametrize(
        "line",
        [
            f"searched for {FAMILY.lower()}",
            f"born {BIRTH_DATE}",
            "token fhs_0123456789abcdef",
            "Authorization: Basic bm9ib2R5Om5vdGhpbmc=",
            f"password {PASSWORD}",
            "key {secret_key}",
        ],
    )
    def test_finds_what_is_planted(self, tmp_path, line):
        line = line.format(secret_key=settings.SECRET_KEY)
        (tmp_path / "web.log.1").write_text(f"12:00 well\n12:01 {line}\n12:02 well\n")

        [found] = log_scan.findings(tmp_path, settings.INSTANCE)

        assert found.startswith("web.log.1: ")
        assert found.endswith(f": 12:01 {line}")

    def test_reads_the_logs_of_every_part(self, site):
        present = {path.stem for path in settings.INSTANCE.logs.glob("*.log")}

        assert {"primary", "standby", "http", "https", "tests"} <= present

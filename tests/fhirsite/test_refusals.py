"""What is refused before an interaction begins is recorded, once, and by whom as far as that is known."""

import base64
import json
import uuid

import pytest
from django.test import Client

from patients.tokens import make_token
from tests.audited import audit_records
from tests.people import user_with

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def person(database):
    return user_with("clinician", "integration client", name="refused", password=PASSWORD)


@pytest.fixture
def program(person) -> Client:
    token = make_token(person, label="refused", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture
def member(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def recorded(response) -> list[tuple]:
    """Who did what to which, with what outcome, in all records of the request."""
    rows = audit_records().filter(request_id=response["X-Request-Id"])
    return [(each.actor, each.channel, each.interaction, each.outcome) for each in rows]


class TestTheApi:
    @pytest.mark.parametrize(
        ("status", "request_"),
        [
            (400, {"path": "/fhir/Observation/1?nothing=1"}),
            (400, {"path": "/fhir/Patient?nothing=1"}),
            (404, {"path": "/fhir/Nothing/1"}),
            (404, {"path": "/api/nothing"}),
            (405, {"path": "/fhir/_history", "method": "DELETE"}),
            (405, {"path": "/fhir/Patient/1", "method": "LOOK"}),
            (415, {"path": "/fhir/Patient", "method": "POST", "content_type": "text/csv", "data": "a,b"}),
            (400, {"path": "/fhir/Patient", "method": "POST", "data": "{"}),
        ],
    )
    def test_records_who_was_refused(self, program, person, status, request_):
        options = {"content_type": "application/fhir+json", "method": "GET", **request_}

        response = program.generic(options.pop("method"), options.pop("path"), **options)

        assert response.status_code == status
        assert recorded(response) == [(person.username, "token", "refused", status)]

    def test_records_whom_nobody_had_asked_yet(self, program):
        accepted = program.get("/fhir/Patient", headers={"Accept": "image/png"})
        open_to_all = program.delete("/fhir/metadata")

        assert recorded(accepted) == [("", "token", "refused", 406)]
        assert recorded(open_to_all) == [("", "token", "refused", 405)]

    def test_records_a_body_too_long(self, program, person, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

        response = program.post("/fhir/Patient", "{" * 11, content_type="application/fhir+json")

        assert recorded(response) == [(person.username, "token", "refused", 413)]

    @pytest.mark.parametrize(
        ("headers", "channel"), [({}, "session"), ({"Authorization": "Bearer fhs_nothing"}, "token")]
    )
    def test_records_that_somebody_was_not_let_in(self, headers, channel):
        response = Client(headers=headers).get("/fhir/Patient/1")

        assert response.status_code == 401
        assert recorded(response) == [("", channel, "refused", 401)]

    def test_records_what_was_asked_for(self, program):
        response = program.get("/fhir/Observation/abc?nothing=1&name=%00é")

        record = audit_records().get(request_id=response["X-Request-Id"])
        assert (record.resource_type, record.resource_id) == ("Observation", "abc")
        assert record.query.startswith("GET /fhir/<resource_type:resource_type>/<fhir_id:id>?nothing=1&name=")
        assert record.address == "127.0.0.1"

    def test_records_who_asks_too_often(self, person, settings):
        settings.RATE_POLICIES = {
            **settings.RATE_POLICIES,
            "client": {"quota": 1, "window_seconds": 100_000_000},
            "address": {"quota": 2, "window_seconds": 100_000_000},
        }
        token = make_token(person, label="often", days=1)
        address = f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"
        client = Client(headers={"Authorization": f"Bearer {token}"}, REMOTE_ADDR=address)

        answers = [client.get("/fhir/Patient?_count=1") for _ in range(3)]

        assert [each.status_code for each in answers] == [200, 429, 429]
        assert recorded(answers[1]) == [(person.username, "token", "refused", 429)]
        # By its address, before it was asked who that is.
        assert recorded(answers[2]) == [("", "token", "refused", 429)]


class TestPages:
    @pytest.mark.parametrize(
        ("status", "method", "address"),
        [
            (404, "GET", "/nothing"),
            (404, "GET", "/patients/1/nothing/"),
            (404, "GET", "/patients/%00/"),
            (405, "POST", "/patients/1/"),
        ],
    )
    def test_record_who_was_refused(self, member, person, status, method, address):
        response = member.generic(method, address)

        assert response.status_code == status
        [(actor, channel, _, outcome)] = recorded(response)
        assert (channel, outcome) == ("session", status)
        assert actor in (person.username, "")

    def test_record_a_form_without_its_token_and_a_foreign_host(self):
        form = Client(enforce_csrf_checks=True).post("/login/", {"login": "x"})
        host = Client().get("/login/", headers={"Host": "elsewhere.example"})

        assert recorded(form) == [("", "session", "refused", 403)]
        assert recorded(host) == [("", "session", "refused", 400)]


class TestOnce:
    def test_is_recorded_what_an_interaction_refuses(self, program, person):
        response = program.get(f"/fhir/Patient/{uuid.uuid4()}")

        assert recorded(response) == [(person.username, "token", "read", 404)]

    def test_is_recorded_what_a_bundle_refuses(self, program):
        entry = {"request": {"method": "GET", "url": "Patient/none"}}
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}

        response = program.post("/fhir", json.dumps(bundle), content_type="application/fhir+json")

        assert response.status_code == 200
        assert [each[2] for each in recorded(response) if each[2] == "refused"] == []

    def test_is_recorded_what_two_requests_of_one_thread_refuse(self, program):
        answers = [program.get("/fhir/Nothing") for _ in range(2)]

        assert [len(recorded(each)) for each in answers] == [1, 1]

    def test_a_log_in_that_failed_is_recorded_by_itself(self, person):
        pair = base64.b64encode(f"{person.username}:wrong".encode()).decode()

        response = Client(headers={"Authorization": f"Basic {pair}"}).get("/fhir/Patient", secure=True)

        assert len(recorded(response)) == 1


class TestNothing:
    @pytest.mark.parametrize("address", ["/livez", "/static/nothing.css", "/favicon.ico", "/fhir/metadata"])
    def test_is_recorded_of_what_discloses_nothing(self, address):
        assert recorded(Client().get(address)) == []

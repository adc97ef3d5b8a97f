"""Who asks too often is told so, at each door, and nobody else is."""

import base64
import ipaddress
import itertools
import json
import uuid

import pytest
from django.test import Client

from fhirsite.throttling import network_of
from patients.tokens import make_token
from tests.people import user_with

PASSWORD = "correct horse battery staple"
SENTENCE = "You ask more often than this service allows; wait as many seconds as Retry-After says."
LONG = 100_000_000
_addresses = itertools.count(1)


@pytest.fixture
def address() -> str:
    """An address that no other test asks from, nor another run of this one."""
    number = uuid.uuid4().bytes
    return f"198.{18 + number[0] % 2}.{number[1]}.{next(_addresses) % 250}"


@pytest.fixture(scope="module")
def person(database):
    return user_with("clinician", "integration client", password=PASSWORD)


@pytest.fixture
def limits(settings):
    """Set some, in a window so long that none of these tests outlives it."""

    def set_to(**quotas: int) -> None:
        settings.RATE_POLICIES = {
            name: {
                **policy,
                "window_seconds": 100_000_000,
                "quota": quotas.get(name.replace("-", "_"), 1_000),
            }
            for name, policy in settings.RATE_POLICIES.items()
        }

    return set_to


def program(person, address: str) -> Client:
    token = make_token(person, label="often", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"}, REMOTE_ADDR=address)


def basic(person, password: str = PASSWORD) -> dict[str, str]:
    pair = base64.b64encode(f"{person.username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def statuses(times: int, ask) -> list[int]:
    return [ask().status_code for _ in range(times)]


class TestAProgram:
    def test_is_told_what_is_left(self, limits, person, address):
        limits(address=50, client=20)

        response = program(person, address).get("/fhir/Patient?_count=1")

        assert response["RateLimit-Policy"] == '"address";q=50;w=100000000, "client";q=20;w=100000000'
        first, second = response["RateLimit"].split(", ")
        assert first.startswith('"address";r=49;t=')
        assert second.startswith('"client";r=19;t=')

    def test_is_answered_429_with_what_to_do(self, limits, person, address):
        limits(client=2)
        client = program(person, address)

        assert statuses(3, lambda: client.get("/fhir/Patient?_count=1")) == [200, 200, 429]
        response = client.get("/fhir/Patient?_count=1")
        assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert response.json()["issue"] == [
            {"severity": "error", "code": "throttled", "diagnostics": SENTENCE}
        ]
        assert int(response["Retry-After"]) > 0
        assert response["Retry-After"] == response["RateLimit"].rpartition("t=")[2]

    def test_has_a_limit_for_each_token(self, limits, person, address):
        limits(client=2)

        for client in (program(person, address), program(person, address)):
            assert statuses(3, lambda client=client: client.get("/fhir/Patient?_count=1")) == [200, 200, 429]

    def test_counts_a_bundle_once(self, limits, person, address):
        limits(client=2)
        entry = {"request": {"method": "GET", "url": "Patient?_count=1"}}
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry] * 5}

        response = program(person, address).post(
            "/fhir", json.dumps(bundle), content_type="application/fhir+json"
        )

        assert [each["response"]["status"][:3] for each in response.json()["entry"]] == ["200"] * 5

    def test_of_a_token_that_is_not_known_uses_up_the_address_alone(self, limits, address):
        limits(address=2)
        client = Client(headers={"Authorization": "Bearer fhs_nothing"}, REMOTE_ADDR=address)

        assert statuses(3, lambda: client.get("/fhir/Patient")) == [401, 401, 429]


class TestAPerson:
    def test_has_one_limit_for_pages_and_api(self, limits, person, address):
        limits(user=3)
        client = Client(REMOTE_ADDR=address)
        client.force_login(person)

        asked = [client.get(place) for place in ("/", "/fhir/Patient?_count=1", "/", "/", "/api/patients")]

        assert [each.status_code for each in asked] == [200, 200, 200, 429, 429]
        assert asked[3]["Content-Type"] == "text/html; charset=utf-8"
        assert "You ask more often than this site allows" in asked[3].content.decode()
        assert asked[4].json()["issue"][0]["code"] == "throttled"
        assert int(asked[3]["Retry-After"]) > 0


class TestAnAddress:
    @pytest.mark.parametrize("place", ["/login/", "/fhir/metadata", "/nothing", "/admin/login/"])
    def test_has_a_limit_at_each_door(self, limits, address, place):
        limits(address=2)
        client = Client(REMOTE_ADDR=address)

        assert statuses(4, lambda: client.get(place))[2:] == [429, 429]
        assert client.get(place)["Content-Security-Policy"].startswith("default-src 'none'")

    def test_of_version_6_is_its_network(self, limits):
        limits(address=2)
        network = ":".join(f"{each:x}" for each in (0x2001, 0xDB8, uuid.uuid4().int % 65536, 7))

        answers = [
            Client(REMOTE_ADDR=f"{network}::{host}").get("/fhir/metadata").status_code for host in (1, 2, 3)
        ]

        assert answers == [200, 200, 429]
        assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
        assert network_of("") == network_of("unix") == "unknown"

    def test_of_version_4_is_itself_where_both_versions_are_heard(self):
        assert network_of("::ffff:198.51.100.7") == "198.51.100.7"

    def test_is_not_counted_where_health_is_asked(self, limits, address):
        limits(address=1)
        client = Client(REMOTE_ADDR=address)

        assert statuses(5, lambda: client.get("/livez")) == [200] * 5

    def test_behind_a_proxy_is_the_clients(self, limits, settings, address):
        settings.TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
        limits(address=2)
        client = Client(REMOTE_ADDR="10.0.0.1")

        mine = statuses(3, lambda: client.get("/fhir/metadata", headers={"X-Forwarded-For": address}))
        others = client.get("/fhir/metadata", headers={"X-Forwarded-For": f"{address}, 203.0.113.77"})

        assert mine == [200, 200, 429]
        assert others.status_code == 200


class TestLogIn:
    def test_is_tried_so_often_only(self, limits, person, address):
        limits(log_in=3)
        client = Client(REMOTE_ADDR=address)
        wrong = {"username": person.username, "password": "wrong"}
        right = {"username": person.username, "password": PASSWORD}

        assert statuses(3, lambda: client.post("/login/", wrong)) == [200, 200, 200]
        assert client.post("/login/", right).status_code == 429
        assert client.get("/login/").status_code == 200

    def test_by_basic_counts_what_was_wrong(self, limits, person, address):
        limits(log_in=3)
        client = Client(REMOTE_ADDR=address)

        def ask(password: str) -> int:
            return client.get(
                "/fhir/Patient?_count=1", headers=basic(person, password), secure=True
            ).status_code

        assert [ask(PASSWORD) for _ in range(5)] == [200] * 5
        assert [ask("wrong") for _ in range(4)] == [401, 401, 401, 429]
        assert ask(PASSWORD) == 429

    def test_by_basic_counts_however_the_scheme_is_set_apart(self, limits, person, address):
        limits(log_in=1)
        client = Client(REMOTE_ADDR=address)
        headers = {"Authorization": basic(person, "wrong")["Authorization"].replace(" ", "\t")}

        assert statuses(2, lambda: client.get("/fhir/Patient", headers=headers, secure=True)) == [401, 429]

    def test_by_any_form_that_nobody_sends_counts_together(self, limits, person, address):
        limits(log_in=2)
        client = Client(REMOTE_ADDR=address)

        answers = [client.post(place, {"username": "x"}) for place in ("/admin/login/", "/login/", "/login/")]

        assert answers[2].status_code == 429


class TestReports:
    def test_are_taken_so_often_only(self, limits, address):
        limits(report=2)
        client = Client(REMOTE_ADDR=address)
        report = '{"csp-report": {}}'

        asked = lambda: client.post("/csp-report", report, content_type="application/csp-report")  # noqa: E731
        assert statuses(3, asked) == [204, 204, 429]


def test_can_be_turned_off(limits, settings, person, address):
    limits(address=1, client=1)
    settings.RATE_LIMITS = False
    client = program(person, address)

    answers = [client.get("/fhir/Patient?_count=1") for _ in range(3)]

    assert [each.status_code for each in answers] == [200] * 3
    assert "RateLimit" not in answers[0]

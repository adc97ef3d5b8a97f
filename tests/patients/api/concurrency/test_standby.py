"""Pages of the primary and of a standby by turns, while the standby knows nothing of the newest changes."""

import uuid
from itertools import islice

import pytest

from patients import interactions
from patients.fhir.resource import from_value
from tests.patients.api.concurrency.writers import pages, put
from tests.people import TESTER, word
from tests.perf.test_replica import replay_paused


def _observation(code: str, day: int, id: str | None = None) -> dict:
    return {
        "resourceType": "Observation",
        "id": id or str(uuid.uuid4()),
        "status": "final",
        "code": {"coding": [{"system": "urn:test", "code": code}]},
        "effectiveDateTime": f"2026-01-{day:02}",
    }


def _by_somebody_else(body: dict) -> None:
    interactions.update(actor=TESTER, resource=from_value(body), id=body["id"])


def _turned(client, settings, address: str):
    """The pages, of which the first is the primary's, and later ones a standby's if it may answer them."""
    settings.REPLICA_ENABLED = False
    for page in pages(client, address):
        yield page
        settings.REPLICA_ENABLED = True


@pytest.fixture(autouse=True)
def _wait_no_longer(settings):
    settings.REPLICA_WAIT_SECONDS = 0.1


class TestLaterPages:
    def test_of_a_search_come_from_who_knows_what_the_first_did(self, client, settings):
        code = word()
        bodies = [_observation(code, day) for day in range(1, 7)]
        for body in bodies:
            put(client, body)

        with replay_paused():
            _by_somebody_else(_observation(code, 20, bodies[0]["id"]))
            found = [
                entry["resource"]["id"]
                for page in _turned(client, settings, f"/fhir/Observation?code={code}&_sort=-date&_count=2")
                for entry in page["entry"]
            ]

        newest_first = [bodies[at]["id"] for at in (0, 5, 4, 3, 2, 1)]
        assert found == newest_first

    @pytest.mark.parametrize("address", ["/fhir/Observation", "/fhir/Observation/{id}"])
    def test_of_a_history_come_from_who_knows_what_the_first_did(self, client, settings, address):
        body = _observation(word(), 1)
        for _ in range(3):
            put(client, body)

        with replay_paused():
            for _ in range(3):
                _by_somebody_else(body)
            turned = _turned(client, settings, f"{address.format(id=body['id'])}/_history?_count=2")
            found = [entry["response"]["etag"] for page in islice(turned, 3) for entry in page["entry"]]

        assert found == [f'W/"{version}"' for version in (6, 5, 4, 3, 2, 1)]


class TestFollowers:
    @pytest.mark.parametrize("resource_type", ["Observation", "Patient"])
    def test_of_a_search_are_told_by_who_knows_all_up_to_that_moment(self, client, resource_type):
        mark = word()
        identifier = [{"system": "urn:test", "value": mark}]
        body = {**_observation(mark, 1), "resourceType": resource_type, "identifier": identifier}
        if resource_type == "Patient":
            body = {key: body[key] for key in ("resourceType", "id", "identifier")}

        with replay_paused():
            _by_somebody_else(body)
            bundle = client.get(
                f"/fhir/{resource_type}?identifier=urn:test|{mark}&_lastUpdated=gt2020&_sort=_lastUpdated"
            ).json()

        [entry] = bundle["entry"]
        assert entry["resource"]["meta"]["lastUpdated"] < bundle["meta"]["lastUpdated"]

    def test_of_a_history_are_told_by_who_knows_all_up_to_that_moment(self, client):
        body = _observation(word(), 1)

        with replay_paused():
            _by_somebody_else(body)
            bundle = client.get("/fhir/Observation/_history?_since=2020-01-01&_count=1").json()

        assert bundle["entry"][0]["resource"]["id"] == body["id"]

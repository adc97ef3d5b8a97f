"""Whoever asks again from the newest time on that it was told, misses nothing that was committed late."""

import random
import threading
import time
import uuid

import pytest
from django.db import transaction

from patients import interactions
from patients.fhir.resource import from_value
from patients.models import writing as door
from patients.models.writing import change_to
from tests.patients.api.concurrency.writers import pages, put, writing
from tests.people import TESTER, word

ELEMENTS = {"Patient": {"active": True}, "Observation": {"status": "final", "code": {"text": "pulse"}}}
# A transaction is open for so long while others commit.
SHORT_SECONDS, LONG_SECONDS = 0.3, 4.0


def _body(resource_type: str, mark: str, id: str | None = None, **elements) -> dict:
    identifier = [{"system": "urn:test:polled", "value": mark}]
    id = id or str(uuid.uuid4())
    return {
        "resourceType": resource_type,
        "id": id,
        "identifier": identifier,
        **ELEMENTS[resource_type],
        **elements,
    }


def _slow(resource_type: str, mark: str, written: set[tuple[str, int]], seconds: float, **elements):
    """Writes, and commits only some time later; again and again."""

    def work(is_over: threading.Event) -> None:
        while not is_over.is_set():
            body = _body(resource_type, mark, **elements)
            with transaction.atomic():
                door.write(change_to(from_value(body), id=body["id"], expected_version=0, method="PUT"))
                is_over.wait(seconds)
            written.add((body["id"], 1))

    return work


def _quick(resource_type: str, mark: str, written: set[tuple[str, int]], seed: int, **elements):
    """Creates, and changes what it created."""

    def work(is_over: threading.Event) -> None:
        chance, versions = random.Random(seed), {}
        while not is_over.is_set():
            id = chance.choice([*versions, str(uuid.uuid4())])
            body = _body(resource_type, mark, id, **elements)
            versions[id] = interactions.update(
                actor=TESTER, resource=from_value(body), id=id
            ).resource.version_id
            written.add((id, versions[id]))
            is_over.wait(0.01)

    return work


class Poller:
    """Follows the changes of resources with a mark by `_lastUpdated`, as an integration engineer would."""

    def __init__(self, client, resource_type: str, mark: str, order: str) -> None:
        self._client = client
        self._query = f"/fhir/{resource_type}?identifier=urn:test:polled|{mark}&_count=10&{order}"
        self._last = "2000-01-01T00:00:00Z"
        self.told: list[tuple[str, int]] = []

    def poll(self) -> None:
        newest = self._last
        for page in pages(self._client, f"{self._query}&_lastUpdated=gt{self._last}"):
            for entry in page.get("entry", []):
                resource = entry["resource"]
                self.told.append((resource["id"], int(resource["meta"]["versionId"])))
                newest = max(newest, resource["meta"]["lastUpdated"])
        self._last = newest


class Follower:
    """Follows a history by `_since`: from the moment on that the first page was complete up to."""

    def __init__(self, client, address: str) -> None:
        self._client, self._address = client, address
        self._since = "2000-01-01T00:00:00Z"
        self.told: list[tuple[str, int]] = []

    def poll(self) -> None:
        following = None
        for page in pages(self._client, f"{self._address}/_history?_count=100&_since={self._since}"):
            following = following or page["meta"]["lastUpdated"]
            for entry in page.get("entry", []):
                id = entry["fullUrl"].rpartition("/")[2]
                self.told.append((id, int(entry["response"]["etag"][3:-1])))
        self._since = following


class FollowerOfAPatient:
    """Follows the records of a Patient by $everything and `_since`; some may come twice."""

    def __init__(self, client, id: str) -> None:
        self._client, self._address = client, f"/fhir/Patient/{id}/$everything?_count=100"
        self._since = "2000-01-01T00:00:00Z"
        self.told: list[tuple[str, int]] = []

    def poll(self) -> None:
        following = None
        for page in pages(self._client, f"{self._address}&_since={self._since}"):
            following = following or page["meta"]["lastUpdated"]
            for entry in page.get("entry", []):
                resource = entry["resource"]
                self.told.append((resource["id"], int(resource["meta"]["versionId"])))
        self._since = following


def _newest(versions: set[tuple[str, int]]) -> set[tuple[str, int]]:
    newest = {}
    for id, version in versions:
        newest[id] = max(version, newest.get(id, 0))
    return set(newest.items())


def _follow(poller, works, seconds: float) -> None:
    """Poll while they write, and then until nothing unfinished is in the way."""
    end = time.monotonic() + seconds * 3
    with writing(*works):
        while time.monotonic() < end:
            poller.poll()
            time.sleep(0.02)


def _until_told(poller, wanted) -> None:
    """Other transactions of the machine may still be open."""
    for _ in range(100):
        poller.poll()
        if wanted <= set(poller.told):
            return
        time.sleep(0.1)


SECONDS = [SHORT_SECONDS, pytest.param(LONG_SECONDS, marks=pytest.mark.long)]


@pytest.mark.parametrize("seconds", SECONDS)
class TestPollerOfSearch:
    @pytest.mark.parametrize("order", ["_sort=_lastUpdated", "_sort=-_lastUpdated", ""])
    @pytest.mark.parametrize("resource_type", ELEMENTS)
    def test_misses_nothing_of_a_slow_transaction(self, client, resource_type, order, seconds):
        mark, written = word(), set()
        poller = Poller(client, resource_type, mark, order)

        _follow(
            poller,
            [_slow(resource_type, mark, written, seconds), _quick(resource_type, mark, written, seed=1)],
            seconds,
        )
        _until_told(poller, _newest(written))

        assert _newest(written) <= set(poller.told)
        assert len(poller.told) == len(set(poller.told))


@pytest.mark.parametrize("seconds", SECONDS)
class TestFollowerOfHistory:
    @pytest.mark.parametrize("address", ["/fhir/Observation", "/fhir"])
    def test_of_many_misses_no_version(self, client, address, seconds):
        mark, written = word(), set()
        follower = Follower(client, address)
        follower.poll()

        _follow(
            follower,
            [_slow("Observation", mark, written, seconds), _quick("Observation", mark, written, seed=1)],
            seconds,
        )
        _until_told(follower, written)

        assert written <= set(follower.told)
        assert len(follower.told) == len(set(follower.told))

    def test_of_one_resource_misses_no_version(self, client, seconds):
        body = _body("Observation", word())
        put(client, body)
        written = {(body["id"], 1)}

        def update(is_over: threading.Event) -> None:
            for version in range(2, 40):
                if is_over.is_set():
                    return
                with transaction.atomic():
                    door.write(
                        change_to(from_value(body), id=body["id"], expected_version=version - 1, method="PUT")
                    )
                    is_over.wait(seconds / 10)
                written.add((body["id"], version))

        follower = Follower(client, f"/fhir/Observation/{body['id']}")
        _follow(follower, [update], seconds)
        _until_told(follower, written)

        assert set(follower.told) == written


@pytest.mark.parametrize("seconds", SECONDS)
class TestFollowerOfAPatient:
    def test_misses_nothing_of_a_slow_transaction(self, client, seconds):
        patient = _body("Patient", word())
        put(client, patient)
        about = {"subject": {"reference": f"Patient/{patient['id']}"}}
        written: set[tuple[str, int]] = set()
        follower = FollowerOfAPatient(client, patient["id"])

        _follow(
            follower,
            [
                _slow("Observation", word(), written, seconds, **about),
                _quick("Observation", word(), written, seed=1, **about),
            ],
            seconds,
        )
        _until_told(follower, _newest(written))

        assert _newest(written) <= set(follower.told)

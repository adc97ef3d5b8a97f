"""Pages under concurrent writes: what stays as it is comes exactly once, what changes at most once.

The reader's pages come from the standby and from the primary by turns.
"""

import random
import threading
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from patients import interactions
from patients.fhir.outcomes import FhirError
from patients.fhir.resource import from_value
from perf import database
from tests.patients.api.bundle_requests import bundle, entry, sent
from tests.patients.api.concurrency.writers import pages, put, writing
from tests.people import TESTER, word

STAYING, CHANGING = 40, 25
WRITES = 150
PAGE = 5


@dataclass(frozen=True)
class Listing:
    """A search whose order few values decide, so that many are equal, and that writes turn over."""

    resource_type: str
    query: str
    is_rising: bool = True

    def address(self, mark: str, *, count: int) -> str:
        return f"/fhir/{self.resource_type}?{self.query.format(mark=mark)}&_count={count}"

    def body(
        self, mark: str, chance: random.Random, id: str | None = None, *, at: int | None = None
    ) -> dict[str, Any]:
        """A resource that stands at one of five places of the order, or by chance at one of four."""
        body = {"resourceType": self.resource_type, "id": id or str(uuid.uuid4())}
        at = chance.randrange(4) if at is None else at
        day = f"2026-0{at + 1}-01"
        if self.resource_type == "Patient":
            name = {"family": "ABCDE"[at] + mark, "given": [mark]}
            return {**body, "name": [name], "birthDate": day}
        code = {"coding": [{"system": "urn:test", "code": mark}]}
        return {**body, "status": "final", "code": code, "effectiveDateTime": day}


LISTINGS = {
    "Patients by family name": Listing("Patient", "given={mark}&_sort=family"),
    "Patients by date of birth, the youngest first": Listing(
        "Patient", "given={mark}&_sort=-birthdate", False
    ),
    "Patients as they come": Listing("Patient", "given={mark}"),
    "Patients by last change": Listing("Patient", "given={mark}&_sort=_lastUpdated"),
    "Observations as they come": Listing("Observation", "code=urn:test|{mark}", False),
    "Observations by date, the newest first": Listing(
        "Observation", "code=urn:test|{mark}&_sort=-date", False
    ),
    "Observations by last change": Listing("Observation", "code=urn:test|{mark}&_sort=_lastUpdated"),
}


class Server:
    """Who answers the next page: the primary, or the standby if it may."""

    is_standby_allowed = True


@pytest.fixture
def server(monkeypatch) -> Server:
    # Django's settings can't be changed while other threads read them.
    server, may_use_replica = Server(), database._may_use_replica
    monkeypatch.setattr(
        database,
        "_may_use_replica",
        lambda principal: server.is_standby_allowed and may_use_replica(principal),
    )
    return server


_BY_VALUES = {
    "Patients by id": Listing("Patient", "given={mark}&_sort=_id"),
    "Patients by name, changed before": Listing("Patient", "given={mark}&_lastUpdated=lt2100"),
    "Observations by date, changed before": Listing(
        "Observation", "code=urn:test|{mark}&_lastUpdated=lt2100", False
    ),
    **{name: listing for name, listing in LISTINGS.items() if "last change" not in name},
}


def _write(listing: Listing, mark: str, ids: list[str], seed: int):
    def work(is_over: threading.Event) -> None:
        chance = random.Random(seed)
        for _ in range(WRITES):
            if is_over.is_set():
                return
            what = chance.random()
            try:
                if what < 0.2:
                    body = listing.body(mark, chance)
                    interactions.create(actor=TESTER, resource=from_value(body))
                elif what < 0.9:
                    body = listing.body(mark, chance, chance.choice(ids))
                    interactions.update(actor=TESTER, resource=from_value(body), id=body["id"])
                else:
                    interactions.delete(
                        actor=TESTER, resource_type=listing.resource_type, id=chance.choice(ids)
                    )
            except FhirError:
                # Deleted twice, or changed by both writers at once.
                pass

    return work


def _check(client, server, listing: Listing, seed: int) -> Counter[str]:
    """Page through the listing while two others write; answers which server the pages came from."""
    chance, mark, came_from = random.Random(seed), word(), Counter()
    staying, changing = (
        [listing.body(mark, chance) for _ in range(number)] for number in (STAYING, CHANGING)
    )
    for body in chance.sample(staying + changing, STAYING + CHANGING):
        assert put(client, body).status_code == 201
    ids = [body["id"] for body in changing]
    shown: list[str] = []

    def count(execution: database.Execution) -> None:
        if execution.name in ("search", "patient search"):
            came_from[execution.alias] += 1

    with writing(*[_write(listing, mark, ids, seed * 2 + at) for at in range(2)]), database.observed(count):
        for page in pages(client, listing.address(mark, count=PAGE)):
            shown += _ids(page)
            server.is_standby_allowed = chance.random() < 0.5

    twice = [id for id, times in Counter(shown).items() if times > 1]
    missing = {body["id"] for body in staying} - set(shown)
    assert (twice, missing) == ([], set())
    return came_from


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
class TestPagesUnderConcurrentWrites:
    def test_repeat_and_lose_nothing(self, client, server, listing):
        came_from = _check(client, server, listing, seed=1)

        assert min(came_from["replica"], came_from["default"]) > 0

    @pytest.mark.long
    def test_repeat_and_lose_nothing_in_fifty_runs(self, client, server, listing):
        came_from = Counter()
        for seed in range(50):
            came_from += _check(client, server, listing, seed)

        assert min(came_from["replica"], came_from["default"]) > 0


class TestAChangeBetweenPages:
    @pytest.mark.parametrize("listing", _BY_VALUES.values(), ids=_BY_VALUES)
    def test_of_other_values_leaves_a_resource_in_its_place(self, client, listing):
        mark, bodies = _few(client, listing)
        turned = pages(client, listing.address(mark, count=2))
        ids = _ids(next(turned))

        for body in bodies:
            put(client, {**body, "language": "en"})
        ids += [id for page in turned for id in _ids(page)]

        assert sorted(ids) == sorted(body["id"] for body in bodies)

    @pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
    def test_of_what_was_shown_shows_it_no_more(self, client, listing):
        mark, bodies = _few(client, listing)
        turned = pages(client, listing.address(mark, count=2))
        ids = _ids(next(turned))

        for body in bodies:
            if body["id"] in ids:
                put(
                    client, listing.body(mark, random.Random(0), body["id"], at=4 if listing.is_rising else 0)
                )
        ids += [id for page in turned for id in _ids(page)]

        assert sorted(ids) == sorted(body["id"] for body in bodies)


def test_what_the_transaction_of_the_first_page_moved_is_on_a_later_one(client):
    listing = LISTINGS["Observations as they come"]
    mark, bodies = _few(client, listing)
    moved = listing.body(mark, random.Random(0), bodies[-1]["id"], at=0)
    asked = listing.address(mark, count=2).removeprefix("/fhir/")

    response = sent(
        client,
        bundle("transaction", entry("PUT", f"Observation/{moved['id']}", moved), entry("GET", asked)),
        prefer="representation",
    )

    first = response.json()["entry"][1]["resource"]
    [following] = [link["url"] for link in first["link"] if link["relation"] == "next"]
    ids = _ids(first) + [id for page in pages(client, following) for id in _ids(page)]
    assert sorted(ids) == sorted(body["id"] for body in bodies)
    assert ids[-1] == moved["id"]


def _few(client, listing: Listing) -> tuple[str, list[dict[str, Any]]]:
    mark = word()
    bodies = [listing.body(mark, random.Random(0), at=at) for at in (1, 1, 2, 2, 3)]
    for body in bodies:
        put(client, body)
    return mark, bodies


def _ids(page: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in page.get("entry", [])]

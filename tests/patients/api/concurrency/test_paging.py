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

    def body(self, mark: str, chance: random.Random, id: str | None = None) -> dict[str, Any]:
        body = {"resourceType": self.resource_type, "id": id or str(uuid.uuid4())}
        day = f"2026-0{chance.randrange(1, 5)}-01"
        if self.resource_type == "Patient":
            name = {"family": chance.choice("ABCD") + mark, "given": [mark]}
            return {**body, "name": [name], "birthDate": day}
        code = {"coding": [{"system": "urn:test", "code": mark}]}
        return {**body, "status": "final", "code": code, "effectiveDateTime": day}


LISTINGS = {
    "Patients by family name": Listing("Patient", "given={mark}&_sort=family"),
    "Patients by date of birth, the youngest first": Listing("Patient", "given={mark}&_sort=-birthdate"),
    "Patients as they come": Listing("Patient", "given={mark}"),
    "Patients by last change": Listing("Patient", "given={mark}&_sort=_lastUpdated"),
    "Observations as they come": Listing("Observation", "code=urn:test|{mark}"),
    "Observations by date, the newest first": Listing("Observation", "code=urn:test|{mark}&_sort=-date"),
    "Observations by last change": Listing("Observation", "code=urn:test|{mark}&_sort=_lastUpdated"),
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


def _check(client, settings, listing: Listing, seed: int) -> Counter[str]:
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
        for page in pages(
            client, f"/fhir/{listing.resource_type}?{listing.query.format(mark=mark)}&_count={PAGE}"
        ):
            shown += [entry["resource"]["id"] for entry in page.get("entry", [])]
            settings.REPLICA_ENABLED = chance.random() < 0.5

    twice = [id for id, times in Counter(shown).items() if times > 1]
    missing = {body["id"] for body in staying} - set(shown)
    assert (twice, missing) == ([], set())
    return came_from


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
class TestPagesUnderConcurrentWrites:
    def test_repeat_and_lose_nothing(self, client, settings, listing):
        came_from = _check(client, settings, listing, seed=1)

        assert min(came_from["replica"], came_from["default"]) > 0

    @pytest.mark.long
    def test_repeat_and_lose_nothing_in_fifty_runs(self, client, settings, listing):
        came_from = Counter()
        for seed in range(50):
            came_from += _check(client, settings, listing, seed)

        assert min(came_from["replica"], came_from["default"]) > 0

"""What is written is what is read, to the last digit: by a read, a version, a search, a history, an export.

https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/datatypes.html#decimal (precision is kept)
"""

import random
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.patients.api.export import orders
from tests.patients.api.messages import FHIR
from tests.patients.api.parameters import exact
from tests.patients.fhir.any_resources import TYPES, Maker

SHORT, LONG = 300, 10_000
SEED = 20261124
RICHNESS = (0.1, 0.25, 0.5)


def made(number: int) -> dict[str, Any]:
    """The resource of this number: all types in turn."""
    chance = random.Random(f"{SEED} {number}")
    return Maker(chance, richness=chance.choice(RICHNESS)).resource(TYPES[number % len(TYPES)])


def created(client, resource: dict[str, Any]) -> str:
    """The id under which it is stored."""
    type = resource["resourceType"]
    response = client.post(f"/fhir/{type}", exact.written(resource).encode(), content_type=FHIR)
    assert response.status_code == 201, (resource, response.content)
    return exact.read(response.content)["id"]


def assert_kept(client, resource: dict[str, Any], *, several_ways: bool) -> None:
    sent = exact.without_server_meta(exact.read(exact.written(resource)))
    type, id = resource["resourceType"], created(client, resource)

    assert _shown(client, f"/fhir/{type}/{id}") == sent
    if several_ways:
        assert _shown(client, f"/fhir/{type}/{id}/_history/1") == sent
        assert _entries(client, f"/fhir/{type}?_id={id}") == [sent]
        assert _entries(client, f"/fhir/{type}/{id}/_history") == [sent]


def _shown(client, address: str) -> dict[str, Any]:
    response = client.get(address, headers={"Accept": FHIR})
    assert response.status_code == 200, (address, response.content)
    return exact.without_server_meta(exact.read(response.content))


def _entries(client, address: str) -> list[dict[str, Any]]:
    response = client.get(address, headers={"Accept": FHIR})
    assert response.status_code == 200, (address, response.content)
    entries = exact.read(response.content)["entry"]
    return [exact.without_server_meta(entry["resource"]) for entry in entries]


class TestMade:
    def test_come_back_equal(self, client):
        for number in range(SHORT):
            assert_kept(client, made(number), several_ways=number % 5 == 0)

    @pytest.mark.long
    def test_come_back_equal_by_thousands(self, client):
        for number in range(SHORT, SHORT + LONG):
            assert_kept(client, made(number), several_ways=number % 4 == 0)

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(TYPES))
    def test_come_back_equal_in_their_smallest_form(self, client, chance, type):
        assert_kept(client, Maker(chance, richness=0.3).resource(type), several_ways=False)

    def test_are_exported_equal(self, client):
        since = datetime.now(UTC).isoformat()
        sent = [made(number) for number in range(1_000, 1_060)]
        ids = [created(client, resource) for resource in sent]

        status = orders.ordered(client, f"/fhir/$export?_since={quote(since)}")
        orders.work(status)
        lines = orders.lines_of(client, client.get(status).json())
        client.delete(status)

        exported = {each["id"]: exact.without_server_meta(each) for each in map(exact.read, lines)}
        assert [exported[id] for id in ids] == [exact.read(exact.written(each)) for each in sent]

    def test_are_replaced_whole(self, client):
        for number in range(60):
            first, second = made(number), made(number + len(TYPES))
            id = created(client, first)
            type = second["resourceType"]

            text = exact.written({**second, "id": id}).encode()
            response = client.put(f"/fhir/{type}/{id}", text, content_type=FHIR)

            assert response.status_code == 200, (second, response.content)
            assert _shown(client, f"/fhir/{type}/{id}") == exact.without_server_meta(
                exact.read(exact.written(second))
            )

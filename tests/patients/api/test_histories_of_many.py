"""The history of a type and of the system, `_since` and `_at`: over what others write meanwhile."""

import json
import threading
import time
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client

from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from patients.models import writing
from patients.models.writing import change_to
from tests.patients.api.messages import FHIR, issue

BODY = {"resourceType": "Substance", "code": {"text": "salt"}}


def written(client: Client, id: str | None = None) -> str:
    id = id or str(uuid.uuid4())
    response = client.put(f"/fhir/Substance/{id}", json.dumps({**BODY, "id": id}), content_type=FHIR)
    assert response.status_code in (200, 201), response.content
    return id


def pages(client: Client, address: str):
    while address:
        bundle = client.get(address).json()
        yield bundle
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        address = links.get("next")


def versions(*bundles) -> list[tuple[str, str]]:
    return [
        (entry["fullUrl"].rpartition("/")[2], entry["response"]["etag"])
        for bundle in bundles
        for entry in bundle.get("entry", [])
    ]


def now(client: Client) -> str:
    """A moment after all that is written."""
    id = written(client)
    return client.get(f"/fhir/Substance/{id}").json()["meta"]["lastUpdated"]


def since(client: Client, moment: str, ids: set[str]):
    """Ask until nothing that is unfinished elsewhere is in the way."""
    for _ in range(50):
        found = versions(*pages(client, f"/fhir/Substance/_history?_since={moment}"))
        if ids <= {id for id, _ in found}:
            return found
        time.sleep(0.1)
    raise AssertionError("not shown")


@pytest.mark.parametrize("address", ["/fhir/Substance/_history", "/fhir/_history"])
class TestPages:
    def test_tell_of_all_versions_the_newest_first(self, client, address):
        one, other = written(client), written(client)
        written(client, one)
        client.delete(f"/fhir/Substance/{other}")
        written(client, other)

        bundle = client.get(f"{address}?_count=5").json()

        assert versions(bundle) == [
            (other, 'W/"3"'),
            (other, 'W/"2"'),
            (one, 'W/"2"'),
            (other, 'W/"1"'),
            (one, 'W/"1"'),
        ]
        statuses = [entry["response"]["status"] for entry in bundle["entry"]]
        assert statuses == ["201", "204", "200", "201", "201"]
        assert "total" not in bundle
        validate(from_value(bundle))

    def test_lose_nothing_and_repeat_nothing_while_others_write(self, client, address):
        ids = [written(client) for _ in range(30)]
        is_done = threading.Event()

        def write() -> None:
            while not is_done.is_set():
                written(client, ids[0])
            connection.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = []
            for bundle in pages(client, f"{address}?_count=7"):
                found += versions(bundle)
                if set(ids) <= {id for id, version in found if version == 'W/"1"'}:
                    break
        finally:
            is_done.set()
            writer.join()

        assert len(found) == len(set(found))
        assert {(id, 'W/"1"') for id in ids} <= set(found)

    def test_belong_to_one_history(self, client, address):
        for _ in range(2):
            written(client)
        first = next(pages(client, f"{address}?_count=1"))
        cursor = first["link"][1]["url"].rpartition("_cursor=")[2]

        response = client.get(f"/fhir/Basic/_history?_cursor={cursor}")

        assert issue(response) == (
            400,
            "value",
            "This '_cursor' belongs to another history; begin with the first page.",
        )


class TestSince:
    def test_takes_what_was_written_at_that_moment_or_later(self, client):
        earlier = written(client)
        later = written(client)
        moment = client.get(f"/fhir/Substance/{later}").json()["meta"]["lastUpdated"]

        found = since(client, moment, {later})

        assert (later, 'W/"1"') in found
        assert earlier not in {id for id, _ in found}

    def test_loses_nothing_of_a_transaction_that_is_open(self, client):
        moment = now(client)
        late = str(uuid.uuid4())
        has_written, may_commit = threading.Event(), threading.Event()

        def write_slowly() -> None:
            with transaction.atomic():
                resource = from_value({**BODY, "id": late})
                writing.write(change_to(resource, id=late, expected_version=0, method="PUT"))
                has_written.set()
                may_commit.wait(30)
            connection.close()

        writer = threading.Thread(target=write_slowly)
        writer.start()
        assert has_written.wait(30)
        try:
            # Written later than what is unfinished, so it is not shown before that.
            soon = written(client)
            first = client.get(f"/fhir/Substance/_history?_since={moment}").json()
        finally:
            may_commit.set()
            writer.join()

        assert soon not in {id for id, _ in versions(first)}
        following = first["meta"]["lastUpdated"]
        found = since(client, following, {late, soon})
        assert not set(found) & set(versions(first))

    def test_of_one_resource_shows_its_newest_versions(self, client):
        id = written(client)
        written(client, id)
        moment = client.get(f"/fhir/Substance/{id}").json()["meta"]["lastUpdated"]

        bundle = client.get(f"/fhir/Substance/{id}/_history?_since={moment}").json()

        assert versions(bundle) == [(id, 'W/"2"')]
        assert "total" not in bundle

    def test_may_find_nothing(self, client):
        id = written(client)

        for address in (f"/fhir/Substance/{id}/_history", "/fhir/Substance/_history", "/fhir/_history"):
            response = client.get(f"{address}?_since=2999-01-01T00:00:00Z")
            assert response.status_code == 200
            assert "entry" not in response.json()
        assert client.get("/fhir/Substance/nobody/_history?_since=2999-01-01").status_code == 404


class TestAt:
    def test_shows_what_was_current_at_a_moment(self, client):
        id = written(client)
        for _ in range(2):
            time.sleep(0.005)
            written(client, id)
        history = client.get(f"/fhir/Substance/{id}/_history").json()["entry"]
        times = [entry["response"]["lastModified"] for entry in reversed(history)]

        address = f"/fhir/Substance/{id}/_history"
        found = [versions(client.get(f"{address}?_at={moment}").json()) for moment in times]

        assert found == [[(id, 'W/"1"')], [(id, 'W/"2"')], [(id, 'W/"3"')]]
        assert len(versions(client.get(f"/fhir/Substance/{id}/_history?_at={times[0][:4]}").json())) == 3
        assert versions(client.get(f"/fhir/Substance/{id}/_history?_at=1999").json()) == []

    def test_shows_nothing_of_what_was_deleted_before(self, client):
        id = written(client)
        client.delete(f"/fhir/Substance/{id}")
        moment = "2999-01-01"

        found = versions(*pages(client, f"/fhir/Substance/_history?_at={moment}"))

        assert id not in {each for each, _ in found}

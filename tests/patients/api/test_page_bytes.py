"""Pages of huge resources: they end early, lose nothing, and never hold more than a page may have."""

import base64
import json
import os
import tracemalloc
import uuid

import pytest

from tests.patients.api.messages import FHIR, created, issue
from tests.records import Records

MEGABYTE = 1024 * 1024
OCTETS = 10_000
PADDING = "x" * OCTETS


@pytest.fixture(autouse=True)
def room_for_three(settings):
    settings.MAX_PAGE_BYTES = 3 * OCTETS + OCTETS // 2


@pytest.fixture(scope="module")
def records(user) -> Records:
    from patients.access import actor_for

    return Records(actor_for(user, channel="token", request_id="", address=""))


@pytest.fixture(scope="module")
def patient(records) -> str:
    """A Patient with ten large Conditions."""
    id = records.patient()
    for _ in range(10):
        records.condition(id, PADDING)
    return id


def _pages(client, address: str) -> list[list[str]]:
    pages = []
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.content
        bundle = response.json()
        pages.append([each["fullUrl"] + each.get("response", {}).get("etag", "") for each in bundle["entry"]])
        address = next((each["url"] for each in bundle["link"] if each["relation"] == "next"), "")
    return pages


def _once(pages: list[list[str]]) -> int:
    every = [each for page in pages for each in page]
    assert len(every) == len(set(every))
    return len(every)


class TestSearch:
    @pytest.mark.parametrize("order", ["", "&_sort=_lastUpdated", "&_sort=-onset-date", "&_sort=_id"])
    def test_ends_a_page_before_it_is_too_long(self, client, patient, order):
        pages = _pages(client, f"/fhir/Condition?patient={patient}&_count=8{order}")

        assert [len(page) for page in pages] == [3, 3, 3, 1]
        assert _once(pages) == 10

    def test_within_a_compartment_does_so_too(self, client, patient):
        pages = _pages(client, f"/fhir/Patient/{patient}/Condition")

        assert [len(page) for page in pages] == [3, 3, 3, 1]

    @pytest.mark.parametrize(
        "query", ["family={}", "family={}&_sort=birthdate", "identifier={}", "name:contains={}"]
    )
    def test_of_patients_does_so_too(self, client, query):
        mark = f"big{uuid.uuid4().hex}"
        for at in range(7):
            created(
                client,
                name=[{"family": mark, "text": PADDING}],
                identifier=[{"value": mark}],
                birthDate=f"200{at}-01-01",
            )

        pages = _pages(client, f"/fhir/Patient?{query.format(mark)}")

        assert [len(page) for page in pages] == [3, 3, 1]
        assert _once(pages) == 7

    def test_answers_one_that_is_longer_than_a_page_alone(self, client, records, settings):
        settings.MAX_PAGE_BYTES = OCTETS // 2
        id = records.patient()
        for _ in range(2):
            records.condition(id, PADDING)

        pages = _pages(client, f"/fhir/Condition?patient={id}")

        assert [len(page) for page in pages] == [1, 1]

    def test_fetches_no_text_that_does_not_fit(self, client, records, settings):
        settings.MAX_PAGE_BYTES = 2 * MEGABYTE
        id = records.patient()
        data = base64.b64encode(os.urandom(MEGABYTE * 3 // 4)).decode()
        for _ in range(16):
            records.stored(
                {
                    "resourceType": "DocumentReference",
                    "status": "current",
                    "subject": {"reference": f"Patient/{id}"},
                    "content": [{"attachment": {"contentType": "image/png", "data": data}}],
                }
            )
        tracemalloc.start()

        response = client.get(f"/fhir/DocumentReference?patient={id}")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert MEGABYTE < len(response.content) < 2 * MEGABYTE
        assert peak < 8 * MEGABYTE

    def test_refuses_to_include_more_than_a_page_may_have(self, client, patient):
        refused = client.get(f"/fhir/Patient?_id={patient}&_revinclude=Condition:patient")

        assert issue(refused) == (
            400,
            "too-costly",
            "This page would include more than 35,000 bytes; ask for a smaller '_count' or fewer '_include'"
            " and '_revinclude'.",
        )


class TestHistory:
    @pytest.mark.parametrize("place", ["/fhir/Patient/{}/_history", "/fhir/Patient/_history?_since={}"])
    def test_ends_a_page_before_it_is_too_long(self, client, place):
        id = str(uuid.uuid4())
        body = {"resourceType": "Patient", "id": id, "name": [{"text": PADDING}]}
        address = f"/fhir/Patient/{id}"
        first = client.put(address, json.dumps(body), content_type=FHIR).json()
        for _ in range(4):
            client.put(address, json.dumps(body), content_type=FHIR)
        client.delete(address)
        client.put(address, json.dumps(body), content_type=FHIR)
        asked = first["meta"]["lastUpdated"] if "_since" in place else id

        pages = _pages(client, place.format(asked))

        assert [len(page) for page in pages] == [4, 3]
        versions = [each for page in pages for each in page if id in each]
        assert versions == [f'http://testserver/fhir/Patient/{id}W/"{at}"' for at in range(7, 0, -1)]


class TestEverything:
    def test_ends_a_page_before_it_is_too_long(self, client, patient):
        pages = _pages(client, f"/fhir/Patient/{patient}/$everything?_count=20")

        assert [len(page) for page in pages] == [4, 3, 3, 1]
        assert _once(pages) == 11

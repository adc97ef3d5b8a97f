"""$everything without `_count`: the whole as one Bundle, sent in portions while it is read."""

import base64
import json
import os
import tracemalloc
from contextlib import contextmanager

import h2.exceptions
import httpx
import pytest
from django.db import connections

from patients.models import FhirResource, writing
from perf.database import observed, timed
from tests.audited import audit_records
from tests.patients.api.messages import FHIR, issue, sent
from tests.records import Records

MEGABYTE = 1024 * 1024
# What the client raises for a body that is shorter than announced, by HTTP/1.1 and by HTTP/2.
_BROKEN = (httpx.RemoteProtocolError, h2.exceptions.InvalidBodyLengthError)


@pytest.fixture(scope="module")
def records(user) -> Records:
    from patients.access import actor_for

    return Records(actor_for(user, channel="token", request_id="", address=""))


@pytest.fixture(scope="module")
def many(records) -> str:
    """A Patient with more records than a portion holds."""
    id = records.patient(name=[{"family": "Großmann"}])
    for at in range(250):
        records.condition(id, f"Cough {at} ü")
    return id


def _document(records: Records, patient: str, octets: int) -> str:
    # Random, so that it is stored as long as it is.
    data = base64.b64encode(os.urandom(octets * 3 // 4)).decode()
    return records.stored(
        {
            "resourceType": "DocumentReference",
            "status": "current",
            "subject": {"reference": f"Patient/{patient}"},
            "content": [{"attachment": {"contentType": "image/png", "data": data}}],
        }
    )


@pytest.fixture(scope="module")
def large(records) -> str:
    """A Patient with 16 documents of a megabyte each."""
    id = records.patient()
    for _ in range(16):
        _document(records, id, MEGABYTE)
    return id


def _keys(bundle: dict) -> list[str]:
    return [f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in bundle["entry"]]


def _whole(id: str) -> str:
    return f"/fhir/Patient/{id}/$everything"


class TestWhole:
    def test_is_what_all_pages_have(self, client, many):
        paged, address = [], f"{_whole(many)}?_count=100"
        while address:
            page = client.get(address).json()
            paged += page["entry"]
            address = next((each["url"] for each in page["link"] if each["relation"] == "next"), "")

        bundle = sent(client.get(_whole(many)))

        assert bundle["entry"] == paged
        assert bundle["total"] == 251
        assert bundle["link"] == [{"relation": "self", "url": f"http://testserver{_whole(many)}"}]

    def test_announces_its_length(self, client, many):
        response = client.get(_whole(many))

        body = b"".join(response)
        assert response.streaming
        assert response["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert int(response["Content-Length"]) == len(body)
        assert response["Cache-Control"] == "private, no-cache"

    def test_of_few_records_is_answered_at_once(self, client, records):
        id = records.patient()
        names = []

        with observed(lambda execution: names.append(execution.name)):
            response = client.get(_whole(id))

        assert (response.streaming, _keys(response.json())) == (False, [f"Patient/{id}"])
        assert response.json()["total"] == 1
        assert names == ["resource", "everything: patient", "everything: keys", "everything: versions"]

    def test_of_types_that_are_not_there_has_no_entry(self, client, records):
        bundle = client.get(f"{_whole(records.patient())}?_type=Claim").json()

        assert (bundle["total"], "entry" in bundle) == (0, False)

    @pytest.mark.parametrize("accept", ["application/json", "application/fhir+json"])
    def test_is_answered_in_the_format_that_is_accepted(self, client, many, accept):
        response = client.get(_whole(many), headers={"Accept": accept})

        assert response["Content-Type"] == f"{accept}; charset=utf-8"
        response.close()

    def test_by_post_is_whole_too(self, client, many):
        body = {
            "resourceType": "Parameters",
            "parameter": [{"name": "_type", "valueCode": "Condition"}],
        }

        response = client.post(_whole(many), json.dumps(body), content_type=FHIR)

        assert len(sent(response)["entry"]) == 250

    def test_indented_comes_in_pages(self, client, many):
        response = client.get(f"{_whole(many)}?_pretty=true")

        assert not response.streaming
        assert response.content.startswith(b'{\n  "resourceType": "Bundle"')
        assert len(response.json()["entry"]) == 251

    def test_within_a_batch_comes_in_pages(self, client, many):
        batch = {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": f"Patient/{many}/$everything"}}],
        }

        answer = client.post("/fhir", json.dumps(batch), content_type=FHIR).json()

        assert len(answer["entry"][0]["resource"]["entry"]) == 251

    def test_head_reads_keys_only(self, client, many):
        names = []

        with observed(lambda execution: names.append(execution.name)):
            response = client.head(_whole(many))
        got = client.get(_whole(many))

        assert response["Content-Length"] == got["Content-Length"]
        assert names == ["resource", "everything: patient", "everything: keys"]
        for each in (response, got):
            each.close()


class TestMoment:
    def test_is_that_of_the_request_whatever_is_written_while_it_is_sent(self, client, records):
        id = records.patient(name=[{"family": "Before"}])
        for _ in range(4):
            _document(records, id, MEGABYTE // 2)
        last = records.encounter(id, "2020-01-01", "before")
        before = _keys(sent(client.get(_whole(id))))
        parts = iter(client.get(_whole(id)))
        begun = [next(parts), next(parts)]

        records.encounter(id, "2019-01-01", "after")
        client.delete(f"/fhir/Encounter/{last}")
        records.changed(id, name=[{"family": "After"}])
        bundle = json.loads(b"".join([*begun, *parts]))

        assert _keys(bundle) == before
        assert f"Encounter/{last}" in before
        [patient] = [each["resource"] for each in bundle["entry"] if each["resource"]["id"] == id]
        assert patient["name"] == [{"family": "Before"}]


class TestMemory:
    def test_holds_a_portion_and_reads_it_when_it_is_sent(self, client, large):
        rows, names = [], []

        with timed(lambda each: rows.append(each.rows)), observed(lambda each: names.append(each.name)):
            parts = iter(client.get(_whole(large)))
            next(parts)
            before = names.count("everything: versions")
            next(parts)
            first = names.count("everything: versions")
            for _ in parts:
                pass

        assert (before, first) == (0, 1)
        assert names.count("everything: versions") == 17
        assert max(rows) == 1

    def test_is_the_same_for_much_as_for_little(self, client, large):
        length, longest = 0, 0
        tracemalloc.start()

        for part in client.get(_whole(large)):
            length, longest = length + len(part), max(longest, len(part))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert length > 16 * MEGABYTE
        assert longest < 2 * MEGABYTE
        assert peak < 8 * MEGABYTE


class TestAudit:
    def test_names_all_patients_before_the_first_byte(self, client, records, user):
        id, other = records.patient(), records.patient()
        for _ in range(3):
            _document(records, id, MEGABYTE // 2)
        records.stored(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "Blood group"},
                "subject": {"reference": f"Patient/{id}"},
                "performer": [{"reference": f"Patient/{other}"}],
            }
        )

        response = client.get(_whole(id))

        row = audit_records().filter(actor=user.get_username()).latest("id")
        assert (row.interaction, row.resource_id, row.outcome) == ("everything", id, 200)
        assert row.patients == sorted([id, other])
        response.close()

    def test_of_a_page_names_the_same(self, client, records, user):
        id, other = records.patient(), records.patient()
        records.stored(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "Blood group"},
                "subject": {"reference": f"Patient/{id}"},
                "performer": [{"reference": f"Patient/{other}"}],
            }
        )

        client.get(f"{_whole(id)}?_count=10")

        row = audit_records().filter(actor=user.get_username()).latest("id")
        assert row.patients == sorted([id, other])


class TestPlaces:
    def test_beyond_those_that_may_be_sent_at_once_is_503(self, client, many, settings, user):
        settings.STREAMS = 1
        first = client.get(_whole(many))

        refused = client.get(_whole(many))
        row = audit_records().filter(actor=user.get_username()).latest("id")
        paged = client.get(f"{_whole(many)}?_count=5")
        first.close()
        again = client.get(_whole(many))

        assert issue(refused) == (
            503,
            "transient",
            "As many large answers as may be are being sent already. Try again in a moment, or ask for pages"
            " with '_count'.",
        )
        assert refused["Retry-After"] == "1"
        assert (row.outcome, row.patients) == (503, [])
        assert paged.status_code == 200
        assert len(sent(again)["entry"]) == 251

    def test_are_free_after_head_and_after_a_whole_answer(self, client, many, settings):
        settings.STREAMS = 1

        client.head(_whole(many)).close()
        for _ in range(2):
            assert len(sent(client.get(_whole(many)))["entry"]) == 251


@contextmanager
def _lost(resource_type: str, patient: str):
    """A version that was there cannot be found."""
    found = FhirResource.objects.filter(
        resource_type=resource_type, resource_data__subject__reference=f"Patient/{patient}"
    ).earliest("id")
    move = "UPDATE fhir_resource_versions SET version_id = version_id + %s WHERE resource_id = %s"
    with connections["owner"].cursor() as cursor:
        cursor.execute(move, [1000, found.pk])
        try:
            yield
        finally:
            cursor.execute(move, [-1000, found.pk])


def _received(parts) -> tuple[bytes, Exception | None]:
    """What comes, and how it ends."""
    body = b""
    try:
        for part in parts:
            body += part
    except _BROKEN as error:
        return body, error
    return body, None


class TestFailure:
    @pytest.mark.parametrize("http2", [False, True])
    def test_midway_breaks_the_transfer(self, site, token, large, user, http2):
        writing.remember_commit(f"user:{user.pk}")
        client = httpx.Client(http2=http2, verify=site.ssl_context(), timeout=30)
        headers = {"Authorization": f"Bearer {token}"}

        with client, client.stream("GET", f"{site.https}{_whole(large)}", headers=headers) as response:
            length, body = int(response.headers["Content-Length"]), b""
            parts = response.iter_raw()
            body += next(parts)
            # The newest is sent first, so that this one is the last.
            with _lost("DocumentReference", large):
                rest, broken = _received(parts)

        body += rest
        assert isinstance(broken, _BROKEN)

        assert response.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        assert 0 < len(body) < length
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)

    @pytest.mark.parametrize("http2", [False, True])
    def test_of_none_sends_all_over_the_wire(self, site, token, large, user, http2):
        writing.remember_commit(f"user:{user.pk}")
        client = httpx.Client(http2=http2, verify=site.ssl_context(), timeout=30)

        with client:
            headers = {"Authorization": f"Bearer {token}"}
            response = client.get(f"{site.https}{_whole(large)}", headers=headers)

        assert response.json()["total"] == len(response.json()["entry"]) == 17
        assert int(response.headers["Content-Length"]) == len(response.content)

    def test_of_the_client_gives_the_place_back(self, site, token, large):
        headers = {"Authorization": f"Bearer {token}"}

        # More than there are places in all web processes together.
        for _ in range(8):
            with (
                httpx.Client(verify=site.ssl_context(), timeout=30) as client,
                client.stream("GET", f"{site.https}{_whole(large)}", headers=headers) as response,
            ):
                next(response.iter_raw())
        with httpx.Client(verify=site.ssl_context(), timeout=30, headers=headers) as client:
            # The server may learn a moment later that the last client is gone.
            statuses = (client.head(f"{site.https}{_whole(large)}").status_code for _ in range(50))

            assert 200 in statuses

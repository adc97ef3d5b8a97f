"""Every interaction with single resources, of ordinary types and odd ones."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.test import Client

from patients.fhir.definitions import RESOURCE_TYPES
from tests import published
from tests.patients.api.messages import FHIR, issue

BODIES = {
    "Basic": {"code": {"text": "note"}},
    "Binary": {"contentType": "text/plain", "data": "aGVsbG8="},
    "Bundle": {"type": "collection"},
    "Group": {"type": "person", "actual": True},
    "Observation": {"status": "final", "code": {"text": "pulse"}},
    "OperationOutcome": {"issue": [{"severity": "error", "code": "invalid"}]},
    "Organization": {"name": "Clinic"},
    "QuestionnaireResponse": {"status": "completed"},
    "ValueSet": {"status": "draft"},
}
of_each_type = pytest.mark.parametrize("type", BODIES)


def send(client: Client, method: str, address: str, body: object = None, **headers: str):
    text = "" if body is None else json.dumps(body)
    # A Binary is answered as one where that is asked for.
    headers = {"Accept": FHIR, **headers}
    return client.generic(method, f"/fhir/{address}", text, content_type=FHIR, headers=headers)


def stored(client: Client, type: str) -> str:
    """The id of a new resource."""
    return send(client, "POST", type, {"resourceType": type, **BODIES[type]}).json()["id"]


@of_each_type
class TestResource:
    def test_is_created_and_read(self, client, type):
        made = send(client, "POST", type, {"resourceType": type, **BODIES[type]})

        assert made.status_code == 201
        id = made.json()["id"]
        assert made["Location"] == f"http://testserver/fhir/{type}/{id}/_history/1"
        read = send(client, "GET", f"{type}/{id}")
        headed = send(client, "HEAD", f"{type}/{id}")
        assert read.content == made.content
        assert {name: read.json()[name] for name in BODIES[type]} == BODIES[type]
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed["ETag"] == read["ETag"] == 'W/"1"'

    def test_is_read_on_conditions(self, client, type):
        id = stored(client, type)

        assert send(client, "GET", f"{type}/{id}", **{"If-None-Match": 'W/"1"'}).status_code == 304
        assert send(client, "GET", f"{type}/{id}", **{"If-None-Match": 'W/"2"'}).status_code == 200

    def test_is_made_by_an_update_and_updated_by_the_next(self, client, type):
        id = str(uuid.uuid4())
        body = {"resourceType": type, "id": id, **BODIES[type]}

        answers = [send(client, "PUT", f"{type}/{id}", {**body, "language": it}) for it in ("de", "en")]

        assert [answer.status_code for answer in answers] == [201, 200]
        assert send(client, "GET", f"{type}/{id}/_history/1").json()["language"] == "de"
        assert send(client, "GET", f"{type}/{id}/_history/2").json()["language"] == "en"
        stale = send(client, "PUT", f"{type}/{id}", body, **{"If-Match": 'W/"1"'})
        assert issue(stale) == (412, "conflict", f'{type}/{id} is at version 2, not W/"1".')

    def test_is_deleted(self, client, type):
        id = stored(client, type)

        assert send(client, "DELETE", f"{type}/{id}").status_code == 204
        assert send(client, "GET", f"{type}/{id}").status_code == 410
        assert send(client, "GET", f"{type}/{id}/_history/2").status_code == 410
        statuses = [
            entry["response"]["status"]
            for entry in send(client, "GET", f"{type}/{id}/_history").json()["entry"]
        ]
        assert statuses == ["204", "201"]

    def test_must_be_of_the_addresss_type(self, client, type):
        other = send(client, "POST", type, {"resourceType": "Patient"})

        # What is posted to Binary and is none is the content of one.
        assert other.status_code == (201 if type == "Binary" else 400)
        assert send(client, "GET", f"{type}/{uuid.uuid4()}").status_code == 404


class TestParameters:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    def test_are_never_kept(self, client, method):
        response = send(client, method, "Parameters/1", {"resourceType": "Parameters", "id": "1"})

        assert issue(response) == (
            404,
            "not-supported",
            "A Parameters is only sent to operations and answered by them; none is kept.",
        )


class TestEveryType:
    def test_answers_that_there_is_none(self, client):
        statuses = {
            type: send(client, "GET", f"{type}/{uuid.uuid4()}").status_code
            for type in sorted(RESOURCE_TYPES - {"Parameters"})
        }

        assert set(statuses.values()) == {404}

    @published.needs_published_data
    def test_gives_hl7s_examples_back(self, client):
        kept, wrong = 0, []
        for text in published.hl7_example_texts():
            example = json.loads(text, parse_float=Decimal)
            type, id = example["resourceType"], example.get("id")
            if type == "Parameters" or id is None:
                continue
            put = client.put(f"/fhir/{type}/{id}", text, content_type=FHIR)
            if put.status_code not in (200, 201):
                # Some of them break rules of R4; which ones do is told elsewhere.
                assert put.status_code in (400, 422), (type, id, put.content)
                continue
            read = json.loads(send(client, "GET", f"{type}/{id}").content, parse_float=Decimal)
            # Which version it is and since when, the server says.
            meta = {
                **example.get("meta", {}),
                **{it: read["meta"][it] for it in ("versionId", "lastUpdated")},
            }
            kept += 1
            if read != {**example, "meta": meta}:
                wrong.append(f"{type}/{id}")

        assert wrong == []
        assert kept > 700


class TestUpdatesAtOnce:
    def test_of_one_version_have_one_winner(self, client):
        id = stored(client, "Basic")
        body = {"resourceType": "Basic", "id": id, **BODIES["Basic"]}

        def update(version: int) -> int:
            return send(client, "PUT", f"Basic/{id}", body, **{"If-Match": f'W/"{version}"'}).status_code

        with ThreadPoolExecutor(8) as pool:
            for version in range(1, 6):
                statuses = sorted(pool.map(update, [version] * 20))
                assert (statuses[0], set(statuses[1:])) == (200, {412})
        assert send(client, "GET", f"Basic/{id}")["ETag"] == 'W/"6"'

import base64
import json

import pytest

from tests.patients.api.bundle_requests import bundle, entry, new_system, patient, put, sent, statuses
from tests.patients.api.messages import created, issue


def binary(*operations):
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}


ACTIVE = {"op": "add", "path": "/active", "value": True}
PATH_PATCH = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "add"},
                {"name": "path", "valueString": "Patient"},
                {"name": "name", "valueString": "active"},
                {"name": "value", "valueBoolean": True},
            ],
        }
    ],
}


@pytest.mark.parametrize("type", ["batch", "transaction"])
class TestPatch:
    @pytest.mark.parametrize("body", [binary(ACTIVE), PATH_PATCH], ids=["json", "fhirpath"])
    def test_makes_the_next_version(self, client, type, body):
        id = created(client)

        response = sent(client, bundle(type, entry("PATCH", f"Patient/{id}", body)), "representation")

        [answer] = response.json()["entry"]
        assert statuses(response) == ["200 OK"]
        assert answer["response"]["location"] == f"Patient/{id}/_history/2"
        assert answer["resource"]["active"] is True

    def test_keeps_to_if_match(self, client, type):
        id = created(client)

        response = sent(
            client, bundle(type, entry("PATCH", f"Patient/{id}", binary(ACTIVE), ifMatch='W/"2"'))
        )

        status = issue(response)[0] if type == "transaction" else int(statuses(response)[0][:3])
        assert status == 412


class TestPatchInTransaction:
    def test_that_cannot_be_applied_undoes_all(self, client):
        one, two = created(client), created(client)
        wrong = {"op": "remove", "path": "/birthDate"}

        response = sent(
            client,
            bundle(
                "transaction",
                put({"resourceType": "Patient", "id": one, "active": True}),
                entry("PATCH", f"Patient/{two}", binary(wrong)),
            ),
        )

        assert response.status_code == 422
        assert response.json()["issue"][0]["expression"][0].startswith("Bundle.entry[1]")
        assert client.get(f"/fhir/Patient/{one}").json()["meta"]["versionId"] == "1"

    def test_of_one_resource_twice_is_refused(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])
        first = entry("PATCH", f"Patient/{id}", binary(ACTIVE))
        by_criteria = entry("PATCH", f"Patient?identifier={system}|1", binary(ACTIVE))
        written = put(patient(system, id=id))

        for other in (first, by_criteria, written):
            response = sent(client, bundle("transaction", first, other))

            assert response.status_code == 400
            assert f"Patient/{id} is in two entries of one transaction." in issue(response)[2]
        assert client.get(f"/fhir/Patient/{id}").json()["meta"]["versionId"] == "1"

import json

import pytest

from tests.patients.api.messages import FHIR, created, issue

ALL_OK = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "information",
            "code": "informational",
            "diagnostics": "All OK: the resource could be stored.",
        }
    ],
}


def validated(client, address, body):
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/fhir/{address}", text, content_type=FHIR)


def wrapped(resource, **parameters):
    others = [{"name": name, "valueCode": code} for name, code in parameters.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}, *others]}


class TestValidate:
    @pytest.mark.parametrize(
        "body",
        [
            {"resourceType": "Patient"},
            wrapped({"resourceType": "Patient"}),
            wrapped({"resourceType": "Patient"}, mode="create"),
        ],
    )
    def test_says_that_all_is_ok(self, client, body):
        response = validated(client, "Patient/$validate", body)

        assert (response.status_code, response.json()) == (200, ALL_OK)

    def test_tells_all_issues(self, client):
        response = validated(
            client, "Patient/$validate", {"resourceType": "Patient", "active": "x", "birthDate": "y"}
        )

        assert response.status_code == 200
        assert [each["expression"] for each in response.json()["issue"]] == [
            ["Patient.active"],
            ["Patient.birthDate"],
        ]

    def test_tells_of_a_resource_of_another_type(self, client):
        response = validated(client, "Patient/$validate", {"resourceType": "Basic", "code": {"text": "x"}})

        assert [each["diagnostics"] for each in response.json()["issue"]] == [
            "The resource is of type Basic; this address takes Patient resources."
        ]

    def test_tells_of_another_id(self, client):
        response = validated(client, "Patient/a/$validate", {"resourceType": "Patient", "id": "b"})

        assert [each["diagnostics"] for each in response.json()["issue"]] == [
            "The resource has the id 'b'; to update Patient/a it must have that id."
        ]

    def test_tells_of_what_is_no_resource(self, client):
        response = validated(client, "Patient/$validate", wrapped({"resourceType": "Patiens"}))

        assert response.status_code == 200
        assert response.json()["issue"][0]["diagnostics"] == "'Patiens' is not a resource type of FHIR R4."

    def test_stores_nothing(self, client):
        id = created(client, active=True)

        validated(client, f"Patient/{id}/$validate", {"resourceType": "Patient", "id": id, "active": False})

        assert client.get(f"/fhir/Patient/{id}")["ETag"] == 'W/"1"'

    def test_says_whether_it_could_be_deleted(self, client):
        id = created(client)

        there = validated(client, f"Patient/{id}/$validate?mode=delete", "")
        gone = validated(client, "Patient/not-there-at-all/$validate?mode=delete", "")

        assert there.json()["issue"][0]["diagnostics"] == f"Patient/{id} could be deleted."
        assert gone.json()["issue"][0]["severity"] == "warning"


@pytest.mark.parametrize(
    ("address", "body", "sentence"),
    [
        ("Patient/$validate", "", "There is no resource to validate: send one, or Parameters with one."),
        (
            "Patient/$validate",
            wrapped({"resourceType": "Patient"}, mode="update"),
            "The mode update needs the address of a resource, with its id.",
        ),
        (
            "Patient/$validate?mode=profile",
            {"resourceType": "Patient"},
            "Parameter 'mode' is one of create, update, delete.",
        ),
        (
            "Patient/$validate?profile=x",
            {"resourceType": "Patient"},
            "Unknown parameter 'profile'; $validate takes mode.",
        ),
        ("Patient/$validate", {"resourceType": "Parameters"}, "The Parameters hold no parameter."),
    ],
)
def test_answers_400_to_what_cannot_be_asked(client, address, body, sentence):
    response = validated(client, address, body)

    assert (response.status_code, issue(response)[2]) == (400, sentence)


@pytest.mark.parametrize(
    "parameter",
    [1, None, {}, {"name": ["resource"]}, {"name": "resource"}, {"name": "resource", "resource": []}],
)
def test_no_parameters_are_a_defect(client, parameter):
    body = {"resourceType": "Parameters", "parameter": [parameter]}

    assert validated(client, "Patient/$validate", body).status_code in (200, 400)

import pytest

from patients.models import writing
from tests.patients.api.messages import issue, posted


class TestCreate:
    def test_answers_201_with_the_resource_under_an_id_of_the_servers(self, client):
        response = posted(client, {"resourceType": "Patient", "id": "mine", "active": True})

        resource = response.json()
        id = resource["id"]
        assert response.status_code == 201
        assert id != "mine"
        assert resource["active"] is True
        assert resource["meta"]["versionId"] == "1"
        assert response["Location"] == f"http://testserver/fhir/Patient/{id}/_history/1"
        assert response["ETag"] == 'W/"1"'
        assert response["Content-Type"] == "application/fhir+json; charset=utf-8"

    def test_can_be_followed_to_what_was_created(self, client):
        response = posted(client, {"resourceType": "Patient"})

        followed = client.get(response["Location"])

        assert followed.content == response.content

    @pytest.mark.parametrize("content_type", ["application/json", "application/fhir+json; charset=UTF-8"])
    def test_takes_json_by_its_names(self, client, content_type):
        response = client.post("/fhir/Patient", '{"resourceType":"Patient"}', content_type=content_type)

        assert response.status_code == 201

    def test_refuses_another_type_than_that_of_the_address(self, client):
        response = posted(client, {"resourceType": "Basic", "code": {"text": "x"}})

        assert issue(response) == (
            400,
            "invalid",
            "The resource is of type Basic; this address takes Patient resources.",
        )

    def test_names_the_element_that_is_wrong(self, client):
        response = posted(client, {"resourceType": "Patient", "name": [{"family": 7}]})

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["Patient.name[0].family"]

    @pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
    def test_refuses_conditions_that_it_would_have_to_ignore(self, client, header):
        response = posted(client, {"resourceType": "Patient"}, headers={header: "identifier=1"})

        assert issue(response) == (
            400,
            "invalid",
            f"The header {header} is not offered for create; nothing was changed.",
        )


class TestPreferredReturn:
    def test_is_nothing_if_minimal_is_preferred(self, client):
        response = posted(client, {"resourceType": "Patient"}, headers={"Prefer": "return=minimal"})

        assert (response.status_code, response.content) == (201, b"")
        assert response["Location"].endswith("/_history/1")
        assert "Content-Type" not in response

    def test_is_the_resource_if_representation_is_preferred(self, client):
        prefer = "respond-async, return=representation; foo=1"
        response = posted(client, {"resourceType": "Patient"}, headers={"Prefer": prefer})

        assert response.json()["resourceType"] == "Patient"

    def test_is_an_outcome_if_that_is_preferred(self, client):
        response = posted(client, {"resourceType": "Patient"}, headers={"Prefer": "return=OperationOutcome"})

        id = response["Location"].split("/")[-3]
        assert response.status_code == 201
        assert response.json() == {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "information",
                    "code": "informational",
                    "diagnostics": f"Patient/{id} version 1 was created.",
                }
            ],
        }


class TestManyValues:
    def test_are_refused_before_they_hold_others_up(self, client):
        names = [{"family": f"{number:x}"} for number in range(writing.MOST_VALUES // 2 + 1)]

        response = posted(client, {"resourceType": "Patient", "name": names})

        assert issue(response)[:2] == (400, "invalid")
        assert "more than 5,000 names, identifiers" in issue(response)[2]

import pytest

from tests.patients.api.messages import created, issue, put, updated
from tests.people import word


class TestUpdate:
    def test_answers_200_with_the_next_version(self, client):
        id = created(client)

        response = put(client, id, {"resourceType": "Patient", "id": id, "active": False})

        assert response.status_code == 200
        assert response.json()["active"] is False
        assert response["ETag"] == 'W/"2"'
        assert response["Content-Location"] == f"http://testserver/fhir/Patient/{id}/_history/2"
        assert "Location" not in response

    def test_answers_201_where_there_was_none(self, client):
        id = word()

        response = put(client, id, {"resourceType": "Patient", "id": id})

        assert response.status_code == 201
        assert response["Location"] == f"http://testserver/fhir/Patient/{id}/_history/1"

    def test_answers_201_to_the_return_of_a_deleted_one(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        response = put(client, id, {"resourceType": "Patient", "id": id})

        assert response.status_code == 201
        assert response["Location"] == f"http://testserver/fhir/Patient/{id}/_history/3"

    def test_refuses_a_resource_with_another_id(self, client):
        id = created(client)

        response = put(client, id, {"resourceType": "Patient", "id": "other"})

        assert issue(response) == (
            400,
            "invalid",
            f"The resource has the id 'other'; to update Patient/{id} it must have that id.",
        )

    def test_tells_the_outcome_if_that_is_preferred(self, client):
        id = created(client)

        response = put(
            client,
            id,
            {"resourceType": "Patient", "id": id},
            headers={"Prefer": "return=OperationOutcome"},
        )

        assert response.json()["issue"][0]["diagnostics"] == f"Patient/{id} version 2 was updated."


class TestIfMatch:
    @pytest.mark.parametrize("tag", ['W/"1"', '"1"', ' W/"1" '])
    def test_lets_the_current_version_be_replaced(self, client, tag):
        id = created(client)

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": tag})

        assert (response.status_code, response["ETag"]) == (200, 'W/"2"')

    def test_answers_412_to_a_stale_version(self, client):
        id = created(client)
        updated(client, id)

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": 'W/"1"'})

        assert issue(response) == (412, "conflict", f'Patient/{id} is at version 2, not W/"1".')
        assert client.get(f"/fhir/Patient/{id}")["ETag"] == 'W/"2"'

    @pytest.mark.parametrize(
        "tag", ["1", "W/1", "* *", 'W/"0"', 'W/"1", W/"2"', 'W/"x"', "", '"' + "1" * 19 + '"']
    )
    def test_answers_400_to_what_names_no_version(self, client, tag):
        id = created(client)

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": tag})

        assert issue(response) == (
            400,
            "invalid",
            'If-Match must be * or the entity tag of one version, as in W/"3".',
        )

    def test_answers_412_where_there_is_nothing(self, client):
        id = word()

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": 'W/"1"'})

        assert issue(response) == (412, "conflict", f'Patient/{id} is not known, not W/"1".')

    def test_of_any_version_replaces_what_is_there(self, client):
        id = created(client)

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": "*"})

        assert (response.status_code, response["ETag"]) == (200, 'W/"2"')

    def test_of_any_version_answers_412_where_there_is_none(self, client):
        unknown, deleted = word(), created(client)
        client.delete(f"/fhir/Patient/{deleted}")

        for id in (unknown, deleted):
            response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-Match": "*"})

            assert issue(response) == (
                412,
                "conflict",
                f"Patient/{id} is not there; If-Match: * asks for what is.",
            )

    def test_only_makes_it_with_if_none_match(self, client):
        id, only_new = word(), {"If-None-Match": "*"}
        body = {"resourceType": "Patient", "id": id}

        statuses = [put(client, id, body, headers=only_new).status_code]
        refused = put(client, id, body, headers=only_new)
        client.delete(f"/fhir/Patient/{id}")
        statuses.append(put(client, id, body, headers=only_new).status_code)

        assert statuses == [201, 201]
        assert issue(refused) == (
            412,
            "conflict",
            f"Patient/{id} is there, at version 1; it was to be new.",
        )

    def test_refuses_to_depend_on_a_version_that_it_must_not_be(self, client):
        id = word()

        response = put(client, id, {"resourceType": "Patient", "id": id}, headers={"If-None-Match": 'W/"1"'})

        assert issue(response) == (
            400,
            "invalid",
            "If-None-Match of an update must be *; nothing was changed.",
        )

    @pytest.mark.parametrize("id", [".", ".."])
    def test_answers_400_to_an_id_that_no_address_can_have(self, client, id):
        response = put(client, id, {"resourceType": "Patient", "id": id})

        assert issue(response)[:2] == (400, "invalid")

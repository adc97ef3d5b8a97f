from tests.patients.api.messages import created, issue, updated


class TestVread:
    def test_answers_an_earlier_version(self, client):
        id = created(client, birthDate="1950")
        updated(client, id, birthDate="1951")

        response = client.get(f"/fhir/Patient/{id}/_history/1")

        assert response.json()["birthDate"] == "1950"
        assert response["ETag"] == 'W/"1"'
        assert response["Content-Location"] == f"http://testserver/fhir/Patient/{id}/_history/1"

    def test_answers_404_to_a_version_that_never_was(self, client):
        id = created(client)

        response = client.get(f"/fhir/Patient/{id}/_history/2")

        assert issue(response) == (404, "not-found", f"Patient/{id} has no version 2.")

    def test_answers_410_to_the_version_of_a_deletion(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        response = client.get(f"/fhir/Patient/{id}/_history/2")

        assert issue(response) == (410, "deleted", f"Patient/{id} was deleted by version 2.")

    def test_answers_404_to_what_is_no_version_of_ours(self, client):
        id = created(client)

        statuses = {
            text: client.get(f"/fhir/Patient/{id}/_history/{text}").status_code
            for text in ("0", "01", "x", "1/", "9" * 18, "9" * 19)
        }

        assert set(statuses.values()) == {404}

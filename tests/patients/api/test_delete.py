from tests.patients.api.messages import created, issue, updated
from tests.people import word


class TestDelete:
    def test_answers_204_with_the_version_of_the_deletion(self, client):
        id = created(client)

        response = client.delete(f"/fhir/Patient/{id}")

        assert (response.status_code, response.content) == (204, b"")
        assert response["ETag"] == 'W/"2"'

    def test_is_done_if_there_is_nothing_to_delete(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        again, unknown = client.delete(f"/fhir/Patient/{id}"), client.delete(f"/fhir/Patient/{word()}")

        assert (again.status_code, unknown.status_code) == (204, 204)
        assert "ETag" not in again

    def test_answers_412_to_a_stale_if_match(self, client):
        id = created(client)
        updated(client, id)

        response = client.delete(f"/fhir/Patient/{id}", headers={"If-Match": 'W/"1"'})

        assert issue(response) == (412, "conflict", f'Patient/{id} is at version 2, not W/"1".')
        assert client.get(f"/fhir/Patient/{id}").status_code == 200

    def test_with_if_match_of_any_version_asks_for_one_that_is_there(self, client):
        id, unknown = created(client), word()

        done = client.delete(f"/fhir/Patient/{id}", headers={"If-Match": "*"})
        again = client.delete(f"/fhir/Patient/{id}", headers={"If-Match": "*"})
        never = client.delete(f"/fhir/Patient/{unknown}", headers={"If-Match": "*"})

        assert done.status_code == 204
        assert issue(again) == (412, "conflict", f"Patient/{id} is not there; If-Match: * asks for what is.")
        assert issue(never)[:2] == (412, "conflict")

    def test_tells_the_outcome_if_that_is_preferred(self, client):
        id = created(client)

        response = client.delete(f"/fhir/Patient/{id}", headers={"Prefer": "return=OperationOutcome"})

        assert response.status_code == 200
        assert response.json()["issue"][0]["diagnostics"] == f"Patient/{id} version 2 marks it as deleted."

    def test_never_takes_several_that_meet_criteria(self, client):
        family = word()
        ids = [created(client, name=[{"family": family}]) for _ in range(2)]

        response = client.delete(f"/fhir/Patient?family={family}")

        assert issue(response)[0] == 412
        assert [client.get(f"/fhir/Patient/{id}").status_code for id in ids] == [200, 200]

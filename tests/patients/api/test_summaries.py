from tests.patients.api.messages import created, issue, updated
from tests.people import word


class TestSummaries:
    def test_have_the_columns_of_the_view(self, client):
        family = word()
        patient = {
            "active": True,
            "identifier": [{"system": "urn:x", "value": family}],
            "name": [{"use": "official", "family": family.title(), "given": ["Anna", "Mae"]}],
            "telecom": [{"system": "phone", "value": "555 0100"}],
            "gender": "female",
            "birthDate": "1980-02",
            "deceasedDateTime": "2020",
            "address": [{"city": "Bath"}],
        }
        id = created(client, **patient)
        read = client.get(f"/fhir/Patient/{id}").json()

        answer = client.get("/api/patients", {"family": family}).json()

        assert answer["results"] == [
            {
                "id": id,
                "version_id": 1,
                "last_updated": read["meta"]["lastUpdated"],
                "family_name": family.title(),
                "given_name": "Anna Mae",
                "birth_date": "1980-02",
                "gender": "female",
                "active": True,
                "deceased": True,
                "deceased_at": "2020",
                "replaced_by": None,
                "identifiers": patient["identifier"],
                "telecoms": patient["telecom"],
                "addresses": patient["address"],
                "names": patient["name"],
            }
        ]
        assert (answer["next"], answer["total"], answer["source"]) == (None, None, "view")
        assert answer["as_of"].endswith("Z")

    def test_are_plain_json(self, client):
        response = client.get("/api/patients?_count=1", headers={"Accept": "*/*"})

        assert response["Content-Type"] == "application/json; charset=utf-8"
        assert response["Cache-Control"] == "private, no-cache"

    def test_come_in_pages_with_a_total_where_asked(self, client):
        family = word()
        ids = {created(client, name=[{"family": family}]) for _ in range(3)}

        first = client.get("/api/patients", {"family": family, "_count": "2", "_total": "accurate"}).json()
        second = client.get(first["next"]).json()

        assert first["total"] == 3
        assert first["next"].startswith("http://testserver/api/patients?family=")
        assert {row["id"] for row in first["results"] + second["results"]} == ids
        assert second["next"] is None

    def test_of_one_are_as_fresh_as_its_last_write(self, client):
        id = created(client, gender="male")
        updated(client, id, gender="other")

        row = client.get(f"/api/patients/{id}").json()

        assert (row["version_id"], row["gender"]) == (2, "other")

    def test_of_nobody_are_404(self, client):
        response = client.get("/api/patients/nobody")

        assert issue(response) == (404, "not-found", "Patient/nobody is not known.")

    def test_of_a_deleted_one_are_404(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        assert client.get(f"/api/patients/{id}").status_code == 404

    def test_are_refused_as_fhir_is_not_plain(self, client):
        response = client.get("/api/patients", headers={"Accept": "application/fhir+json"})

        assert response.status_code == 406

from datetime import UTC, datetime

from django.utils.http import http_date

from tests.patients.api.messages import created, issue, updated
from tests.people import word


class TestRead:
    def test_answers_the_text_as_stored(self, client):
        family = word()
        id = created(client, name=[{"family": family}])

        response = client.get(f"/fhir/Patient/{id}")

        updated_at = response.json()["meta"]["lastUpdated"]
        assert response.status_code == 200
        assert response.content.decode() == (
            f'{{"resourceType":"Patient","id":"{id}","meta":{{"versionId":"1","lastUpdated":"{updated_at}"}},'
            f'"name":[{{"family":"{family}"}}]}}'
        )

    def test_tells_the_version_in_headers(self, client):
        id = created(client)
        updated(client, id)

        response = client.get(f"/fhir/Patient/{id}")

        moment = datetime.fromisoformat(response.json()["meta"]["lastUpdated"]).astimezone(UTC)
        assert response["ETag"] == 'W/"2"'
        assert response["Last-Modified"] == http_date(moment.timestamp())
        assert response["Content-Location"] == f"http://testserver/fhir/Patient/{id}/_history/2"

    def test_is_kept_by_no_shared_cache_and_carries_the_requests_id(self, client):
        response = client.get(f"/fhir/Patient/{created(client)}")

        assert response["Cache-Control"] == "private, no-cache"
        assert response["Vary"].startswith("Accept, Authorization, Cookie")
        assert len(response["X-Request-Id"]) == 32

    def test_answers_head_without_difference_in_headers(self, client):
        id = created(client)

        got, headed = client.get(f"/fhir/Patient/{id}"), client.head(f"/fhir/Patient/{id}")

        assert (headed.status_code, headed.content) == (200, b"")
        assert headed["ETag"] == got["ETag"]
        assert headed["Content-Length"] == got["Content-Length"]

    def test_answers_404_to_an_unknown_id(self, client):
        response = client.get("/fhir/Patient/nobody")

        assert issue(response) == (404, "not-found", "Patient/nobody is not known.")

    def test_answers_410_to_a_deleted_id(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        response = client.get(f"/fhir/Patient/{id}")

        assert issue(response) == (410, "deleted", f"Patient/{id} is deleted; its last version is 2.")

    def test_answers_400_to_a_parameter(self, client):
        response = client.get(f"/fhir/Patient/{created(client)}?name=x")

        assert issue(response) == (
            400,
            "not-supported",
            "Unknown parameter 'name'; of one resource, only _summary and _elements may be asked.",
        )


class TestConditionalRead:
    def test_answers_304_to_the_version_that_the_client_has(self, client):
        id = created(client)

        response = client.get(f"/fhir/Patient/{id}", headers={"If-None-Match": 'W/"7", W/"1"'})

        assert (response.status_code, response.content) == (304, b"")
        assert response["ETag"] == 'W/"1"'
        assert response["Cache-Control"] == "private, no-cache"

    def test_answers_the_resource_if_the_client_has_another_version(self, client):
        id = created(client)
        updated(client, id)

        response = client.get(f"/fhir/Patient/{id}", headers={"If-None-Match": 'W/"1"'})

        assert (response.status_code, response["ETag"]) == (200, 'W/"2"')

    def test_answers_304_if_nothing_changed_since(self, client):
        id = created(client)
        later = http_date(datetime.now(UTC).timestamp() + 2)

        response = client.get(f"/fhir/Patient/{id}", headers={"If-Modified-Since": later})

        assert response.status_code == 304

    def test_answers_200_to_a_version_of_the_same_second(self, client):
        """Its date says nothing of which of them the client has."""
        id = created(client)
        last_modified = client.get(f"/fhir/Patient/{id}")["Last-Modified"]
        updated(client, id)

        response = client.get(f"/fhir/Patient/{id}", headers={"If-Modified-Since": last_modified})

        assert (response.status_code, response["ETag"]) == (200, 'W/"2"')

    def test_answers_304_to_the_date_of_the_only_version_of_its_second(self, client):
        id = created(client)
        address = f"/fhir/Patient/{id}"
        last_modified = client.get(address)["Last-Modified"]

        read = client.get(address, headers={"If-Modified-Since": last_modified})
        vread = client.get(f"{address}/_history/1", headers={"If-Modified-Since": last_modified})

        assert (read.status_code, read.content, read["ETag"]) == (304, b"", 'W/"1"')
        assert vread.status_code == 304

    def test_never_answers_304_to_a_date_that_an_older_version_had(self, client):
        """Of versions written as fast as they come: whoever keeps a date learns of each later one."""
        id = created(client)
        address, dates = f"/fhir/Patient/{id}", []
        for _ in range(40):
            updated(client, id)
            dates.append(client.get(address)["Last-Modified"])

            answer = client.get(address, headers={"If-Modified-Since": dates[-1]})

            # The date of the create before the first is not known here.
            is_only = len(dates) > 1 and dates.count(dates[-1]) == 1
            assert answer.status_code == (304 if is_only else 200) or len(dates) == 1

    def test_answers_404_before_any_304(self, client):
        response = client.get("/fhir/Patient/nobody", headers={"If-None-Match": "*"})

        assert response.status_code == 404

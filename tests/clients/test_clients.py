"""One table of assertions for clients that no one here wrote: they work, unmodified, over HTTP."""

import uuid
from typing import Any

import pytest

from tests.clients.foreign import ForeignClient, Refused
from tests.people import word

# What each client raises, by the status that the server answers.
EXCEPTIONS = {
    "fhirpy": {
        400: "OperationOutcome",
        404: "ResourceNotFound",
        410: "ResourceNotFound",
        412: "MultipleResourcesFound",
    },
    "fhirclient": {
        400: "HTTPError 400",
        404: "FHIRNotFoundException 404",
        410: "HTTPError 410",
        412: "HTTPError 412",
    },
    "fhir-kit-client": {status: f"Error {status}" for status in (400, 404, 410, 412)},
    "@medplum/core": {
        400: "OperationOutcomeError (not-supported|value)",
        404: "OperationOutcomeError not-found",
        410: "OperationOutcomeError deleted",
        412: "OperationOutcomeError conflict",
    },
}


def patient(family: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "name": [{"family": family}], **elements}


def observation(patient_reference: str) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": "8867-4"}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [coding]},
        "subject": {"reference": patient_reference},
        "valueQuantity": {"value": 72.5, "unit": "/min"},
    }


def posting(resource: dict[str, Any], full_url: str) -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": full_url, "resource": resource, "request": request}


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


class TestForeignClients:
    @pytest.fixture(autouse=True)
    def given(self, client: ForeignClient, client_name: str) -> None:
        self.client, self.exceptions = client, EXCEPTIONS[client_name]

    def refused(self, status: int) -> Any:
        return pytest.raises(Refused, match=f"^{self.exceptions[status]}$")

    def test_creates_and_reads(self):
        family = word()

        created = self.client.create(patient(family, birthDate="1970-01-31"))

        read = self.client.read("Patient", created["id"])
        assert read["meta"]["versionId"] == "1"
        assert (read["name"], read["birthDate"]) == ([{"family": family}], "1970-01-31")

    def test_updates_the_version_that_it_has_seen(self):
        created = self.client.create(patient(word()))
        changed = patient("Renamed", id=created["id"])

        updated = self.client.update(changed, 'W/"1"')

        assert updated["meta"]["versionId"] == "2"
        assert self.client.read("Patient", created["id"])["name"] == [{"family": "Renamed"}]

    def test_is_refused_a_stale_update(self):
        created = self.client.create(patient(word()))
        self.client.update(patient("Second", id=created["id"]), 'W/"1"')

        with self.refused(412):
            self.client.update(patient("Third", id=created["id"]), 'W/"1"')

        assert self.client.read("Patient", created["id"])["name"] == [{"family": "Second"}]

    def test_searches_page_by_page_to_the_end_in_order(self):
        family = word()
        born = [f"19{year}-05-05" for year in range(60, 83)]
        for birth_date in reversed(born):
            self.client.create(patient(family, birthDate=birth_date))

        found = self.client.search("Patient", {"family": family, "_sort": "birthdate", "_count": "5"})

        assert [each["birthDate"] for each in found] == born

    def test_sees_the_history_with_the_newest_first(self):
        created = self.client.create(patient(word()))
        self.client.update(patient("Second", id=created["id"]), 'W/"1"')

        history = self.client.history("Patient", created["id"])

        assert [entry["resource"]["meta"]["versionId"] for entry in history] == ["2", "1"]
        assert [entry["request"]["method"] for entry in history] == ["PUT", "POST"]

    def test_deletes_and_is_told_that_it_is_gone(self):
        created = self.client.create(patient(word()))

        self.client.delete("Patient", created["id"])

        with self.refused(410):
            self.client.read("Patient", created["id"])

    def test_is_told_what_is_not_known(self):
        with self.refused(404):
            self.client.read("Patient", f"no-{word()}")

    def test_is_refused_a_search_by_what_is_no_parameter(self):
        with self.refused(400):
            self.client.search("Patient", {"nmae": "smith"})

    def test_stores_a_transaction_whose_entries_refer_to_each_other(self):
        place = f"urn:uuid:{uuid.uuid4()}"

        answer = self.client.transaction(
            transaction(
                posting(patient(word()), place), posting(observation(place), f"urn:uuid:{uuid.uuid4()}")
            )
        )

        assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "201"]
        patient_id = answer["entry"][0]["response"]["location"].split("/")[-3]
        found = self.client.everything(patient_id)
        assert [each["resourceType"] for each in found] == ["Patient", "Observation"]
        assert found[1]["subject"]["reference"] == f"Patient/{patient_id}"

    def test_stores_nothing_of_a_transaction_that_fails(self):
        family = word()
        broken = {**observation("Patient/1"), "status": "no-such-status"}

        with self.refused(400):
            self.client.transaction(
                transaction(
                    posting(patient(family), f"urn:uuid:{uuid.uuid4()}"),
                    posting(broken, f"urn:uuid:{uuid.uuid4()}"),
                )
            )

        assert self.client.search("Patient", {"family": family}) == []

    def test_gets_everything_about_a_patient(self):
        patient_id = self.client.create(patient(word()))["id"]
        written = [self.client.create(observation(f"Patient/{patient_id}"))["id"] for _ in range(4)]
        self.client.create(observation(f"Patient/{self.client.create(patient(word()))['id']}"))

        found = self.client.everything(patient_id)

        assert found[0]["id"] == patient_id
        assert sorted(each["id"] for each in found[1:]) == sorted(written)

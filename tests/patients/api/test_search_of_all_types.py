"""Search over HTTP of types other than Patient, of several types, and within a compartment."""

import json

import pytest

from patients.models import writing
from patients.models.search_index import SearchIndexState
from tests.patients.api.messages import FHIR, created, found, issue
from tests.people import word


def stored(client, resource: dict) -> str:
    response = client.post(f"/fhir/{resource['resourceType']}", json.dumps(resource), content_type=FHIR)
    assert response.status_code == 201, response.content
    return response.json()["id"]


def observation(patient_id: str, code: str, **elements) -> dict:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        **elements,
    }


@pytest.fixture
def seen(client) -> tuple[str, str, str]:
    """A patient with an observation of a code that is nobody else's: the three names."""
    code = word()
    patient_id = created(client, name=[{"family": word()}])
    quantity = {"value": 72.5, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}
    return patient_id, stored(client, observation(patient_id, code, valueQuantity=quantity)), code


class TestSearchOfAType:
    @pytest.mark.parametrize(
        ("criteria", "is_found"),
        [
            ({}, True),
            ({"code": "http://loinc.org|{code}"}, True),
            ({"code": "http://snomed.info/sct|{code}"}, False),
            ({"patient": "{patient}"}, True),
            ({"subject:Patient": "{patient}"}, True),
            ({"patient": "Patient/other"}, False),
            ({"status:not": "final"}, False),
            ({"value-quantity": "gt72||/min"}, True),
            ({"value-quantity": "gt72.5"}, False),
            ({"code-value-quantity": "{code}$72.5"}, True),
            ({"code-value-quantity": "{code}$le72"}, False),
            ({"subject.name:missing": "false"}, True),
            ({"encounter:missing": "true"}, True),
        ],
    )
    def test_finds_what_meets_all_criteria(self, client, seen, criteria, is_found):
        patient_id, observation_id, code = seen
        filled = {name: text.format(patient=patient_id, code=code) for name, text in criteria.items()}

        response = client.get("/fhir/Observation", {"combo-code": code, **filled})

        assert found(response) == ([observation_id] if is_found else [])

    def test_shows_what_is_included_after_what_matched(self, client, seen):
        patient_id, observation_id, code = seen

        response = client.get("/fhir/Observation", {"code": code, "_include": "Observation:patient"})

        entries = response.json()["entry"]
        shown = [(entry["resource"]["id"], entry["search"]["mode"]) for entry in entries]
        assert shown == [(observation_id, "match"), (patient_id, "include")]

    def test_finds_patients_by_what_refers_to_them(self, client, seen):
        patient_id, _, code = seen

        response = client.get("/fhir/Patient", {"_has:Observation:patient:code": code})

        assert found(response) == [patient_id]

    def test_counts(self, client, seen):
        _, _, code = seen

        response = client.get("/fhir/Observation", {"code": code, "_summary": "count"})

        assert response.json()["total"] == 1
        assert "entry" not in response.json()

    def test_answers_the_elements_asked_for(self, client, seen):
        patient_id, _, code = seen
        criteria = {"code": code, "_elements": "subject", "_include": "Observation:patient"}

        response = client.get("/fhir/Observation", criteria)

        matched, included = (entry["resource"] for entry in response.json()["entry"])
        assert matched.keys() == {"resourceType", "id", "meta", "status", "code", "subject"}
        assert matched["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert included["id"] == patient_id
        assert "name" in included

    def test_answers_a_summary(self, client, seen):
        patient_id, _, _ = seen

        response = client.get("/fhir/Patient", {"_id": patient_id, "_summary": "text"})

        [entry] = response.json()["entry"]
        assert entry["resource"].keys() == {"resourceType", "id", "meta"}

    def test_names_an_unknown_parameter(self, client):
        response = client.get("/fhir/Observation", {"nmae": "x"})

        assert issue(response) == (400, "not-supported", "Unknown search parameter 'nmae'.")

    def test_says_while_the_index_is_partial(self, client, user, seen):
        _, observation_id, code = seen
        state = SearchIndexState.objects.filter(resource_type="Observation")
        state.update(is_complete=False)
        writing.remember_commit(f"user:{user.pk}")

        try:
            response = client.get("/fhir/Observation", {"code": code})
        finally:
            state.update(is_complete=True)

        assert found(response) == [observation_id]
        outcome = response.json()["entry"][-1]
        assert outcome["search"]["mode"] == "outcome"
        assert outcome["resource"]["issue"][0]["code"] == "incomplete"
        assert "Observation" in outcome["resource"]["issue"][0]["diagnostics"]


class TestSearchOfTheSystem:
    def test_finds_resources_of_several_types(self, client, seen):
        patient_id, observation_id, _ = seen
        ids = f"{patient_id},{observation_id}"

        response = client.get("/fhir", {"_type": "Observation,Patient", "_id": ids})

        assert sorted(found(response)) == sorted([patient_id, observation_id])

    def test_takes_a_posted_form(self, client, seen):
        _, observation_id, _ = seen

        response = client.post(
            "/fhir/_search",
            f"_type=Observation&_id={observation_id}",
            content_type="application/x-www-form-urlencoded",
        )

        assert found(response) == [observation_id]


class TestSearchOfACompartment:
    def test_finds_what_is_about_the_patient(self, client, seen):
        patient_id, observation_id, _ = seen

        response = client.get(f"/fhir/Patient/{patient_id}/Observation")

        assert found(response) == [observation_id]
        assert response.json()["link"][0]["url"].endswith(f"/fhir/Patient/{patient_id}/Observation")

    def test_finds_nothing_of_somebody_else(self, client, seen):
        other = created(client, name=[{"family": word()}])
        _, _, code = seen

        assert found(client.get(f"/fhir/Patient/{other}/Observation", {"code": code})) == []

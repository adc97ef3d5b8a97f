import pytest

from tests.patients.api.messages import FHIR, created, issue, put
from tests.people import word

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
ALWAYS = {"resourceType", "id", "meta"}


@pytest.fixture(scope="module")
def patient(client):
    return created(
        client,
        text=NARRATIVE,
        active=True,
        birthDate="1920",
        _birthDate={"extension": [{"url": "urn:e", "valueString": "b"}]},
        maritalStatus={"text": "x"},
        deceasedBoolean=False,
    )


def read(client, id, **parameters):
    return client.get(f"/fhir/Patient/{id}", parameters)


class TestSummary:
    @pytest.mark.parametrize(
        ("summary", "elements"),
        [
            ("true", {"active", "birthDate", "_birthDate", "deceasedBoolean"}),
            ("text", {"text"}),
            ("data", {"active", "birthDate", "_birthDate", "deceasedBoolean", "maritalStatus"}),
        ],
    )
    def test_answers_the_part(self, client, patient, summary, elements):
        answer = read(client, patient, _summary=summary).json()

        assert set(answer) == ALWAYS | elements
        assert answer["meta"]["tag"] == [SUBSETTED]

    def test_false_answers_the_whole(self, client, patient):
        response = read(client, patient, _summary="false")

        assert response.content == read(client, patient).content
        assert response["ETag"] == 'W/"1"'

    @pytest.mark.parametrize(
        ("parameters", "sentence"),
        [
            ({"_summary": "count"}, "Parameter '_summary' takes no count where there is one resource."),
            (
                {"_summary": "text", "_elements": "active"},
                "Only one of '_summary' and '_elements' can be asked for, once.",
            ),
            (
                {"name": "x"},
                "Unknown parameter 'name'; of one resource, only _summary and _elements may be asked.",
            ),
        ],
    )
    def test_refuses_what_cannot_be_asked(self, client, patient, parameters, sentence):
        response = read(client, patient, **parameters)

        assert (response.status_code, issue(response)[2]) == (400, sentence)

    @pytest.mark.parametrize("parameters", [{"_summary": "x"}, {"_elements": "nmae"}, {"_elements": ""}])
    def test_refuses_what_is_not_known(self, client, patient, parameters):
        assert read(client, patient, **parameters).status_code == 400


class TestElements:
    def test_answers_them_and_a_tag_after_those_there(self, client):
        tag = {"system": "urn:x", "code": "y"}
        id = created(client, meta={"tag": [tag]}, active=True, birthDate="1920")

        answer = read(client, id, _elements="birthDate").json()

        assert set(answer) == ALWAYS | {"birthDate"}
        assert answer["meta"]["tag"] == [tag, SUBSETTED]

    def test_answers_what_is_required_and_every_digit(self, client):
        id = f"o-{word()}"
        body = (
            f'{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"caf\\u00e9"}},'
            '"issued":"2020-01-01T00:00:00Z","valueQuantity":{"value":7.250}}'
        )
        client.put(f"/fhir/Observation/{id}", body, content_type=FHIR)

        response = client.get(f"/fhir/Observation/{id}?_elements=value")

        assert set(response.json()) == ALWAYS | {"status", "code", "valueQuantity"}
        assert '"code":{"text":"caf\\u00e9"},"valueQuantity":{"value":7.250}' in response.content.decode()

    def test_is_answered_by_vread(self, client, patient):
        answer = client.get(f"/fhir/Patient/{patient}/_history/1?_elements=active").json()

        assert set(answer) == ALWAYS | {"active"}


class TestEntityTag:
    def test_is_of_the_part(self, client, patient):
        tags = {
            read(client, patient, **each)["ETag"]
            for each in ({}, {"_summary": "text"}, {"_summary": "data"}, {"_elements": "active"})
        }

        assert len(tags) == 4

    def test_answers_304_to_the_same_part(self, client, patient):
        tag = read(client, patient, _summary="text")["ETag"]

        same = client.get(f"/fhir/Patient/{patient}?_summary=text", headers={"If-None-Match": tag})
        other = client.get(f"/fhir/Patient/{patient}", headers={"If-None-Match": tag})

        assert (same.status_code, other.status_code) == (304, 200)

    def test_is_refused_by_if_match(self, client, patient):
        tag = read(client, patient, _summary="text")["ETag"]

        response = put(client, patient, {"resourceType": "Patient", "id": patient}, headers={"If-Match": tag})

        assert issue(response)[0] == 400

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.patients.api.messages import FHIR, created, issue
from tests.people import word

JSON_PATCH = "application/json-patch+json"


def patched(client, id, patch, *, content_type=JSON_PATCH, type="Patient", **options):
    body = patch if isinstance(patch, str | bytes) else json.dumps(patch)
    return client.patch(f"/fhir/{type}/{id}", body, content_type=content_type, **options)


def replace(path, value):
    return [{"op": "replace", "path": path, "value": value}]


def fhirpath(type, path, **value):
    parts = [{"name": "type", "valueCode": type}, {"name": "path", "valueString": path}]
    if value:
        parts.append({"name": "value", **value})
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


class TestJsonPatch:
    def test_answers_200_with_the_next_version(self, client):
        id = created(client, active=True)

        response = patched(client, id, replace("/active", False))

        assert response.status_code == 200
        assert response.json()["active"] is False
        assert response["ETag"] == 'W/"2"'
        assert response["Content-Location"] == f"http://testserver/fhir/Patient/{id}/_history/2"
        assert client.get(f"/fhir/Patient/{id}").json()["active"] is False

    def test_is_found_by_what_it_made(self, client):
        id, family = created(client, name=[{"family": "Before"}]), word()

        patched(client, id, replace("/name/0/family", family))

        found = client.get("/fhir/Patient", {"family": family}).json()
        assert [entry["resource"]["id"] for entry in found["entry"]] == [id]

    def test_keeps_every_digit_and_escape_of_what_it_does_not_touch(self, client):
        id = f"o-{word()}"
        body = (
            f'{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"caf\\u00e9"}},'
            '"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.0E+2}},'
            '{"code":{"text":"b"},"valueQuantity":{"value":72.50}}]}'
        )
        assert client.put(f"/fhir/Observation/{id}", body, content_type=FHIR).status_code == 201

        response = patched(
            client, id, '[{"op":"replace","path":"/component/0/code/text","value":"c"}]', type="Observation"
        )

        assert response.status_code == 200
        text = response.content.decode()
        assert '"code":{"text":"caf\\u00e9"}' in text
        assert '{"code":{"text":"c"},"valueQuantity":{"value":1.0E+2}}' in text
        assert '"valueQuantity":{"value":72.50}' in text

    def test_answers_422_where_the_path_is_not_there(self, client):
        response = patched(client, created(client), replace("/active", True))

        assert issue(response) == (
            422,
            "processing",
            "Operation 0 (replace) names a place that is not in the resource.",
        )

    def test_answers_422_where_a_test_fails(self, client):
        id = created(client, active=True)

        response = patched(client, id, [{"op": "test", "path": "/active", "value": 1}])

        assert issue(response)[:2] == (422, "processing")
        assert client.get(f"/fhir/Patient/{id}")["ETag"] == 'W/"1"'

    def test_answers_422_where_the_result_is_not_valid(self, client):
        response = patched(client, created(client, active=True), replace("/active", "yes"))

        assert issue(response)[0] == 422
        assert response.json()["issue"][0]["expression"] == ["Patient.active"]

    @pytest.mark.parametrize("path", ["/id", "/resourceType"])
    def test_answers_422_to_another_id_or_type(self, client, path):
        response = patched(client, created(client), replace(path, "Basic"))

        assert issue(response) == (422, "processing", "A patch may change neither resourceType nor id.")

    @pytest.mark.parametrize(
        "body", ["", "{}", "[1]", '[{"op":"x","path":""}]', "[", b"\xff", "[NaN]", "[" * 300]
    )
    def test_answers_400_to_what_is_no_patch(self, client, body):
        assert patched(client, created(client), body).status_code == 400

    def test_answers_404_where_there_is_none(self, client):
        assert issue(patched(client, "nobody-of-this-id", []))[0] == 404

    def test_answers_410_to_what_is_deleted(self, client):
        id = created(client)
        client.delete(f"/fhir/Patient/{id}")

        assert issue(patched(client, id, []))[:2] == (410, "deleted")

    def test_answers_412_to_a_stale_if_match(self, client):
        id = created(client)

        response = patched(client, id, [], headers={"If-Match": 'W/"7"'})

        assert issue(response) == (412, "conflict", f'Patient/{id} is at version 1, not W/"7".')

    def test_answers_415_to_another_format(self, client):
        assert (
            issue(patched(client, created(client), "<a/>", content_type="application/xml-patch+xml"))[0]
            == 415
        )

    def test_a_json_patch_is_not_taken_by_other_interactions(self, client):
        assert issue(client.post("/fhir/Patient", "[]", content_type=JSON_PATCH))[0] == 415


class TestFhirPathPatch:
    def test_answers_200_with_the_next_version(self, client):
        id = created(client, name=[{"use": "usual", "family": "A"}, {"use": "old", "family": "B"}])

        response = patched(
            client,
            id,
            fhirpath("replace", "Patient.name.where(use='old').family", valueString="C"),
            content_type=FHIR,
        )

        assert response.status_code == 200
        assert [name["family"] for name in response.json()["name"]] == ["A", "C"]

    def test_answers_400_to_a_path_beyond_what_is_offered(self, client):
        response = patched(
            client, created(client), fhirpath("delete", "Patient.name.tail()"), content_type=FHIR
        )

        assert issue(response)[:2] == (400, "invalid")

    def test_answers_400_to_another_resource(self, client):
        response = patched(client, created(client), {"resourceType": "Patient"}, content_type=FHIR)

        assert issue(response) == (
            400,
            "invalid",
            "A FHIRPath Patch is a Parameters resource with parameters named 'operation'.",
        )


class TestConditionalPatch:
    def test_changes_the_one_that_meets_the_criteria(self, client):
        value = word()
        id = created(client, active=True, identifier=[{"system": "urn:x", "value": value}])

        response = client.patch(
            f"/fhir/Patient?identifier=urn:x|{value}", json.dumps(replace("/active", False)), JSON_PATCH
        )

        assert response.status_code == 200
        assert (response.json()["id"], response.json()["active"]) == (id, False)

    def test_answers_404_where_none_does(self, client):
        response = client.patch(f"/fhir/Patient?identifier=urn:x|{word()}", "[]", JSON_PATCH)

        assert issue(response)[:2] == (404, "not-found")

    def test_answers_412_where_several_do(self, client):
        value = word()
        for _ in range(2):
            created(client, identifier=[{"system": "urn:x", "value": value}])

        response = client.patch(f"/fhir/Patient?identifier=urn:x|{value}", "[]", JSON_PATCH)

        assert issue(response)[0] == 412


_PATHS = st.sampled_from(
    ["", "/id", "/meta", "/meta/tag", "/name", "/name/0", "/name/-", "/name/0/given/0", "/x"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "2020", "\u0000", "é"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["id", "family", "given", "resourceType", "tag"]), inner, max_size=2
        )
    ),
    max_leaves=5,
)
_OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": _PATHS,
        "from": _PATHS,
        "value": _VALUES,
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(_OPERATIONS, max_size=4))
def test_no_patch_is_a_defect(client, patient, operations):
    response = patched(client, patient, operations)

    assert response.status_code in (200, 400, 422)
    assert client.get(f"/fhir/Patient/{patient}").json()["id"] == patient


@pytest.fixture(scope="module")
def patient(client):
    return created(client, name=[{"family": "A", "given": ["B"]}])

"""The description of the API is made from its addresses, and is to be read on a page of its own."""

from django.test import Client


def _document(client: Client) -> dict:
    response = client.get("/api/schema")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


class TestSchema:
    def test_has_each_address_as_it_is_written(self, client):
        document = _document(client)

        assert document["openapi"] == "3.1.0"
        assert {
            "/fhir/metadata",
            "/fhir/Patient/{id}/$everything",
            "/fhir/$export",
            "/api/patients/{id}",
        } <= document["paths"].keys()
        assert [path for path in document["paths"] if "{address}" in path] == []

    def test_has_an_id_of_its_own_for_each_operation(self, client):
        operations = [each for path in _document(client)["paths"].values() for each in path.values()]

        ids = [each["operationId"] for each in operations]
        assert len(ids) == len(set(ids))

    def test_is_valid(self, client):
        from drf_spectacular.validation import validate_schema

        validate_schema(_document(client))

    def test_tells_how_to_log_in_and_what_is_open(self, client):
        paths = _document(client)["paths"]

        assert paths["/fhir/$export"]["get"]["security"] == [{"bearer": []}, {"basic": []}, {"session": []}]
        assert paths["/fhir/metadata"]["get"]["security"] == [{}]

    def test_needs_a_log_in(self, anonymous):
        assert anonymous.get("/api/schema").status_code == 401


class TestDocs:
    def test_need_a_log_in(self, anonymous):
        response = anonymous.get("/api/docs")

        assert (response.status_code, response["Location"]) == (302, "/login/?next=/api/docs")

    def test_load_nothing_from_elsewhere(self, user):
        browser = Client()
        browser.force_login(user)

        response = browser.get("/api/docs")

        assert response.status_code == 200
        assert (
            "script-src 'self'; style-src 'self'; img-src 'self' data:" in response["Content-Security-Policy"]
        )
        assert "//" not in response.content.decode().replace("<!doctype html>", "")


class TestCapabilityStatement:
    def test_names_the_operations_that_have_addresses(self, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        of_all = ["meta", "meta-add", "meta-delete", "validate"]
        named = {each["type"]: [one["name"] for one in each["operation"]] for each in rest["resource"]}
        assert [each["name"] for each in rest["operation"]] == ["export"]
        assert {type: names for type, names in named.items() if names != of_all} == {
            "Group": [*of_all, "export"],
            "Patient": [*of_all, "everything", "export"],
        }

    def test_tells_what_of_an_operation_is_not_offered(self, client, anonymous):
        [rest] = anonymous.get("/fhir/metadata").json()["rest"]

        [meta] = [each for each in rest["resource"][0]["operation"] if each["name"] == "meta"]
        assert meta["documentation"] == "Of one resource; neither of a type nor of the system."
        assert [client.get(f"/fhir/{it}$meta").status_code for it in ("", "Patient/")] == [404, 404]

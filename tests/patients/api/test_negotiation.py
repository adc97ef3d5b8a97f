import gzip

import pytest

from tests.patients.api.messages import created, issue

FHIR = "application/fhir+json; charset=utf-8"
PLAIN = "application/json; charset=utf-8"


class TestAccept:
    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("", FHIR),
            ("*/*", FHIR),
            ("application/*", FHIR),
            ("application/fhir+json", FHIR),
            ("application/fhir+json; fhirVersion=4.0", FHIR),
            ("Application/FHIR+JSON;charset=utf-8", FHIR),
            ("application/json", PLAIN),
            ("application/json, text/plain, */*", PLAIN),
            ("application/json;q=0.5, application/fhir+json;q=0.9", FHIR),
            ("application/fhir+xml;q=1.0, application/fhir+json;q=1.0", FHIR),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FHIR),
            ("application/fhir+json;q=0, */*", PLAIN),
        ],
    )
    def test_chooses_the_format(self, client, accept, content_type):
        response = client.get(f"/fhir/Patient/{created(client)}", headers={"Accept": accept})

        assert (response.status_code, response["Content-Type"]) == (200, content_type)

    @pytest.mark.parametrize(
        "accept",
        [
            "application/fhir+xml",
            "text/html",
            "application/fhir+json; fhirVersion=3.0",
            "application/fhir+json;q=0",
            "*/*;q=0",
            "nonsense",
        ],
    )
    def test_answers_406_if_nothing_is_acceptable(self, client, accept):
        response = client.get("/fhir/Patient/nobody", headers={"Accept": accept})

        assert response["Content-Type"] == FHIR
        assert issue(response) == (
            406,
            "not-supported",
            "Answers are application/fhir+json or application/json only;"
            " ask for that by Accept or by '_format=json'.",
        )


class TestFormat:
    @pytest.mark.parametrize(
        ("format", "content_type"),
        [
            ("json", FHIR),
            ("application/fhir+json", FHIR),
            ("application%2Ffhir%2Bjson", FHIR),
            ("application/json", PLAIN),
        ],
    )
    def test_counts_before_accept(self, client, format, content_type):
        address = f"/fhir/Patient/{created(client)}?_format={format}"

        response = client.get(address, headers={"Accept": "application/fhir+xml"})

        assert (response.status_code, response["Content-Type"]) == (200, content_type)

    @pytest.mark.parametrize("format", ["xml", "application/fhir+xml", "text/turtle", "html", "jsonx"])
    def test_answers_406_to_another(self, client, format):
        response = client.get(f"/fhir/Patient/nobody?_format={format}")

        assert response.status_code == 406

    def test_answers_400_to_two(self, client):
        response = client.get("/fhir/Patient?_format=json&_format=json")

        assert issue(response) == (400, "value", "Parameter '_format' is given more than once.")


class TestPretty:
    def test_lays_out_and_changes_nothing_else(self, client):
        id = created(client, birthDate="1950", name=[{"family": 'a, {b} [c]: "d" \\ é'}])
        updated_at = client.get(f"/fhir/Patient/{id}").json()["meta"]["lastUpdated"]

        response = client.get(f"/fhir/Patient/{id}?_pretty=true")

        assert response.content.decode() == (
            "{\n"
            '  "resourceType": "Patient",\n'
            f'  "id": "{id}",\n'
            '  "meta": {\n'
            '    "versionId": "1",\n'
            f'    "lastUpdated": "{updated_at}"\n'
            "  },\n"
            '  "birthDate": "1950",\n'
            '  "name": [\n'
            "    {\n"
            '      "family": "a, {b} [c]: \\"d\\" \\\\ é"\n'
            "    }\n"
            "  ]\n"
            "}\n"
        )

    def test_lays_out_failures_too(self, client):
        response = client.get("/fhir/Patient/nobody?_pretty=true")

        assert response.content.startswith(b'{\n  "resourceType": "OperationOutcome"')

    def test_takes_true_or_false(self, client):
        response = client.get("/fhir/Patient/nobody?_pretty=1")

        assert issue(response) == (400, "value", "Parameter '_pretty' takes true or false.")


class TestContentType:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/fhir+xml",
            "text/plain",
            "application/fhir+json; charset=latin-1",
            "application/fhir+json; fhirVersion=3.0",
            "application/json-patch+json",
            "nonsense",
        ],
    )
    def test_answers_415_to_what_is_not_read(self, client, content_type):
        response = client.post("/fhir/Patient", '{"resourceType":"Patient"}', content_type=content_type)

        assert issue(response) == (
            415,
            "not-supported",
            "The body must be application/fhir+json or application/json, in UTF-8;"
            " Content-Type says otherwise.",
        )

    def test_answers_415_to_a_compressed_body(self, client):
        response = client.post(
            "/fhir/Patient",
            gzip.compress(b"{}"),
            content_type="application/fhir+json",
            headers={"Content-Encoding": "gzip"},
        )

        assert issue(response) == (
            415,
            "not-supported",
            "The body must come as it is, without a Content-Encoding.",
        )

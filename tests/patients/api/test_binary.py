"""Binary: bytes in and out in their own type, or as a resource to whoever asks for that."""

import base64
import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.fhir.binaries import ANY_CONTENT, Content, is_media_type
from tests.audited import audit_records
from tests.patients.api.bundle_requests import bundle, entry
from tests.patients.api.messages import FHIR, created, issue

PDF = b"%PDF-1.7\n\x00\xff\r\n" + bytes(range(256))
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def sent(client: Client, data: bytes, content_type: str, id: str | None = None, **headers: str):
    method, address = ("PUT", f"/fhir/Binary/{id}") if id else ("POST", "/fhir/Binary")
    return client.generic(method, address, data, content_type=content_type, headers=headers)


def made(client: Client, data: bytes = PDF, content_type: str = "application/pdf", **headers: str) -> str:
    response = sent(client, data, content_type, **headers)
    assert response.status_code == 201, response.content
    return response.json()["id"]


def got(client: Client, address: str, accept: str = "*/*", **headers: str):
    return client.get(f"/fhir/Binary/{address}", headers={"Accept": accept, **headers})


@pytest.fixture
def small(settings) -> int:
    settings.MAX_BINARY_BYTES = 300
    return 300


class TestWrite:
    def test_of_bytes_makes_a_binary(self, client):
        response = sent(client, PDF, "application/pdf")

        assert response.status_code == 201
        resource = response.json()
        assert (resource["resourceType"], resource["contentType"]) == ("Binary", "application/pdf")
        assert base64.b64decode(resource["data"]) == PDF
        assert response["Location"] == f"http://testserver/fhir/Binary/{resource['id']}/_history/1"
        assert response["ETag"] == 'W/"1"'

    def test_under_an_id_is_an_update(self, client):
        id = made(client)

        response = sent(client, b"second", "text/plain; charset=utf-8", id=id, **{"If-Match": 'W/"1"'})

        assert (response.status_code, response["ETag"]) == (200, 'W/"2"')
        assert response.json()["contentType"] == "text/plain; charset=utf-8"
        assert got(client, id).content == b"second"
        assert got(client, f"{id}/_history/1").content == PDF

    def test_of_the_resource_is_what_it_says(self, client):
        body = {"resourceType": "Binary", "contentType": "text/plain", "data": "aGVs bG8="}

        for content_type in (FHIR, "application/json"):
            id = made(client, json.dumps(body).encode(), content_type)
            assert got(client, id).content == b"hello"

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            (FHIR, b'{"resourceType": "Patient",  "active": true}'),
            ("application/json", b'[1, 2.50, "\xc3\xa9"]'),
            ("application/json", b'{"resourceType": "Cake"}'),
            ("application/fhir+xml", b"<Patient/>"),
        ],
    )
    def test_of_other_json_and_xml_is_content_byte_for_byte(self, client, content_type, body):
        id = made(client, body, content_type)

        response = got(client, id)

        assert (response["Content-Type"], response.content) == (content_type, body)

    def test_keeps_and_answers_the_security_context(self, client):
        patient = created(client)

        for said in (f"Patient/{patient}", f"http://testserver/fhir/Patient/{patient}"):
            id = made(client, **{"X-Security-Context": said})
            resource = got(client, id, FHIR)
            assert resource.json()["securityContext"] == {"reference": f"Patient/{patient}"}
            assert got(client, id)["X-Security-Context"] == f"Patient/{patient}"

    @pytest.mark.parametrize("context", ["Cake/1", "no reference", ""])
    def test_is_refused_with_a_security_context_that_is_no_reference(self, client, context):
        response = sent(client, PDF, "application/pdf", **{"X-Security-Context": context})

        assert response.status_code in (400, 422)
        assert response.json()["issue"][0]["expression"] == [
            "Binary.securityContext" if context else "Binary.securityContext.reference"
        ]

    @pytest.mark.parametrize(
        "content_type",
        [
            "",
            "text",
            "text/",
            "/plain",
            "text/plain;",
            "text/plain\r\nX-Evil: 1",
            "text/pläin",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "text/" + "x" * 300,
        ],
    )
    def test_is_refused_without_a_content_type(self, client, content_type):
        response = sent(client, b"a=b", content_type)

        assert issue(response)[:2] == (415, "not-supported")

    def test_of_nothing_is_refused(self, client):
        assert issue(sent(client, b"", "application/pdf")) == (
            400,
            "invalid",
            "The body is empty; content was expected.",
        )

    def test_of_compressed_content_is_refused(self, client):
        assert sent(client, PDF, "application/pdf", **{"Content-Encoding": "gzip"}).status_code == 415

    @pytest.mark.parametrize("body", [b"{", b'{"resourceType": "Cake"}', b"[]", b"\xff"])
    def test_of_what_claims_to_be_a_resource_and_is_none_is_refused(self, client, body):
        assert sent(client, body, FHIR).status_code == 400

    @pytest.mark.parametrize("data", ["aGVsbG8", "=", "hello!", "aGVs\u0000bG8=", 7, [], ""])
    def test_of_broken_base64_is_refused(self, client, data):
        body = json.dumps({"resourceType": "Binary", "contentType": "text/plain", "data": data})

        response = sent(client, body.encode(), FHIR)

        assert response.status_code == 400

    def test_needs_a_log_in(self, anonymous):
        assert issue(sent(anonymous, PDF, "application/pdf"))[:2] == (401, "login")


class TestFromAPage:
    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("text/plain", b"csrfmiddlewaretoken=x"),
            ("application/x-www-form-urlencoded", b"csrfmiddlewaretoken=x"),
            ("multipart/form-data; boundary=b", b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1'),
            ("multipart/form-data", b"no boundary"),
        ],
    )
    def test_of_somebody_else_nothing_is_taken(self, user, content_type, body):
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        browser.force_login(user)

        response = browser.generic("POST", "/fhir/Binary", body, content_type=content_type)

        assert issue(response)[0] in (400, 403)


class TestRead:
    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("", "application/pdf"),
            ("*/*", "application/pdf"),
            (BROWSER, "application/pdf"),
            ("application/pdf", "application/pdf"),
            ("application/*;q=0.5, image/png", "application/pdf"),
            ("application/json, text/plain, */*", "application/pdf"),
            ("application/fhir+json;q=0.5, application/pdf", "application/pdf"),
            (FHIR, "application/fhir+json; charset=utf-8"),
            ("application/fhir+json, */*;q=0.1", "application/fhir+json; charset=utf-8"),
            ("application/json", "application/json; charset=utf-8"),
        ],
    )
    def test_answers_what_is_accepted(self, client, accept, content_type):
        id = made(client)

        response = got(client, id, accept)

        assert (response.status_code, response["Content-Type"]) == (200, content_type)
        is_resource = "json" in content_type
        assert (response.json()["id"] == id) if is_resource else (response.content == PDF)

    @pytest.mark.parametrize("accept", ["image/png", "application/fhir+xml", "nonsense", "*/*;q=0"])
    def test_answers_406_if_nothing_is(self, client, accept):
        assert issue(got(client, made(client), accept)) == (
            406,
            "not-supported",
            "Answers are application/pdf or application/fhir+json or application/json only;"
            " ask for that by Accept or by '_format=json'.",
        )

    def test_answers_the_resource_by_format_and_in_parts(self, client):
        id = made(client)

        assert got(client, f"{id}?_format=json").json()["id"] == id
        assert got(client, f"{id}?_format=application/pdf", FHIR).content == PDF
        assert "data" not in got(client, f"{id}?_elements=contentType").json()

    def test_saves_a_file_and_shows_nothing(self, client):
        id = made(client, b"<script>alert(1)</script>", "text/html")

        response = got(client, id, BROWSER)

        assert response["Content-Type"] == "text/html"
        assert response["Content-Disposition"] == f'attachment; filename="Binary-{id}.bin"'
        assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-cache"
        assert response["X-Frame-Options"] == "DENY"

    def test_of_a_stored_type_that_is_none_is_answered_as_bytes(self, client):
        body = {"resourceType": "Binary", "contentType": "text/html\nX-Evil: 1", "data": "aGVsbG8="}
        id = made(client, json.dumps(body).encode(), FHIR)

        response = got(client, id)

        assert (response["Content-Type"], response.content) == ("application/octet-stream", b"hello")
        assert "X-Evil" not in response

    def test_of_a_security_context_that_no_header_can_say_leaves_it_out(self, client):
        body = {
            "resourceType": "Binary",
            "contentType": "text/plain",
            "data": "aGVsbG8=",
            "securityContext": {"reference": "http://example.org/ä\r\nX-Evil: 1"},
        }
        id = made(client, json.dumps(body).encode(), FHIR)

        response = got(client, id)

        assert response.status_code == 200
        assert {"X-Evil", "X-Security-Context"}.isdisjoint(response.headers)

    def test_of_a_binary_without_data_is_empty(self, client):
        id = made(client, b'{"resourceType": "Binary", "contentType": "text/plain"}', FHIR)

        response = got(client, id)

        assert (response.status_code, response.content) == (200, b"")

    def test_of_a_binary_whose_type_is_not_known_is_answered_as_bytes(self, client):
        why = {"extension": [{"url": "http://example.org/why", "valueString": "lost"}]}
        id = made(client, json.dumps({"resourceType": "Binary", "_contentType": why}).encode(), FHIR)

        response = got(client, id)

        assert (response.status_code, response["Content-Type"], response.content) == (200, ANY_CONTENT, b"")

    def test_answers_304_to_whoever_has_it(self, client):
        id = made(client)
        tag = got(client, id)["ETag"]

        response = got(client, id, **{"If-None-Match": tag})

        assert tag == '"1"'
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
        assert sent(client, b"x", "text/plain", id=id, **{"If-Match": tag}).status_code == 200

    def test_answers_head_with_the_length(self, client):
        response = client.head(f"/fhir/Binary/{made(client)}")

        assert (response.status_code, response.content) == (200, b"")
        assert response["Content-Length"] == str(len(PDF))

    def test_goes_on_where_a_download_stopped(self, client):
        id = made(client)

        first = got(client, id, Range="bytes=0-9")
        rest = got(client, id, Range="bytes=10-", **{"If-Range": first["ETag"]})
        whole = got(client, id, Range="bytes=10-", **{"If-Range": '"9"'})
        behind = got(client, id, Range="bytes=999-")

        assert [it.status_code for it in (first, rest, whole, behind)] == [206, 206, 200, 416]
        assert first.content + rest.content == whole.content == PDF
        assert first["Content-Range"] == f"bytes 0-9/{len(PDF)}"
        assert behind["Content-Range"] == f"bytes */{len(PDF)}"
        assert behind["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert issue(behind) == (
            416,
            "value",
            f"The range lies behind the end of what is here, {len(PDF)} bytes.",
        )

    def test_refuses_in_words_of_fhir(self, client):
        id = made(client)
        client.delete(f"/fhir/Binary/{id}")

        assert issue(got(client, "nobody", "image/png"))[:2] == (404, "not-found")
        assert issue(got(client, id, "application/pdf"))[:2] == (410, "deleted")
        assert issue(got(client, f"{id}/_history/9", BROWSER))[:2] == (404, "not-found")

    def test_leaves_an_audit_row_that_names_the_patient(self, client):
        patient = created(client)
        id = made(client, **{"X-Security-Context": f"Patient/{patient}"})
        got(client, id)

        [row] = audit_records().filter(resource_id=id, interaction="read")
        assert (row.resource_type, row.outcome) == ("Binary", 200)


class TestSize:
    def test_of_content_is_limited(self, client, small):
        assert sent(client, b"x" * small, "text/plain").status_code == 201
        assert issue(sent(client, b"x" * (small + 1), "text/plain")) == (
            413,
            "too-long",
            "Content may have at most 300 bytes here.",
        )

    @pytest.mark.parametrize("content_type", [FHIR, "application/json"])
    def test_of_a_binary_and_of_json_is_limited(self, client, small, content_type):
        def of(length: int) -> bytes:
            data = base64.b64encode(b"x" * length).decode()
            return json.dumps({"resourceType": "Binary", "contentType": "a/b", "data": data}).encode()

        assert sent(client, of(small), content_type).status_code == 201
        response = sent(client, of(small + 1), content_type)
        assert issue(response) == (
            413,
            "too-long",
            "Binary.data has 301 bytes; content may have at most 300 here.",
        )
        other = json.dumps({"resourceType": "Patient", "id": "x" * small}).encode()
        assert sent(client, other, content_type).status_code == 413

    def test_of_attachments_is_limited_wherever_they_are(self, client, small):
        data = base64.b64encode(b"x" * (small + 1)).decode()
        patient = {"resourceType": "Patient", "photo": [{}, {"data": data}]}
        patch = [{"op": "add", "path": "/photo/0/data", "value": data}]
        id = created(client, photo=[{"title": "x"}])

        answers = [
            (client.post("/fhir/Patient", json.dumps(patient), content_type=FHIR), "Patient.photo[1].data"),
            (
                client.post(
                    "/fhir", json.dumps(bundle("batch", entry("POST", "Patient", patient))), content_type=FHIR
                ),
                "Bundle.entry[0].resource.photo[1].data",
            ),
            (
                client.patch(
                    f"/fhir/Patient/{id}", json.dumps(patch), content_type="application/json-patch+json"
                ),
                "/photo/0.data",
            ),
        ]

        for response, place in answers:
            assert issue(response)[:2] == (413, "too-long")
            assert response.json()["issue"][0]["expression"] == [place]

    def test_of_sampled_data_is_not(self, client, small):
        sampled = {"origin": {"value": 1}, "period": 1, "dimensions": 1, "data": "1 " * small}
        body = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "x"},
            "valueSampledData": {**sampled, "data": sampled["data"].strip()},
        }

        assert client.post("/fhir/Observation", json.dumps(body), content_type=FHIR).status_code == 201


class TestInBundles:
    def test_only_a_binary_is_taken_and_answered(self, client):
        id = made(client)
        entries = [
            entry("POST", "Binary", {"resourceType": "Patient"}),
            entry("POST", "Binary", {"resourceType": "Binary", "contentType": "a/b", "data": "aGVsbG8="}),
            entry("GET", f"Binary/{id}"),
        ]

        response = client.post("/fhir", json.dumps(bundle("batch", *entries)), content_type=FHIR)

        answers = response.json()["entry"]
        assert [each["response"]["status"][:3] for each in answers] == ["400", "201", "200"]
        assert base64.b64decode(answers[2]["resource"]["data"]) == PDF

    @pytest.mark.parametrize("type", ["batch", "transaction"])
    @pytest.mark.parametrize(("data", "content_type"), [(PDF, "application/pdf"), (b'"}],', "text/plain")])
    def test_content_is_no_entry_whatever_format_is_asked_for(self, client, type, data, content_type):
        id = made(client, data, content_type)
        read = entry("GET", f"Binary/{id}?_format={content_type}")

        response = client.post("/fhir", json.dumps(bundle(type, read)), content_type=FHIR)

        [answer] = response.json()["entry"]
        assert base64.b64decode(answer["resource"]["data"]) == data


class TestAnyContent:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        data=st.binary(min_size=1, max_size=200),
        content_type=st.sampled_from(
            ["image/png", "text/html;charset=utf-16", "x/y", 'a/b; c="d e"', "application/fhir+ndjson"]
        ),
        accept=st.sampled_from(["", "*/*", BROWSER]),
    )
    def test_comes_back_byte_for_byte(self, client, data, content_type, accept):
        response = got(client, made(client, data, content_type), accept)

        assert (response.content, response["Content-Type"]) == (data, content_type)

    @given(st.text(max_size=40))
    def test_has_a_type_that_a_header_can_say(self, text):
        said = Content(text, b"").media_type

        assert said == (text if is_media_type(text) else ANY_CONTENT)
        assert said.isascii()
        assert said.isprintable()

"""What cannot be honoured is refused with a sentence that helps, and nothing is stored."""

import pytest
from django.conf import settings

from patients.models import FhirResource, FhirResourceVersion, writing
from tests.patients.api.messages import FHIR, issue, posted, put


@pytest.fixture(autouse=True)
def _nothing_stored():
    before = (FhirResource.objects.count(), FhirResourceVersion.objects.count())
    yield
    assert (FhirResource.objects.count(), FhirResourceVersion.objects.count()) == before


BODIES = {
    "empty": (b"", 400, "structure", "The body is empty; a resource was expected."),
    "malformed": (
        b'{"resourceType":"Patient",}',
        400,
        "structure",
        "The body is not JSON: expecting property name enclosed in double quotes at line 1, column 27.",
    ),
    "no object": (b"[]", 400, "structure", "The body must be one JSON object."),
    "invalid UTF-8": (
        b'{"resourceType":"Patient","language":"\xff"}',
        400,
        "structure",
        "The body is not UTF-8: byte 0xFF at position 38.",
    ),
    "duplicate member": (
        b'{"resourceType":"Patient","active":true,"active":false}',
        400,
        "structure",
        "The member 'active' is given 2 times.",
    ),
    "NUL": (
        b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
        400,
        "value",
        "The text holds the character U+0000, which cannot be stored.",
    ),
    "lone surrogate": (
        b'{"resourceType":"Patient","name":[{"family":"a\\ud83db"}]}',
        400,
        "value",
        "The text holds half of a surrogate pair, which cannot be stored.",
    ),
    "deep": (
        b'{"resourceType":"Patient","extension":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        400,
        "structure",
        "The JSON is nested deeper than 200 levels.",
    ),
    "huge number": (
        b'{"resourceType":"Patient","extension":[{"url":"x","valueDecimal":1E130000}]}',
        400,
        "value",
        "The number 1E130000 has more than 64 significant digits or an exponent beyond \u00b164.",
    ),
    "NaN": (
        b'{"resourceType":"Patient","multipleBirthInteger":NaN}',
        400,
        "value",
        "NaN is not a number in JSON.",
    ),
    "no type": (b'{"active":true}', 400, "invalid", "A resource needs a resourceType."),
    "unknown type": (
        b'{"resourceType":"Patients"}',
        400,
        "invalid",
        "'Patients' is not a resource type of FHIR R4.",
    ),
}


class TestBody:
    @pytest.mark.parametrize("kind", BODIES)
    def test_is_refused_by_create(self, client, kind):
        body, *expected = BODIES[kind]

        assert issue(posted(client, body)) == tuple(expected)

    @pytest.mark.parametrize("kind", BODIES)
    def test_is_refused_by_update(self, client, kind):
        body, *expected = BODIES[kind]

        assert issue(put(client, "nobody", body)) == tuple(expected)

    @pytest.mark.parametrize(
        "birth_date", ["2023-02-29", "1980-13-01", "80-01-01", "1980-1-1", "1980-01-01T00:00:00Z", ""]
    )
    def test_with_an_impossible_date_names_the_element(self, client, birth_date):
        response = posted(client, {"resourceType": "Patient", "birthDate": birth_date})

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["Patient.birthDate"]

    def test_that_announces_too_much_is_refused_unread(self, client):
        length = settings.MAX_BODY_BYTES + 1

        response = client.generic(
            "POST", "/fhir/Patient", b"{}", content_type=FHIR, CONTENT_LENGTH=str(length)
        )

        assert issue(response) == (
            413,
            "too-long",
            f"The body is longer than {settings.MAX_BODY_BYTES} bytes; no more is read.",
        )

    def test_of_50_megabytes_is_refused(self, client):
        response = client.post("/fhir/Patient", b" " * 50_000_000, content_type=FHIR)

        assert response.status_code == 413


QUERIES = {
    "nmae=smi": ("not-supported", "Unknown search parameter 'nmae'."),
    "family:sounds=smith": (
        "not-supported",
        "Search parameter 'family' does not take the modifier ':sounds', only :contains, :exact, :missing.",
    ),
    "_count=1e9": ("value", "Search parameter '_count' takes a number from 0 to 1000."),
    "_count=-1": ("value", "Search parameter '_count' takes a number from 0 to 1000."),
    "_count=1001": ("value", "Search parameter '_count' takes a number from 0 to 1000."),
    "_total=maybe": ("value", "Search parameter '_total' takes one of none, accurate, estimate."),
    "_sort=shoe": None,
    "birthdate=2023-02-30": None,
    "birthdate=yesterday": None,
    "_lastUpdated=ge2020-01-01T25:00": None,
    "family=": ("value", "Search parameter 'family' has no value."),
    "family": ("value", "Search parameter 'family' has no value."),
    "=smith": ("not-supported", "Unknown search parameter ''."),
    "family=a%00b": ("value", "Search parameter 'family' has a character that no text may have."),
    "family=%ff": ("invalid", "The query is not UTF-8."),
    "family=%ed%a0%80": ("invalid", "The query is not UTF-8."),
    "family=50%": (
        "invalid",
        "The query has a '%' that no two hexadecimal digits follow; write %25 for it.",
    ),
    "family=%zz": (
        "invalid",
        "The query has a '%' that no two hexadecimal digits follow; write %25 for it.",
    ),
    "_cursor=x": ("value", "This '_cursor' was not given by this server; begin with the first page."),
    "&".join(["family=a"] * 101): ("invalid", "A search may have at most 100 parameters."),
}


class TestQuery:
    @pytest.mark.parametrize("query", QUERIES)
    @pytest.mark.parametrize("address", ["/fhir/Patient", "/api/patients"])
    def test_is_refused(self, client, address, query):
        response = client.get(f"{address}?{query}")

        status, code, diagnostics = issue(response)
        assert status == 400
        if QUERIES[query]:
            assert (code, diagnostics) == QUERIES[query]
        else:
            assert diagnostics.startswith(f"Search parameter '{query.partition('=')[0]}' ")

    @pytest.mark.parametrize("query", [query for query in QUERIES if "%" not in query])
    def test_is_refused_as_a_form(self, client, query):
        response = client.post(
            "/fhir/Patient/_search", query, content_type="application/x-www-form-urlencoded"
        )

        assert response.status_code == 400

    def test_that_is_too_long_is_refused(self, client):
        long = client.post(
            "/fhir/Patient/_search",
            "family=" + "a" * 65_536,
            content_type="application/x-www-form-urlencoded",
        )
        longer = client.post(
            "/fhir/Patient/_search",
            "family=" + "%C3%A9" * 1_000_000,
            content_type="application/x-www-form-urlencoded",
        )

        expected = (413, "too-long", "A search may be at most 65536 characters long.")
        assert issue(long) == issue(longer) == expected


_NOTHING = "There is nothing at this address; see metadata for what is offered."
_NO_ID = "There is nothing at this address: an id is up to 64 letters, digits, '-' and '.'."


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "code", "diagnostics"),
        [
            (
                "/fhir/Parameters/1",
                "not-supported",
                "A Parameters is only sent to operations and answered by them; none is kept.",
            ),
            ("/fhir/observation/1", "not-found", _NOTHING),
            ("/fhir/Patients/1", "not-supported", "Patients is not a resource type of FHIR R4."),
            (
                "/fhir/Patient/1/$evaluate",
                "not-found",
                "This operation is not offered at this address; see metadata for what is offered.",
            ),
            (
                "/fhir/Patient/a_b",
                "not-found",
                _NO_ID,
            ),
            (
                "/fhir/Patient/%00",
                "not-found",
                _NO_ID,
            ),
            (
                "/fhir/Patient/" + "a" * 65,
                "not-found",
                _NO_ID,
            ),
            (
                "/fhir/Patient/",
                "not-found",
                "There is nothing at this address; addresses here have no slash at their end.",
            ),
            (
                "/api/people",
                "not-found",
                _NOTHING,
            ),
        ],
    )
    def test_that_is_not_there_answers_404(self, client, address, code, diagnostics):
        assert issue(client.get(address)) == (404, code, diagnostics)

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
    def test_that_is_not_there_answers_404_to_each_method(self, client, method):
        assert getattr(client, method)("/fhir/Parameters/1").status_code == 404

    @pytest.mark.parametrize(
        ("method", "address", "allowed"),
        [
            ("options", "/fhir/Patient/1", "GET, PUT, PATCH, DELETE, HEAD"),
            ("post", "/fhir/Patient/1", "GET, PUT, PATCH, DELETE, HEAD"),
            ("options", "/fhir/Patient", "GET, POST, PUT, PATCH, DELETE, HEAD"),
            ("options", "/fhir/Observation/1", "GET, PUT, PATCH, DELETE, HEAD"),
            ("patch", "/fhir/Patient/1/_history", "GET, HEAD"),
            ("delete", "/fhir/Patient/1/_history", "GET, HEAD"),
            ("delete", "/fhir/Patient/1/_history/1", "GET, HEAD"),
            ("post", "/fhir/metadata", "GET, HEAD"),
            ("delete", "/api/patients/1", "GET, HEAD"),
        ],
    )
    def test_answers_405_with_the_methods_there_are(self, client, method, address, allowed):
        response = getattr(client, method)(address)

        assert response["Allow"] == allowed
        assert issue(response) == (
            405,
            "not-supported",
            f"{method.upper()} is not offered at this address, only {allowed}.",
        )


class TestLostRace:
    def test_changes_nothing(self, client, monkeypatch):
        monkeypatch.setattr(writing, "write", lambda change: None)

        response = posted(client, {"resourceType": "Patient"})

        status, code, diagnostics = issue(response)
        assert (status, code) == (409, "conflict")
        assert diagnostics.endswith(" is being changed by others; nothing was changed.")

"""Through the real web server, by HTTP/1.1 and HTTP/2, what Django's own test client can't send."""

from collections.abc import Iterator

import httpx
import pytest

from patients.models import FhirResource
from tests.patients.api.conftest import PASSWORD
from tests.people import word

MEGABYTE = b" " * 1024 * 1024
FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def wire(request, site, token) -> Iterator[httpx.Client]:
    """A client of that version that has logged in."""
    with httpx.Client(
        base_url=site.https,
        http2=request.param == "HTTP/2",
        verify=site.ssl_context(),
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as client:
        yield client
        assert client.get("/livez").http_version == request.param


def spaces(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield MEGABYTE


def diagnostics(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["issue"][0]["diagnostics"]


class TestBody:
    def test_without_a_length_is_read(self, wire):
        family = word()

        response = wire.post(
            "/fhir/Patient",
            content=iter([b'{"resourceType":"Patient",', f'"name":[{{"family":"{family}"}}]}}'.encode()]),
            headers=FHIR,
        )

        assert response.status_code == 201
        assert response.json()["name"] == [{"family": family}]
        assert wire.get(response.headers["Location"]).text == response.text

    @pytest.mark.parametrize("headers", [{}, {"Content-Length": str(50 * len(MEGABYTE))}])
    def test_of_50_megabytes_is_refused_and_the_connection_goes_on(self, wire, headers):
        before = FhirResource.objects.count()

        response = wire.post("/fhir/Patient", content=spaces(50), headers={**FHIR, **headers})

        assert diagnostics(response) == (413, "The body is longer than 16777216 bytes; no more is read.")
        assert wire.get("/fhir/Patient?_count=0").status_code == 200
        assert FhirResource.objects.count() == before

    def test_of_a_stranger_is_refused(self, wire):
        headers = {**FHIR, "Authorization": "Bearer wrong", "Content-Length": str(50 * len(MEGABYTE))}

        response = wire.post("/fhir/Patient", content=spaces(50), headers=headers)

        assert diagnostics(response) == (401, "The bearer token is unknown, revoked or expired.")


class TestBadRequest:
    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            (b"", "The body is empty; a resource was expected."),
            (b"[" * 10_000 + b"]" * 10_000, "The JSON is nested deeper than 200 levels."),
            (b"\xff\xfe", "The body is not UTF-8: byte 0xFF at position 0."),
            (b"\x00", "The body is not JSON: expecting value at line 1, column 1."),
        ],
    )
    def test_is_refused_by_create(self, wire, body, sentence):
        assert diagnostics(wire.post("/fhir/Patient", content=body, headers=FHIR)) == (400, sentence)

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/fhir/Patient?family=%FF", 400),
            ("/fhir/Patient?family=a%00b", 400),
            ("/fhir/Patient?nmae=smi", 400),
            ("/fhir/Patient/%00", 404),
            ("/fhir/Patient/%FF%FE", 404),
            ("/fhir//Patient", 404),
            ("/fhir/Patient/../metadata", 200),
        ],
    )
    def test_is_refused_by_its_address(self, wire, target, status):
        assert wire.get(target).status_code == status


class TestHead:
    def test_has_the_headers_of_get(self, wire):
        got, headed = wire.get("/fhir/metadata"), wire.head("/fhir/metadata")

        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers["Content-Length"] == str(len(got.content))


class TestLinks:
    def test_name_the_scheme_and_host_that_the_client_used(self, wire, site):
        response = wire.post("/fhir/Patient", content=b'{"resourceType":"Patient"}', headers=FHIR)

        assert response.headers["Location"].startswith(f"{site.https}/fhir/Patient/")


class TestPlainHttp:
    def test_takes_basic_on_this_machine(self, site, user):
        response = httpx.get(f"{site.http}/fhir/Patient?_count=0", auth=(user.username, PASSWORD))

        assert response.status_code == 200


class TestContent:
    def test_without_a_length_comes_back_byte_for_byte(self, wire):
        portions = [bytes(range(256)) * 1024, b"\r\n\x00", b"end"]

        made = wire.post("/fhir/Binary", content=iter(portions), headers={"Content-Type": "image/png"})
        read = wire.get(f"/fhir/Binary/{made.json()['id']}")
        part = wire.get(f"/fhir/Binary/{made.json()['id']}", headers={"Range": "bytes=-3"})
        head = wire.head(f"/fhir/Binary/{made.json()['id']}")

        whole = b"".join(portions)
        assert (made.status_code, read.content, read.headers["Content-Type"]) == (201, whole, "image/png")
        assert (part.status_code, part.content) == (206, b"end")
        assert (head.content, head.headers["Content-Length"]) == (b"", str(len(whole)))

    @pytest.mark.parametrize("headers", [{}, {"Content-Length": str(11 * len(MEGABYTE))}])
    def test_of_11_megabytes_is_refused_and_the_connection_goes_on(self, wire, headers):
        response = wire.post(
            "/fhir/Binary", content=spaces(11), headers={"Content-Type": "image/png", **headers}
        )

        assert diagnostics(response) == (413, "Content may have at most 10485760 bytes here.")
        assert wire.get("/fhir/Binary?_count=0").status_code == 200

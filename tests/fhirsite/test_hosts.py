"""A request by a name that is not ours."""

import uuid
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client

from tests.patients.api.messages import issue

HOST = {"Host": "elsewhere.example"}


@pytest.fixture
def stranger() -> Client:
    return Client(raise_request_exception=False)


class TestDisallowedHost:
    @pytest.mark.parametrize("address", ["/fhir/Patient", "/fhir/metadata", "/api/patients"])
    def test_is_refused_in_words_of_fhir(self, stranger, address):
        response = stranger.get(address, headers=HOST)

        assert issue(response) == (400, "invalid", "The request was refused as malformed.")

    @pytest.mark.parametrize("address", ["/", "/login/"])
    def test_is_refused_by_a_page(self, stranger, address):
        response = stranger.get(address, headers=HOST)

        assert response.status_code == 400
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert b"This cannot be understood" in response.content

    def test_is_one_line_in_the_log(self, site):
        before = {each: each.stat().st_size for each in Path(settings.INSTANCE.logs).glob("*.log")}

        response = httpx.get(f"{site.http}/fhir/metadata?_={uuid.uuid4()}", headers=HOST)

        assert response.status_code == 400
        lines = [
            line
            for each, size in before.items()
            for line in each.read_text()[size:].splitlines()
            if response.headers["X-Request-Id"] in line or "File " in line or "Traceback" in line
        ]
        assert len(lines) == 1
        assert lines[0].endswith("DisallowedHost")

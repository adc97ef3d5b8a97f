"""Settings of single sign-on that cannot work stop the start with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from fhirsite import single_sign_on

NAME = "SOME_SETTING"
KNOWN = ("clinician", "nurse")


@pytest.fixture
def given(monkeypatch):
    return lambda text: monkeypatch.setenv(NAME, text)


class TestIssuer:
    @pytest.mark.parametrize("text", ["https://login.example.org", "http://localhost:8080/realms/a", ""])
    def test_is_an_address_that_is_safe(self, given, text):
        given(text)

        assert single_sign_on.issuer(NAME) == text

    @pytest.mark.parametrize(
        "text",
        [
            "http://login.example.org",
            "login.example.org",
            "https://",
            "https://x?y",
            "ftp://x",
            "https://[",
            "https://x:y",
        ],
    )
    def test_is_refused_if_it_is_none(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be like"):
            single_sign_on.issuer(NAME)


class TestRoles:
    def test_are_their_own_names_unless_something_is_given(self):
        assert single_sign_on.roles(NAME, KNOWN) == {"clinician": "clinician", "nurse": "nurse"}

    def test_are_what_the_pairs_say(self, given):
        given("gp = clinician, ward 4=nurse,")

        assert single_sign_on.roles(NAME, KNOWN) == {"gp": "clinician", "ward 4": "nurse"}

    @pytest.mark.parametrize("text", ["gp", "gp=", "=nurse", "gp=boss", "gp=nurse=clinician"])
    def test_are_refused_if_they_are_none(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be VALUE=ROLE pairs"):
            single_sign_on.roles(NAME, KNOWN)


class TestProviders:
    def test_are_none_without_an_issuer(self):
        assert single_sign_on.providers("", "x") == {}

    def test_need_the_client(self):
        with pytest.raises(ImproperlyConfigured, match="FHIRSITE_OIDC_CLIENT_ID"):
            single_sign_on.providers("https://login.example.org", "x")

"""Who the client is behind proxies, and that nobody else can say so."""

import ipaddress

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from perf.proxies import ClientAddressMiddleware, plain_address

PROXIES = ("10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1")
CHAIN = "198.51.100.66, 203.0.113.9, 10.0.0.7"


@pytest.fixture(autouse=True)
def trusted(settings):
    settings.TRUSTED_PROXIES = tuple(ipaddress.ip_network(each) for each in PROXIES)
    return settings


def seen(from_: str, **headers: str) -> tuple[str, str]:
    """The address and scheme with which a request reaches the site."""
    found = []

    def answer(request):
        found.append((request.META["REMOTE_ADDR"], request.scheme))
        return HttpResponse()

    ClientAddressMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR=from_, **headers))
    return found[0]


class TestForwardedFor:
    @pytest.mark.parametrize(
        ("header", "address"),
        [
            ("203.0.113.9", "203.0.113.9"),
            # What the client wrote itself stands left of what the proxy saw.
            ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
            ("198.51.100.66, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
            ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("2001:DB8:0::9", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, ::ffff:10.0.0.7", "203.0.113.9"),
            ("", "10.0.0.1"),
            ("unknown", "10.0.0.1"),
            ("203.0.113.9, unknown", "10.0.0.1"),
            ("203.0.113.9, unknown, 10.0.0.7", "10.0.0.7"),
            ("203.0.113.9\n", "203.0.113.9"),
            (",,,", "10.0.0.1"),
        ],
    )
    def test_of_a_trusted_proxy_names_the_client(self, header, address):
        assert seen("10.0.0.1", HTTP_X_FORWARDED_FOR=header)[0] == address

    @pytest.mark.parametrize("from_", ["203.0.113.5", "2001:db8:2::1", "", "unix", "11.0.0.1"])
    def test_of_anybody_else_is_ignored(self, from_):
        headers = {"HTTP_X_FORWARDED_FOR": CHAIN, "HTTP_X_FORWARDED_PROTO": "https"}

        assert seen(from_, **headers) == (from_, "http")

    def test_is_ignored_where_no_proxy_is_named(self, trusted):
        trusted.TRUSTED_PROXIES = ()

        assert seen("127.0.0.1", HTTP_X_FORWARDED_FOR=CHAIN)[0] == "127.0.0.1"

    @pytest.mark.parametrize("from_", ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:1::7"])
    def test_is_believed_of_proxies_in_any_spelling(self, from_):
        assert seen(from_, HTTP_X_FORWARDED_FOR=CHAIN)[0] == "203.0.113.9"


class TestForwardedProto:
    @pytest.mark.parametrize(
        ("header", "scheme"),
        [("https", "https"), ("HTTPS", "https"), ("https, http", "http"), ("gopher", "http"), ("", "http")],
    )
    def test_tells_the_scheme_with_or_without_an_address(self, header, scheme):
        assert seen("10.0.0.1", HTTP_X_FORWARDED_PROTO=header) == ("10.0.0.1", scheme)
        assert seen("10.0.0.1", HTTP_X_FORWARDED_PROTO=header, HTTP_X_FORWARDED_FOR="203.0.113.9") == (
            "203.0.113.9",
            scheme,
        )


class TestForwarded:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("for=203.0.113.9", ("203.0.113.9", "http")),
            ("For=203.0.113.9;proto=https;by=10.0.0.1", ("203.0.113.9", "https")),
            ('for="[2001:db8::9]:4711"; Proto="https"', ("2001:db8::9", "https")),
            ("for=198.51.100.66, for=203.0.113.9;proto=https, for=10.0.0.7", ("203.0.113.9", "https")),
            ('for="a, for=198.51.100.66", for=203.0.113.9', ("203.0.113.9", "http")),
            ("for=_hidden;proto=https", ("10.0.0.1", "https")),
            ('for="203.0.113.9', ("10.0.0.1", "http")),
            ("", ("10.0.0.1", "http")),
            (";;,=,for", ("10.0.0.1", "http")),
        ],
    )
    def test_is_believed_where_the_site_says_so(self, trusted, header, expected):
        trusted.PROXY_HEADER = "Forwarded"

        assert seen("10.0.0.1", HTTP_FORWARDED=header) == expected

    def test_and_the_other_kind_are_never_both_believed(self, trusted):
        headers = {"HTTP_FORWARDED": "for=198.51.100.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}

        assert seen("10.0.0.1", **headers)[0] == "203.0.113.9"
        trusted.PROXY_HEADER = "Forwarded"
        assert seen("10.0.0.1", **headers)[0] == "198.51.100.1"


class TestAnyHeader:
    @given(st.text(alphabet='1234567890.:abf[]",;= forunknwpt\\%', max_size=60))
    def test_gives_an_address(self, header):
        address = seen("10.0.0.1", HTTP_X_FORWARDED_FOR=header, HTTP_FORWARDED=header)[0]

        assert address == str(ipaddress.ip_address(address))

    @pytest.mark.parametrize("text", ["1.2.3", "1.2.3.4/8", "٣.1.1.1", "localhost", "[::1", ":80"])
    def test_that_is_no_address_names_nobody(self, text):
        assert plain_address(text) == ""

    def test_loses_the_zone_of_an_address(self):
        assert plain_address("fe80::1%eth0") == "fe80::1"


class TestASite:
    def test_gives_hsts_to_who_came_by_tls_to_the_proxy(self, trusted):
        trusted.SECURE_HSTS_SECONDS = 60
        headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}

        assert "Strict-Transport-Security" in Client().get("/login/", REMOTE_ADDR="10.0.0.1", **headers)
        assert "Strict-Transport-Security" not in Client().get("/login/", REMOTE_ADDR="9.9.9.9", **headers)

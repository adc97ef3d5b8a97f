"""Settings that are not understood are refused, never guessed."""

import ipaddress

import pytest
from django.core.exceptions import ImproperlyConfigured

from fhirsite import environment

NAME = "SOME_SETTING"


@pytest.fixture
def given(monkeypatch):
    return lambda text: monkeypatch.setenv(NAME, text)


class TestNumber:
    def test_is_what_is_given_or_the_default(self, given):
        assert environment.number(NAME, 7) == 7
        given(" 12 ")
        assert environment.number(NAME, 7) == 12
        given("")
        assert environment.number(NAME, 7) == 7

    @pytest.mark.parametrize("text", ["x", "1.5", "-1", "0", "٣", "1e3", "9" * 5000, "²"])
    def test_is_refused_if_it_is_none(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be a whole number, 1 or more"):
            environment.number(NAME, 7)


class TestDecimal:
    def test_is_what_is_given(self, given):
        given("0.25")

        assert environment.decimal(NAME, 7) == 0.25

    @pytest.mark.parametrize("text", ["x", "nan", "inf", "-1", "0", "1,5"])
    def test_is_refused_if_it_is_none(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be a positive number, not "):
            environment.decimal(NAME, 7)

    def test_may_be_zero_where_that_means_something(self, given):
        given("0")

        assert environment.decimal(NAME, 7, may_be_zero=True) == 0


class TestSwitch:
    @pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
    def test_is_on_or_off(self, given, text, value):
        given(text)

        assert environment.switch(NAME, default=not value) is value

    @pytest.mark.parametrize("text", ["ture", "2", "disabled", "-"])
    def test_is_refused_if_it_is_neither(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match=f"^SOME_SETTING must be 1 or 0, not '{text}'"):
            environment.switch(NAME, default=True)


class TestNetworks:
    def test_are_addresses_and_networks(self, given):
        given("10.1.2.3, 192.168.0.0/16,2001:db8::/32,")

        assert environment.networks(NAME) == tuple(
            ipaddress.ip_network(each) for each in ("10.1.2.3/32", "192.168.0.0/16", "2001:db8::/32")
        )

    @pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.1/8", "10.0.0.0/33"])
    def test_are_refused_if_they_are_none(self, given, text):
        given(text)

        with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must hold addresses and networks"):
            environment.networks(NAME)


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (lambda: environment.language(NAME, "en"), "de", "xx"),
        (lambda: environment.time_zone(NAME, "UTC"), "Europe/Vienna", "../etc/passwd"),
        (lambda: environment.choice(NAME, ("A", "B"), "A"), "B", "a"),
        (lambda: environment.cache_address(NAME), "redis://cache.example:6379/0", "cache.example"),
    ],
)
def test_a_word_is_one_of_those_that_mean_something(given, read, good, bad):
    given(good)
    assert read() == good
    given(bad)
    with pytest.raises(ImproperlyConfigured, match="SOME_SETTING must be "):
        read()

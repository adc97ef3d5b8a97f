"""Transactions of the demo's patients, sent to the tests' own site."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from patients.demo import BUNDLES
from patients.models import ApiToken, FhirResource
from tests.people import user_with


@pytest.fixture
def user(database):
    return user_with("integration client")


@pytest.fixture(scope="module")
def referred_to(database):
    """What the demo's patients refer to."""
    call_command("load", *map(str, sorted(BUNDLES.glob("0-*"))), stdout=StringIO(), stderr=StringIO())


def _benchmark(user, site, *options) -> str:
    answer = StringIO()
    call_command("benchmark_transactions", user.username, "--url", site.http, *options, stdout=answer)
    return answer.getvalue()


class TestBenchmarkTransactions:
    def test_counts_what_the_site_took_in(self, user, site, referred_to):
        before = FhirResource.objects.filter(resource_type="Patient").count()

        report = json.loads(
            _benchmark(user, site, "--entries", "60", "--count", "3", "--clients", "2", "--json")
        )

        assert report["resources"] == 180
        assert report["transactions"]["samples"] == 3
        assert FhirResource.objects.filter(resource_type="Patient").count() == before + 3
        assert not ApiToken.objects.filter(user=user).exists()

    def test_tells_the_rate(self, user, site, referred_to):
        answer = _benchmark(user, site, "--entries", "60", "--count", "1", "--clients", "2")

        assert "resources a second: 60 in " in answer
        assert ", 1 transactions (p50 " in answer

    def test_says_what_a_site_refuses(self, user, site):
        user.is_active = False
        user.save()

        with pytest.raises(CommandError, match=r"It answered 401: .+\."):
            _benchmark(user, site, "--entries", "60", "--count", "1")
        assert not ApiToken.objects.filter(user=user).exists()

    def test_says_that_nobody_answers(self, user, site):
        closed = "http://127.0.0.1:9"

        with pytest.raises(CommandError, match=f"{closed} does not answer"):
            call_command("benchmark_transactions", user.username, "--url", closed, "--entries", "60")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--clients", "0"], "--clients takes a number above 0."),
            (["--url", "localhost"], "--url takes an address like https://localhost:8443."),
            (["--entries", "9000"], "no patient of the demo has 9,000 resources."),
        ],
    )
    def test_refuses_what_measures_nothing(self, user, options, message):
        with pytest.raises(CommandError) as refusal:
            call_command("benchmark_transactions", user.username, *options)

        assert str(refusal.value) == message

    def test_refuses_an_unknown_user(self, database):
        with pytest.raises(CommandError, match="there is no user 'nobody'"):
            call_command("benchmark_transactions", "nobody")

"""The server finds exactly what the oracle does: random queries over what HL7 and Synthea published.

A query follows from its seed, so that `few.run(["sample/141"])` asks that one again.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client

from patients.tokens import make_token
from tests.patients.search.comparison import Comparison, Tally, numbered
from tests.patients.search.doors import by_http
from tests.patients.search.loaded import loaded
from tests.patients.search.oracle.dates import PREFIXES
from tests.patients.search.oracle.store import Store
from tests.people import ALL_ROLES, user_with
from tests.published import needs_published_data

pytestmark = needs_published_data

# What queries are made of: datatypes with modifiers or prefixes, and what is neither.
MADE_OF = {
    "composite": ("", "missing"),
    "date": ("", "missing", *PREFIXES),
    "number": ("", "missing", *PREFIXES),
    "quantity": ("", "missing", *PREFIXES),
    "reference": ("", "missing", "identifier", "Patient"),
    "string": ("", "missing", "contains", "exact"),
    "token": ("", "missing", "not", "of-type", "text"),
    "uri": ("", "missing", "above", "below"),
}
BESIDES = (
    *("_content", "_has", "_list", "_sort", "_text", "_type", "chain", "compartment", "deep"),
    *("_include", "_include:iterate", "_revinclude", "_revinclude:iterate"),
)
FEATURES = [f"{kind} {each}".strip() for kind, modifiers in MADE_OF.items() for each in modifiers]


@pytest.fixture(scope="module")
def few(database, tmp_path_factory) -> Comparison:
    """HL7's examples and one of Synthea's patients."""
    return Comparison(Store(loaded(tmp_path_factory.mktemp("few"), suffix="few", bundles=1)))


@pytest.fixture(scope="module")
def many(database, tmp_path_factory) -> Comparison:
    """HL7's examples and twelve of Synthea's patients."""
    return Comparison(Store(loaded(tmp_path_factory.mktemp("many"), suffix="many", bundles=12)))


@pytest.fixture(scope="module")
def client(database) -> Client:
    user = user_with(*ALL_ROLES)
    token = make_token(user, label="test", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


def test_a_sample(few):
    tally = few.run(numbered("sample", 540))

    check(tally, least_of_each=0)


def test_a_sample_by_http(few, client):
    tally = few.run(numbered("sample by HTTP", 60), by_http(client))

    assert_none(tally.disagreements)


@pytest.mark.long
@pytest.mark.parametrize("seed", ["one", "two", "three", "four"])
def test_all(many, seed):
    tally = many.run(numbered(seed, 5_000))

    check(tally, least_of_each=8)


@pytest.mark.long
def test_all_by_http(many, client):
    tally = many.run(numbered("by HTTP", 1_000), by_http(client))

    check(tally, least_of_each=0)


def check(tally: Tally, *, least_of_each: int) -> None:
    """Nobody disagrees, most queries find something, and hardly one is refused."""
    assert_none(tally.disagreements)
    assert_none(tally.refused[tally.queries // 200 :])
    assert tally.with_hits >= 0.6 * tally.queries
    rare = {each: tally.features[each] for each in (*FEATURES, *BESIDES)}
    assert_none(each for each, times in rare.items() if times < least_of_each)


def assert_none(problems: Iterable[str]) -> None:
    found = list(problems)
    assert not found, f"{len(found)} in all\n" + "\n".join(found[:20])

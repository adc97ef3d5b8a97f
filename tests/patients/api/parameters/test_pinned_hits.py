"""Searches whose hits are worked out by hand from the text of R4, since an oracle can share a misreading."""

import json
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.patients.api.messages import FHIR
from tests.patients.api.parameters.pinned import (
    dates,
    numbers,
    others,
    people,
    references,
    strings,
    tokens,
    values,
)
from tests.patients.api.parameters.pinned.resources import PREFIX, Resource

HITS = (
    *numbers.NUMBERS,
    *numbers.QUANTITIES,
    *dates.DATES,
    *strings.STRINGS,
    *tokens.TOKENS,
    *references.REFERENCES,
    *references.CHAINS,
    *references.COMPARTMENTS,
    *others.URIS,
    *others.COMPOSITES,
    *others.OF_ALL,
)


def the_set() -> list[Resource]:
    people_made = (*people.people(), *people.tokens(), *people.linked())
    values_made = (
        *values.numbers(),
        *values.dates(),
        *values.quantities(),
        *values.uris(),
        *values.composites(),
    )
    return [*people_made, *values_made]


@pytest.fixture(scope="module")
def client(database) -> Client:
    """Who also sees what is labelled R, and states the purpose that this takes: one of the set is."""
    from patients.tokens import make_token
    from tests.people import ALL_ROLES, user_with

    token = make_token(user_with(*ALL_ROLES, "clinician"), label="test", days=1)
    headers = {"Authorization": f"Bearer {token}", "X-Purpose-Of-Use": "TREAT"}
    return Client(headers=headers, raise_request_exception=False)


@pytest.fixture(scope="module", autouse=True)
def stored(client) -> None:
    """The set, by one batch."""
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
        for each in the_set()
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    response = client.post("/fhir", json.dumps(bundle), content_type=FHIR)
    refused = [each for each in response.json()["entry"] if each["response"]["status"][:1] != "2"]
    assert refused == []


# What the grammar of searches uses; it may be percent-encoded like anything else.
_SEPARATORS = "=&?:,|$/!*"


def asked(client, query: str, *, safe: str) -> HttpResponse:
    """The answer; a query is written here without percent-encoding, and asked of the set only."""
    path, _, criteria = query.partition("?")
    text = f"{criteria}&_tag=urn:pinned|all".lstrip("&")
    return client.get(f"/fhir/{path}".rstrip("/") + "?" + quote(text, safe=safe))


def answered(client, query: str) -> dict:
    response = asked(client, query, safe=_SEPARATORS)
    assert response.status_code == 200, response.content
    return response.json()


def shown(bundle: dict, mode: str) -> list[str]:
    found = [entry for entry in bundle.get("entry", ()) if entry["search"]["mode"] == mode]
    return [entry["resource"]["id"].removeprefix(PREFIX) for entry in found]


@pytest.mark.parametrize(("query", "ids", "reason"), HITS, ids=[query for query, _, _ in HITS])
def test_finds(client, query, ids, reason):
    assert sorted(shown(answered(client, query), "match")) == sorted(ids.split()), reason


@pytest.mark.parametrize(("query", "ids", "reason"), references.INCLUDES)
def test_includes(client, query, ids, reason):
    matches, _, included = ids.partition(" + ")

    bundle = answered(client, query)

    assert shown(bundle, "match") == matches.split(), reason
    assert sorted(shown(bundle, "include")) == sorted(included.split()), reason


@pytest.mark.parametrize(("query", "ids", "reason"), [*others.ORDERS, *others.ORDERS_WITH_GAPS])
def test_sorts(client, query, ids, reason):
    assert shown(answered(client, query), "match") == ids.split(), reason


@pytest.mark.parametrize(("query", "total", "reason"), others.COUNTS)
def test_counts(client, query, total, reason):
    assert answered(client, query)["total"] == total, reason


@pytest.mark.parametrize(("query", "reason"), others.REFUSED)
def test_refuses(client, query, reason):
    response = asked(client, query, safe=_SEPARATORS)

    assert response.status_code == 400, reason
    assert response.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(("query", "ids", "_"), HITS[::12])
def test_finds_the_same_percent_encoded(client, query, ids, _):
    bundle = asked(client, query, safe="=&").json()

    assert sorted(shown(bundle, "match")) == sorted(ids.split())


def test_are_at_least_200():
    assert len({query for query, _, _ in HITS}) == len(HITS) >= 200

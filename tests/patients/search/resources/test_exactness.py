"""What Synthea and HL7 published is found exactly as a plain reading of its JSON says."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import from_value
from patients.fhir.search_request import SearchRequest, parse
from patients.fhir.validation import validate
from patients.models import writing
from patients.search.resources import engine
from tests import published
from tests.patients.search import resource_oracle as oracle
from tests.published import needs_published_data

pytestmark = needs_published_data

BUNDLES = 12
QUERIES_OF_A_PARAMETER = 12
Resources = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def resources(database: None) -> Resources:
    """Those stored, by type and id."""
    stored: Resources = defaultdict(dict)
    batch = []
    for resource in (*_of_synthea(), *_of_hl7()):
        stored[resource["resourceType"]][resource["id"]] = resource
        batch.append(_change(resource))
        if len(batch) == 500:
            _write(batch)
            batch = []
    _write(batch)
    return stored


def _of_synthea() -> Iterator[dict[str, Any]]:
    for bundle in published.synthea_bundles(BUNDLES):
        entries = [
            (entry["fullUrl"], entry["resource"])
            for entry in bundle["entry"]
            if entry["resource"]["resourceType"] in oracle.PARAMETERS
        ]
        ids = {url: str(uuid.uuid4()) for url, _ in entries}
        targets = {url: f"{resource['resourceType']}/{ids[url]}" for url, resource in entries}
        for url, resource in entries:
            yield _readdressed({**resource, "id": ids[url]}, targets)


def _of_hl7() -> Iterator[dict[str, Any]]:
    for resource in published.hl7_examples():
        if resource["resourceType"] in oracle.PARAMETERS and _is_valid(resource):
            yield {**resource, "id": str(uuid.uuid4())}


def _is_valid(resource: dict[str, Any]) -> bool:
    try:
        validate(from_value(resource))
    except InvalidResource:
        return False
    return True


def _readdressed(value: Any, targets: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_readdressed(each, targets) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("reference")
    if isinstance(reference, str) and reference not in targets:
        # To a type that is not stored, or by a condition that only a transaction resolves.
        return {"display": value.get("display", "elsewhere")}
    if isinstance(reference, str):
        return {**value, "reference": targets[reference]}
    return {name: _readdressed(each, targets) for name, each in value.items()}


def _change(resource: dict[str, Any]) -> writing.Change:
    return writing.change_to(from_value(resource), id=resource["id"], expected_version=0, method="PUT")


def _write(batch: list[writing.Change]) -> None:
    with transaction.atomic():
        assert all(writing.write_all(batch))
    writing.remember_commit("test")


def _found(request: SearchRequest) -> list[str]:
    """All pages."""
    ids: list[str] = []
    while True:
        page = engine.find(request, principal="test")
        ids += [row.id for row in page.rows]
        if page.next_cursor is None:
            return ids
        request = replace(request, cursor=page.next_cursor)


NAMES = [(type, name) for type, parameters in oracle.PARAMETERS.items() for name in parameters]


@pytest.mark.parametrize(("resource_type", "name"), NAMES, ids=[f"{type}-{name}" for type, name in NAMES])
def test_one_parameter(resources, resource_type, name):
    ours, chance = resources[resource_type], random.Random(f"{resource_type}-{name}")
    queries = [
        _query(chance, resource_type, name, list(ours.values())) for _ in range(QUERIES_OF_A_PARAMETER)
    ]
    for pair in [*filter(None, queries), (f"{name}:missing", "true"), (f"{name}:missing", "false")]:
        _check([pair], resource_type, ours)


@pytest.mark.parametrize("resource_type", oracle.PARAMETERS)
def test_several_parameters(resources, resource_type):
    ours, chance = resources[resource_type], random.Random(resource_type)
    for _ in range(15):
        one = list(ours.values())
        if chance.random() < 0.7:
            one = [chance.choice(one)]
        names = chance.sample(list(oracle.PARAMETERS[resource_type]), k=2)
        pairs = [pair for name in names if (pair := _query(chance, resource_type, name, one))]
        _check(pairs, resource_type, ours)


def _check(pairs: list[tuple[str, str]], resource_type: str, ours: dict[str, dict[str, Any]]) -> None:
    expected = {id for id, resource in ours.items() if all(oracle.matches(resource, *pair) for pair in pairs)}
    found = _found(parse(resource_type, [*pairs, ("_count", "1000")]))

    assert len(found) == len(set(found))
    wrong, lost = (set(found) & set(ours)) - expected, expected - set(found)
    assert (pairs, [ours[id] for id in sorted(wrong)[:1]], [ours[id] for id in sorted(lost)[:1]]) == (
        pairs,
        [],
        [],
    )


def _query(
    chance: random.Random, resource_type: str, name: str, some: list[dict[str, Any]]
) -> tuple[str, str] | None:
    """A pair that asks for a value which one of them has, or nearly."""
    with_value = [elements for each in some if (elements := oracle.elements_of(each, name))]
    if not with_value:
        return None
    kind, _ = oracle.PARAMETERS[resource_type][name]
    made = _MAKERS[kind](chance, chance.choice(chance.choice(with_value)))
    if made is None or any(sign in made[1] for sign in "\\,$") or not made[1].strip():
        return None
    return f"{name}{made[0]}", made[1]


def _token(chance: random.Random, element: Any) -> tuple[str, str] | None:
    codes = list(oracle.codes(element))
    if not codes:
        return None
    system, code = chance.choice(codes)
    if "|" in code or not code.strip():
        return None
    modifier = chance.choice(["", "", ":not"])
    if system is None:
        return modifier, code
    return modifier, chance.choice([code, code.upper(), f"{system}|{code}", f"urn:other|{code}"])


def _reference(chance: random.Random, element: Any) -> tuple[str, str] | None:
    written = element.get("reference", "")
    if written.startswith("#") or "://" in written or "/" not in written or "_history" in written:
        return None
    return "", chance.choice([written, written.rpartition("/")[2]])


def _string(chance: random.Random, element: Any) -> tuple[str, str] | None:
    if not isinstance(element, str) or "|" in element:
        return None
    start = chance.randrange(len(element))
    return chance.choice(
        [
            ("", element[: chance.randrange(1, len(element) + 1)].upper()),
            (":exact", element),
            (":exact", element.upper()),
            (":contains", element[start : start + 4]),
        ]
    )


def _date(chance: random.Random, element: Any) -> tuple[str, str] | None:
    written = element.get("start", element.get("end")) if isinstance(element, dict) else element
    if written is None:
        return None
    length = chance.choice([4, 7, 10, len(written)])
    prefix = chance.choice(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"])
    return "", prefix + (written if length >= len(written) else written[:length])


def _quantity(chance: random.Random, element: Any) -> tuple[str, str] | None:
    if "value" not in element:
        return None
    number = f"{element['value']}"
    shorter = number[:-1].rstrip(".") if chance.random() < 0.3 and len(number) > 2 else number
    prefix = chance.choice(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"])
    units = [
        "",
        f"||{element.get('unit', element.get('code', 'mg'))}",
        f"|{element.get('system', 'urn:none')}|{element.get('code', 'mg')}",
    ]
    return "", prefix + shorter + chance.choice(units)


def _uri(chance: random.Random, element: Any) -> tuple[str, str] | None:
    return chance.choice(
        [
            ("", element),
            (":below", element.rpartition("/")[0] or element),
            (":above", f"{element}/more"),
            (":above", element),
        ]
    )


_MAKERS = {
    "date": _date,
    "quantity": _quantity,
    "reference": _reference,
    "string": _string,
    "token": _token,
    "uri": _uri,
}

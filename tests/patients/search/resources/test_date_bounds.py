"""Searches by the date that orders lists read only the part of them where a match can be, and lose none."""

import random
import uuid
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
from patients.search.resources import engine, finding
from tests.patients.search.oracle import dates
from tests.patients.search.oracle.expressions import Element

CODE = "bounds-code"
PREFIXES = ("", "ne", "gt", "lt", "ge", "le", "sa", "eb")
MOMENTS = ("2020-02", "2020-02-03T10:00:00Z")

FURTHER: tuple[list[tuple[str, str]], ...] = ([], [("date", "ge2020-02")], [("date", "lt2020-03,eq2019")])


def _moment(chance: random.Random) -> str:
    year, month = chance.choice([18, 19, 20, 20, 20, 21]), chance.choice([1, 2, 2, 2, 3])
    day = f"20{year}-0{month}-0{chance.choice([2, 3, 3, 4])}"
    written = [day[:4], day[:7], day, day, f"{day}T10:00:00Z", f"{day}T09:59:59.7+00:00", "0001-01-01"]
    return chance.choice(written)


def _performed(chance: random.Random) -> dict[str, Any]:
    one, other = sorted([_moment(chance), _moment(chance)])
    return chance.choice(
        [
            {},
            {"performedDateTime": one},
            {"performedDateTime": one},
            {"performedPeriod": {"start": one, "end": other}},
            {"performedPeriod": {"start": one}},
            {"performedPeriod": {"end": other}},
        ]
    )


@pytest.fixture(scope="module")
def procedures(database: None) -> dict[str, dict[str, Any]]:
    chance, changes, made = random.Random(11), [], {}
    for _ in range(200):
        id = str(uuid.uuid4())
        made[id] = {
            "resourceType": "Procedure",
            "id": id,
            "status": "completed",
            "code": {"coding": [{"code": CODE}]},
            "subject": {"display": "somebody"},
            **_performed(chance),
        }
        changes.append(writing.change_to(from_value(made[id]), id=id, expected_version=0, method="PUT"))
    with transaction.atomic():
        assert all(writing.write_all(changes))
    writing.remember_commit("test")
    return made


def _found(pairs: list[tuple[str, str]]) -> list[str]:
    ids: list[str] = []
    request = parse("Procedure", [*pairs, ("_count", "120")])
    while True:
        page = engine.find(request, principal="test")
        ids += [row.id for row in page.rows]
        if page.next_cursor is None:
            return ids
        request = replace(request, cursor=page.next_cursor)


def _is_met(text: str, procedure: dict[str, Any]) -> bool:
    """Whether it was performed when the value of a query says."""
    performed = procedure.get("performedDateTime", procedure.get("performedPeriod"))
    if performed is None:
        return False
    period = dates.period(Element(performed, "dateTime", "dateTime"))
    return any(dates.compares(period, each) for each in text.split(","))


FORMS = {
    "list": [("code", CODE)],
    "two lists": [("code", f"{CODE},{CODE}-none")],
    "type": [("code:not", f"{CODE}-none")],
    "oldest first": [("code", CODE), ("_sort", "date")],
    "type, oldest first": [("_sort", "date")],
    "newest first": [("code", CODE), ("_sort", "-date")],
    "by last change": [("code", CODE), ("_sort", "_lastUpdated")],
    "type, by last change": [("_sort", "-_lastUpdated")],
    "gather": [("_sort", "_id")],
}


@pytest.mark.parametrize("most_outside", [1_001, 1], ids=["few outside", "many outside"])
@pytest.mark.parametrize("form", FORMS)
def test_finds_what_matches_once(procedures, monkeypatch, form, most_outside):
    monkeypatch.setattr(finding, "MOST_PROBED", most_outside)
    for prefix, moment, more in product(PREFIXES, MOMENTS, FURTHER):
        criteria = [("date", prefix + moment), *more]
        expected = {id for id, each in procedures.items() if all(_is_met(text, each) for _, text in criteria)}

        found = [id for id in _found([*FORMS[form], *criteria]) if id in procedures]

        assert len(found) == len(set(found)), criteria
        assert [procedures[id] for id in set(found) ^ expected][:1] == [], criteria


@pytest.mark.parametrize("form", ["list", "type", "oldest first", "by last change"])
@pytest.mark.parametrize("is_missing", ["true", "false"])
def test_finds_what_has_no_date(procedures, form, is_missing):
    dated = {id for id, each in procedures.items() if any(name.startswith("performed") for name in each)}
    expected = set(procedures) - dated if is_missing == "true" else dated

    found = [id for id in _found([*FORMS[form], ("date:missing", is_missing)]) if id in procedures]

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("prefix", ["gt", "lt", "ap", "eb"])
def test_counts_what_matches(procedures, prefix):
    pairs = [("code", CODE), ("date", f"{prefix}2020-02-03"), ("_total", "accurate"), ("_count", "0")]
    expected = len(_found(pairs[:2]))

    page = engine.find(parse("Procedure", pairs), principal="test")

    assert page.total == expected


def test_the_order_is_the_same_within_bounds(procedures):
    pairs = [("code", CODE), ("_sort", "-date")]
    everything = _found(pairs)
    some = _found([*pairs, ("date", "gt2020-02-02"), ("date", "lt2021")])

    assert some == [id for id in everything if id in set(some)]

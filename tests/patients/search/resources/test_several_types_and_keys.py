"""Searches of several types at once, and by more keys than are looked into beforehand."""

import uuid

import pytest

from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
from patients.search.resources import drivers, engine, statements
from tests.people import word


def _procedure(code: str, **performed: str) -> str:
    id = str(uuid.uuid4())
    resource = from_value(
        {
            "resourceType": "Procedure",
            "id": id,
            "status": "completed",
            "code": {"coding": [{"code": code}]},
            "subject": {"display": "somebody"},
            **performed,
        }
    )
    assert writing.write(writing.change_to(resource, id=id, expected_version=0, method="PUT"))
    writing.remember_commit("test")
    return id


def _found(resource_type: str | None, *pairs: tuple[str, str]) -> list[str]:
    return [row.id for row in engine.find(parse(resource_type, pairs), principal="test").rows]


@pytest.mark.parametrize("prefix", ["gt", "ge", "ap", "le"])
def test_dates_bound_a_search_of_several_types(database, prefix):
    id = _procedure(word(), performedDateTime="2031-05-06")

    found = _found(None, ("_type", "Encounter,Procedure"), ("date", f"{prefix}2031-05-06"), ("_id", id))

    assert found == ([] if prefix == "gt" else [id])


def test_lists_that_are_all_empty_do_not_say_which_is_the_sparsest(database, monkeypatch):
    monkeypatch.setattr(statements, "MOST_PROBED", 1)
    monkeypatch.setattr(drivers, "MOST_PROBED", 1)
    code = word()
    id = _procedure(code)
    unknown = [word() for _ in range(8)]

    found = _found("Procedure", ("code", ",".join([*unknown, code])), ("status", "completed"))

    assert found == [id]

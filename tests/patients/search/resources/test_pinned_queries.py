"""Queries that once found too much or too little, each with what it is to find."""

import uuid
from typing import Any

from django.db import transaction

from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
from patients.search.resources import engine


def stored(resource_type: str, **members: Any) -> str:
    id = str(uuid.uuid4())
    resource = from_value({"resourceType": resource_type, "id": id, **members})
    change = writing.change_to(resource, id=id, expected_version=0, method="PUT")
    with transaction.atomic():
        assert writing.write(change)
    writing.remember_commit("test")
    return id


def found(resource_type: str, *pairs: tuple[str, str]) -> list[str]:
    page = engine.find(parse(resource_type, [*pairs, ("_count", "1000")]), principal="test")
    return [row.id for row in page.rows]


def reference(resource_type: str, id: str) -> dict[str, str]:
    return {"reference": f"{resource_type}/{id}"}


def test_the_items_of_a_list_alone():
    item = stored("Basic", code={"text": "x"})
    stored("Basic", code={"text": "x"})
    entries = [{"item": reference("Basic", item)}]
    list_id = stored("List", status="current", mode="working", entry=entries)

    assert found("Basic", ("_list", list_id)) == [item]


def test_several_times_at_the_end_of_a_chain():
    author = stored("Practitioner", active=True)
    one = stored("Basic", code={"text": "x"}, author=reference("Practitioner", author))
    other = stored("Basic", code={"text": "x"})

    assert set(found("Basic", ("author:Practitioner._lastUpdated", "gt1999,gt2000"))) & {one, other} == {one}


def test_several_times_at_the_end_of_a_reverse_chain():
    one, other = stored("Practitioner", active=True), stored("Practitioner", active=True)
    stored("Basic", code={"text": "x"}, author=reference("Practitioner", one))

    by_time = found("Practitioner", ("_has:Basic:author:_lastUpdated", "gt1999,gt2000"))

    assert set(by_time) & {one, other} == {one}

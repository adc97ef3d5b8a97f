"""What `_has` and chains find at their far end is looked up once, not by each row."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction

from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
from patients.search.resources import chains, engine
from perf import database

Pair = tuple[str, str]
LOOKED_UP = ["search probe", "search chain", "search targets"]


def stored(resource_type: str, **elements: Any) -> str:
    id = str(uuid.uuid4())
    value = from_value({"resourceType": resource_type, "id": id, **elements})
    with transaction.atomic():
        assert writing.write(writing.change_to(value, id=id, expected_version=0, method="PUT"))
    writing.remember_commit("test")
    return id


def invoice(subject: str, **elements: Any) -> str:
    return stored("Invoice", status="issued", subject={"reference": subject}, **elements)


def found(resource_type: str | None, *pairs: Pair) -> tuple[list[str], list[str]]:
    """The ids that are found, and the names of the queries before the page."""
    executions: list[database.Execution] = []
    with database.observed(executions.append):
        page = engine.find(parse(resource_type, pairs), principal="test")
    names = [each.name for each in executions]
    return [row.id for row in page.rows], names[: names.index("search")] if "search" in names else names


@pytest.fixture
def patients(database) -> Sequence[str]:
    """Two, with an invoice each."""
    ids = [stored("Patient", active=True) for _ in range(2)]
    for id in ids:
        invoice(f"Patient/{id}")
    return ids


class TestHas:
    """`Invoice` is a type of few resources, of which no index finds those last changed."""

    def test_asks_a_type_of_few_resources_once(self, patients):
        ids, queries = found("Patient", ("_has:Invoice:subject:_lastUpdated", "gt2000"))

        assert set(patients) <= set(ids)
        assert queries[:3] == LOOKED_UP

    def test_of_a_chain_does_so_too(self, patients):
        key = "_has:Invoice:subject:subject:Patient._lastUpdated"

        ids, queries = found("Patient", (key, "gt2000"))

        assert set(patients) <= set(ids)
        assert queries[-3:] == LOOKED_UP
        assert found("Patient", (key, "lt2000"))[0] == []

    def test_finds_nothing_that_nobody_refers_to(self, patients):
        stored("Invoice", status="draft")

        ids, _ = found("Patient", ("_has:Invoice:subject:status", "draft"))

        assert ids == []

    def test_asks_rows_by_what_was_looked_up_if_that_refers_to_many(self, patients, monkeypatch):
        monkeypatch.setattr(chains, "MOST_TARGETS", 1)

        ids, queries = found("Patient", ("_has:Invoice:subject:_lastUpdated", "gt2000"))

        assert set(patients) <= set(ids)
        assert queries == LOOKED_UP

    def test_of_several_types_asks_rows_by_what_was_looked_up(self, patients):
        group = stored("Group", type="person", actual=True)
        other = stored("Group", type="person", actual=True)
        invoice(f"Group/{group}", recipient={"reference": f"Patient/{patients[0]}"})

        ids, queries = found(
            None, ("_type", "Group,Patient"), ("_has:Invoice:subject:_lastUpdated", "gt2000")
        )

        assert {group, *patients} <= set(ids)
        assert other not in ids
        assert queries == LOOKED_UP[:2]

"""Resources whose index values a test chooses, and searches put together by hand."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from patients.fhir.criteria import Criterion
from patients.fhir.resource import from_value
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_request import SearchRequest, SortKey
from patients.fhir.search_values import IndexValues
from patients.fhir.search_values.order_dates import order_date
from patients.fhir.values.tokens import TokenValue
from patients.models import writing
from patients.models.writing import Change
from patients.search.resources import engine
from patients.search.resources.rows import ResourcePage

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def search_parameter(name: str, type: str, **others: Any) -> SearchParameter:
    """A search parameter with what decides what it finds."""
    return SearchParameter(name, type, "", "", (), "", **others)


def search_request(
    criteria: Sequence[Any] = (), sort: tuple[SortKey, ...] = (), **others: Any
) -> SearchRequest:
    """A search of all, with their number."""
    facts = {"count": 1_000, "total": "accurate", **others}
    return SearchRequest("Basic", tuple(criteria), sort, **facts)


CODE = search_parameter("code", "token")
SUBJECT = search_parameter("subject", "reference", targets=("Patient",))
TITLE = search_parameter("title", "string")
DATE = search_parameter("created", "date")
LENGTH = search_parameter("length", "quantity")
SCORE = search_parameter("score", "number")
URL = search_parameter("url", "uri")
PAIR = search_parameter("code-length", "composite", components=(CODE, LENGTH))


def stored(values: IndexValues) -> str:
    """The id of a new resource that is found by these values."""
    return stored_all([values])[0]


def stored_all(all_values: Sequence[IndexValues]) -> list[str]:
    changes = [_change(values) for values in all_values]
    with transaction.atomic():
        assert all(writing.write_all(changes))
    writing.remember_commit("test")
    return [change.id for change in changes]


def deleted(id: str) -> None:
    assert writing.write(writing.deletion_of("Basic", id=id, expected_version=1))
    writing.remember_commit("test")


def find(request: SearchRequest) -> ResourcePage:
    return engine.find(request, principal="test")


def found(*criteria: Any, sort: tuple[SortKey, ...] = ()) -> list[str]:
    """The ids of all that match, in order."""
    page = find(search_request(criteria, sort))
    assert page.total == len(page.rows)
    return [row.id for row in page.rows]


def of_code(code: str) -> Criterion:
    return Criterion(CODE, None, (TokenValue(None, code),))


def values(code: str, **others: Any) -> IndexValues:
    """With the date that orders it, if it has one, as extraction would."""
    date = order_date("Basic", others.get("dates", ()))
    return IndexValues(**{"tokens": frozenset({("code", "urn:a", code)}), "date": date, **others})


def _change(values: IndexValues) -> Change:
    id = str(uuid.uuid4())
    resource = from_value({"resourceType": "Basic", "id": id, "code": {"text": "x"}})
    return replace(writing.change_to(resource, id=id, expected_version=0, method="PUT"), index=values)

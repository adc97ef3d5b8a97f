"""Sorting by the date that orders lists: the same order whichever form finds the rows, and gaps last."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from patients.fhir.definitions import definition
from patients.fhir.resource import from_value
from patients.fhir.search_parameters import parameters_of
from patients.fhir.search_request import parse
from patients.fhir.search_values.order_dates import ORDER_DATES
from patients.models import writing
from patients.search.resources import engine
from tests.people import word

Row = tuple[str, str | None]

OBSERVED: tuple[dict[str, Any], ...] = (
    {"effectiveDateTime": "2020-02-03"},
    {"effectiveDateTime": "2020"},
    {"effectiveInstant": "2020-02-03T00:00:00Z"},
    {"effectivePeriod": {"start": "2019-12", "end": "2020-03"}},
    {"effectivePeriod": {"end": "2020-02-10"}},
    {"effectivePeriod": {"start": "2020-02-01"}},
    {},
    {},
    {"effectiveDateTime": "0005"},
)
HAD: tuple[dict[str, Any], ...] = (
    {"onsetDateTime": "2020-02-03"},
    {"onsetDateTime": "2020", "recordedDate": "2022"},
    {"onsetPeriod": {"end": "2020-02-10"}, "recordedDate": "2022"},
    {"recordedDate": "2020-02-05"},
    {"recordedDate": "2021"},
    {"onsetAge": {"value": 4}},
    {},
)
# What a sort takes as each one's date: its start, of what has none its end.
_DATES = {
    ("Observation", "date"): [
        "2020-02-03",
        "2020-01-01",
        "2020-02-03",
        "2019-12-01",
        "2020-02-11",
        "2020-02-01",
        None,
        None,
        "0005-01-01",
    ],
    ("Condition", "onset-date"): ["2020-02-03", "2020-01-01", "2020-02-11", None, None, None, None],
}


def _stored(resource_type: str, code: str, elements: tuple[dict[str, Any], ...]) -> list[str]:
    ids = [str(uuid.uuid4()) for _ in elements]
    coded: dict[str, Any] = {"resourceType": resource_type, "meta": {"tag": [{"code": code}]}}
    if resource_type != "Patient":
        coded["code"] = {"coding": [{"code": code}]}
    changes = [
        writing.change_to(from_value({**coded, "id": id, **each}), id=id, expected_version=0, method="PUT")
        for id, each in zip(ids, elements, strict=True)
    ]
    with transaction.atomic():
        assert all(writing.write_all(changes))
    writing.remember_commit("test")
    return ids


def _pages(resource_type: str, pairs: list[tuple[str, str]], *, count: int) -> Iterator[str]:
    request = parse(resource_type, [*pairs, ("_count", str(count))])
    while True:
        page = engine.find(request, principal="test")
        yield from (row.id for row in page.rows)
        if page.next_cursor is None:
            return
        request = replace(request, cursor=page.next_cursor)


@pytest.mark.parametrize("is_descending", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("count", [1, 2, 4, 100])
@pytest.mark.parametrize(
    ("resource_type", "name", "elements"),
    [("Observation", "date", OBSERVED), ("Condition", "onset-date", HAD)],
    ids=["one parameter", "two parameters"],
)
def test_every_form_has_the_same_order(resource_type, name, elements, count, is_descending):
    code = word()
    ids = _stored(resource_type, code, elements)
    dates = _DATES[resource_type, name]
    numbers = range(len(ids))
    dated = sorted((at for at in numbers if dates[at]), key=lambda at: (dates[at], at), reverse=is_descending)
    gaps = sorted((at for at in numbers if not dates[at]), reverse=is_descending)
    expected = [ids[at] for at in (*dated, *gaps)]
    sort = ("_sort", f"{'-' if is_descending else ''}{name}")
    found_by = {
        "list": [("code", code)],
        "two lists": [("code", f"{code},{word()}")],
        "gather": [("_id", ",".join(ids))],
        "type": [("code:not", f"{word()}"), ("code:not", word())],
    }

    for form, pairs in found_by.items():
        shown = _pages(resource_type, [*pairs, sort], count=count)
        assert [id for id in shown if id in set(ids)] == expected, form


def test_the_first_date_of_each_type_is_one_at_most():
    """Else the date that orders a list would not tell where a search by that parameter has to look."""
    for resource_type, (name, *_) in ORDER_DATES.items():
        expression = parameters_of(resource_type)[name].expression
        member = expression.replace("(", "").split(".")[1].split(" ")[0]
        assert member not in _repeated(resource_type), resource_type


def _repeated(resource_type: str) -> set[str]:
    return {name for name, element in definition(resource_type).elements.items() if element.is_list}

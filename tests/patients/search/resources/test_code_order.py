"""Sorting by codes that R4 names, and by identifiers."""

from dataclasses import replace

import pytest

from patients import interactions
from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
from patients.search.resources import engine
from tests.patients.search.resources.test_date_order import _pages, _stored
from tests.people import TESTER, word


@pytest.mark.parametrize("count", [1, 2, 100])
@pytest.mark.parametrize("is_descending", [False, True])
def test_by_status(count, is_descending):
    code = word()
    statuses = ("final", "registered", "amended", "final")
    ids = _stored("Observation", code, tuple({"status": each} for each in statuses))
    order = [1, 3, 0, 2] if is_descending else [2, 0, 3, 1]
    sort = ("_sort", "-status" if is_descending else "status")

    shown = list(_pages("Observation", [("code", code), sort], count=count))

    assert shown == [ids[at] for at in order]


def test_by_identifier_then_gender():
    tag = word()
    people = [("b", "male"), ("a", "male"), ("a", "female"), (None, "unknown"), (None, None)]
    ids = _stored(
        "Patient",
        tag,
        tuple(
            {
                **({"identifier": [{"value": value}]} if value else {}),
                **({"gender": gender} if gender else {}),
            }
            for value, gender in people
        ),
    )

    shown = list(_pages("Patient", [("_tag", tag), ("_sort", "identifier,-gender")], count=2))

    assert shown == [ids[at] for at in (1, 2, 0, 3, 4)]


def test_what_changes_its_code_between_pages_comes_once():
    code = word()
    first, second = _stored("Observation", code, ({"status": "amended"}, {"status": "final"}))
    writing.remember_commit(TESTER.principal)
    request = parse("Observation", [("code", code), ("_sort", "status"), ("_count", "1")])
    page = interactions.search(actor=TESTER, request=request)
    changed = from_value(
        {
            "resourceType": "Observation",
            "id": first,
            "status": "registered",
            "code": {"coding": [{"code": code}]},
        }
    )
    interactions.update(actor=TESTER, resource=changed, id=first)

    shown = [each.id for each in page.entries]
    while page.next_cursor is not None:
        page = interactions.search(actor=TESTER, request=replace(request, cursor=page.next_cursor))
        shown += [each.id for each in page.entries]

    assert shown == [first, second]


def test_codes_that_are_not_kept_are_refused():
    with pytest.raises(InvalidSearchParameter) as raised:
        engine.find(parse("Observation", [("_sort", "code")]), principal="test")

    assert "status" in str(raised.value)
    assert str(raised.value).startswith("Search parameter '_sort' takes one of ")

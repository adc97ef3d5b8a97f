"""Sorting by tokens: by code, then by system, and gaps last.

What keys stand for is told once, by whichever write comes first.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import current_thread, main_thread

import pytest
from django.db import connection, transaction

from patients import interactions
from patients.fhir.resource import from_value
from patients.fhir.search_request import parse
from patients.models import writing
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


# Of several codings the first in the order asked for counts.
CATEGORIES = (
    [{"system": "urn:b", "code": "Beta"}],
    [{"system": "urn:a", "code": "beta"}],
    [{"code": "delta"}, {"system": "urn:z", "code": "alpha"}],
    [{"system": "urn:a"}],
    [{"code": "beta"}],
    [{"code": "bet"}],
    [{"code": "\U0001f600"}, {"code": "\uffff"}],
    None,
)


@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize("is_descending", [False, True])
def test_by_any_code(count, is_descending):
    code = word()
    ids = _stored(
        "Observation", code, tuple({"category": [{"coding": it}]} if it else {} for it in CATEGORIES)
    )
    order = [6, 2, 0, 1, 4, 5, 7, 3] if is_descending else [2, 5, 4, 1, 0, 6, 3, 7]
    sort = ("_sort", "-category" if is_descending else "category")

    shown = list(_pages("Observation", [("code", code), sort], count=count))

    assert shown == [ids[at] for at in order]


def test_by_code_then_date():
    tag = word()
    rows = [("b", "2020"), ("a", "2021"), ("a", None), ("a", "2022"), ("c", "2019"), ("a", "2021")]
    ids = _stored(
        "Observation",
        tag,
        tuple(
            {
                "category": [{"coding": [{"code": category}]}],
                **({"effectiveDateTime": date} if date else {}),
            }
            for category, date in rows
        ),
    )

    shown = list(_pages("Observation", [("code", tag), ("_sort", "category,-date")], count=2))

    assert shown[:4] in ([ids[3], ids[5], ids[1], ids[2]], [ids[3], ids[1], ids[5], ids[2]])
    assert shown[4:] == [ids[0], ids[4]]


@pytest.mark.parametrize("resource_type", ["Patient", "Practitioner"])
def test_by_telephone_number(resource_type):
    tag = word()
    numbers = ("555 0102", None, "+1 555 0101", "555-0100")
    ids = _stored(
        resource_type,
        tag,
        tuple({"telecom": [{"system": "phone", "value": it}]} if it else {} for it in numbers),
    )

    shown = list(_pages(resource_type, [("_tag", tag), ("_sort", "phone")], count=2))

    assert shown == [ids[at] for at in (2, 0, 3, 1)]


def test_a_code_of_a_write_that_fails_is_told_by_the_next():
    """The other write neither waits for the first, nor relies upon it."""
    code, category = word(), word()
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        _observe(word(), category)
        (id,) = other.submit(_observe, code, category).result(timeout=20)
        transaction.set_rollback(True)
    writing.remember_commit(TESTER.principal)
    (before,), (after,) = _observe(code, f"{category}-"), _observe(code, f"{category}0")
    writing.remember_commit(TESTER.principal)

    shown = list(_pages("Observation", [("code", code), ("_sort", "category")], count=1))

    assert shown == [id, before, after]


def _observe(code: str, category: str) -> list[str]:
    try:
        return _stored("Observation", code, ({"category": [{"coding": [{"code": category}]}]},))
    finally:
        if current_thread() is not main_thread():
            connection.close()

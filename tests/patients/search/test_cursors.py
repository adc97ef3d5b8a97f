"""Cursors: what begins the next page, and how paging began, of one search only."""

import pytest

from patients import interactions
from patients.fhir.outcomes import InvalidCursor
from patients.fhir.search_request import SearchRequest, parse
from tests.people import TESTER, created, word
from tests.records import Records

NOT_OURS = "This '_cursor' was not given by this server; begin with the first page."
OTHER = "This '_cursor' belongs to another search; begin with the first page."


@pytest.fixture(params=["Patient", "Basic"])
def search(request):
    """Of Patients, and of types that are found by lists: three resources."""
    mark, records = word(), Records(TESTER)
    for _ in range(3):
        if request.param == "Patient":
            created(name=[{"family": mark}])
        else:
            records.stored({"resourceType": "Basic", "code": {"coding": [{"code": mark}]}})
    return request.param, "family" if request.param == "Patient" else "code", mark


def _request(search: tuple[str, str, str], *, count: int, cursor: str | None = None) -> SearchRequest:
    resource_type, parameter, value = search
    given = [(parameter, value), ("_count", str(count))]
    return parse(resource_type, given + ([("_cursor", cursor)] if cursor else []))


def _cursor(search: tuple[str, str, str], *, count: int) -> str:
    page = interactions.search(actor=TESTER, request=_request(search, count=count))
    assert page.next_cursor is not None
    return page.next_cursor


def _refusal(search: tuple[str, str, str], cursor: str) -> str:
    with pytest.raises(InvalidCursor) as refused:
        interactions.search(actor=TESTER, request=_request(search, count=1, cursor=cursor))
    assert refused.value.status == 400
    return str(refused.value)


class TestCursors:
    def test_go_on_after_the_page_before(self, search):
        cursor = _cursor(search, count=1)

        page = interactions.search(actor=TESTER, request=_request(search, count=5, cursor=cursor))

        assert len(page.entries) == 2

    def test_are_refused_when_their_halves_are_of_two_pages(self, search):
        where, how = _cursor(search, count=1), _cursor(search, count=2)

        mixed = f"{where.partition('~')[0]}~{how.partition('~')[2]}"

        assert _refusal(search, mixed) == NOT_OURS

    def test_are_refused_without_one_half(self, search):
        where, _, how = _cursor(search, count=1).partition("~")

        assert [_refusal(search, each) for each in (where, f"~{how}", f"{where}~", how)] == [NOT_OURS] * 4

    def test_are_good_for_their_own_search_only(self, search):
        cursor = _cursor(search, count=1)
        resource_type, parameter, _ = search

        assert _refusal((resource_type, parameter, word()), cursor) == OTHER

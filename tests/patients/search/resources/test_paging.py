"""Pages neither lose nor repeat what does not change, whatever is written meanwhile."""

import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from patients.fhir.criteria import Criterion
from patients.fhir.outcomes import ExpiredCursor, InvalidCursor
from patients.fhir.search_request import SearchRequest, SortKey
from patients.fhir.search_values import IndexValues
from patients.fhir.values.strings import exact_hash
from patients.fhir.values.tokens import TokenValue
from patients.search.resources import engine
from tests.patients.search.resources.indexed import (
    CODE,
    DATE,
    DAY,
    TITLE,
    deleted,
    find,
    of_code,
    search_parameter,
    search_request,
    stored_all,
    values,
)
from tests.people import word

SORTS = {
    "the default": (),
    "a date, the newest first": (SortKey(DATE, True),),
    "a title, then a date": (SortKey(TITLE, False), SortKey(DATE, True)),
    "the last change": (SortKey(search_parameter("_lastUpdated", "date"), False),),
}


def _some(code: str, chance: random.Random) -> IndexValues:
    day = DAY + timedelta(days=chance.randrange(6))
    title = chance.choice(["", "a", "b", "c"])
    return values(
        code,
        date=chance.choice([None, day]),
        dates=frozenset({("created", day, day + timedelta(days=1))} if chance.random() < 0.8 else ()),
        strings=frozenset({("title", title, exact_hash(title))} if title else ()),
    )


def _pages(request: SearchRequest, between) -> list[str]:
    ids, cursor = [], None
    while True:
        page = find(replace(request, cursor=cursor))
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return ids
        between(ids)


@pytest.mark.parametrize("sort", SORTS.values(), ids=SORTS)
@pytest.mark.parametrize("is_either", [False, True], ids=["one list", "two lists"])
def test_while_others_write(sort, is_either):
    chance, code, other = random.Random(7), word(), word()
    staying = stored_all([_some(code, chance) for _ in range(60)])
    gone = stored_all([_some(code, chance) for _ in range(30)])
    codes = (TokenValue(None, code), TokenValue(None, other)) if is_either else (TokenValue(None, code),)
    request = search_request((Criterion(CODE, None, codes),), sort, count=7)
    in_order = [row.id for row in find(replace(request, count=1_000)).rows if row.id in staying]

    def write(_: list[str]) -> None:
        stored_all([_some(code, chance) for _ in range(3)])
        if gone:
            deleted(gone.pop())

    shown = _pages(request, write)

    assert [id for id in shown if id in set(staying)] == in_order
    assert len(shown) == len(set(shown))
    assert len(in_order) == 60


class TestCursors:
    def _cursor(self) -> tuple[SearchRequest, str]:
        code = word()
        stored_all([values(code), values(code)])
        request = search_request((of_code(code),), count=1)
        cursor = find(request).next_cursor
        assert cursor
        return request, cursor

    def test_of_another_search(self):
        _, cursor = self._cursor()
        with pytest.raises(InvalidCursor):
            find(search_request((of_code(word()),), cursor=cursor))

    def test_of_another_compartment(self):
        request, cursor = self._cursor()
        with pytest.raises(InvalidCursor):
            engine.find(replace(request, cursor=cursor), principal="test", compartment="1")

    def test_not_ours(self):
        request, cursor = self._cursor()
        with pytest.raises(InvalidCursor):
            find(replace(request, cursor=cursor[:-1] + ("A" if cursor[-1] != "A" else "B")))

    def test_too_old(self, settings):
        request, cursor = self._cursor()
        settings.CURSOR_HOURS = 0.01 / 3_600
        time.sleep(1.1)
        with pytest.raises(ExpiredCursor) as caught:
            find(replace(request, cursor=cursor))
        assert caught.value.status == 410


def test_no_rows_but_a_total():
    code = word()
    stored_all([values(code)] * 2)
    page = find(search_request((of_code(code),), count=0))
    assert (page.rows, page.total, page.next_cursor) == ((), 2, None)

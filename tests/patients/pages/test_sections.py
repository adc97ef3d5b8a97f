from datetime import datetime

import pytest

from patients.pages.sections import KIND_OF_SLUG, Reading
from tests.patients.pages.presenters.entries import ZONE, concept, entries


def count(slug, *, next_cursor=None, is_first=True, total=2):
    return (
        KIND_OF_SLUG[slug]
        .section(
            Reading(
                entries=tuple(entries({"code": concept("a")}, {"code": concept("b")})),
                next_cursor=next_cursor,
                is_first=is_first,
                total=total,
                as_of=datetime(2026, 11, 24, tzinfo=ZONE),
                zone=ZONE,
            )
        )
        .count
    )


class TestCount:
    def test_is_of_what_is_shown_if_that_is_all_there_is(self):
        assert count("results") == "2 tests"

    @pytest.mark.parametrize("slug", ["results", "problems", "allergies"])
    def test_says_how_many_of_how_many_were_read(self, slug):
        assert count(slug, next_cursor="more", total=1570) == "from the newest 2 of 1,570 entries"

    def test_calls_only_the_first_page_the_newest(self):
        assert count("results", is_first=False, total=4) == "from 2 of 4 entries"

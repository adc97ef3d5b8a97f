from datetime import date

import pytest

from patients.pages.presenters.dates import age, day_of, partial_date, when
from tests.patients.pages.presenters.entries import ZONE


class TestPartialDate:
    @pytest.mark.parametrize(
        ("recorded", "shown"),
        [("1945", "1945"), ("1945-07", "Jul-1945"), ("1945-07-14", "14-Jul-1945"), ("soon", "soon")],
    )
    def test_shows_the_parts_that_were_recorded(self, recorded, shown):
        assert partial_date(recorded) == shown


class TestWhen:
    def test_shows_an_instant_in_the_zone_of_the_site_and_keeps_its_own_offset(self):
        shown = when("2026-07-01T23:30:00-04:00", ZONE)

        assert (shown.day, shown.clock, shown.recorded) == (
            "02-Jul-2026",
            "04:30",
            "2026-07-01T23:30:00-04:00",
        )

    def test_moves_no_date_that_has_no_time_of_day(self):
        assert when("2026-07-01", ZONE).day == "01-Jul-2026"
        assert when("2026-07-01", ZONE).clock == ""

    @pytest.mark.parametrize("recorded", ["2016-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00"])
    def test_shows_what_no_calendar_here_holds_as_it_was_recorded(self, recorded):
        assert when(recorded, ZONE).day == recorded

    def test_reads_more_digits_of_a_second_than_a_clock_has(self):
        assert when("2010-09-16T12:21:06.190123456+02:00", ZONE).clock == "11:21"

    @pytest.mark.parametrize("recorded", [None, "", 5])
    def test_shows_nothing_where_nothing_was_recorded(self, recorded):
        assert when(recorded, ZONE) is None


class TestAge:
    @pytest.mark.parametrize(
        ("born", "at", "shown"),
        [
            (date(1945, 7, 14), date(2026, 7, 13), "80y"),
            (date(1945, 7, 14), date(2026, 7, 14), "81y"),
            (date(2024, 11, 24), date(2026, 11, 24), "2y"),
            (date(2024, 11, 25), date(2026, 11, 24), "23m"),
            (date(2026, 9, 24), date(2026, 11, 24), "2m"),
            (date(2026, 11, 2), date(2026, 11, 24), "3w"),
            (date(2026, 11, 20), date(2026, 11, 24), "4d"),
            (date(2026, 11, 24), date(2026, 11, 24), "0d"),
            (date(2027, 1, 1), date(2026, 11, 24), ""),
            (None, date(2026, 11, 24), ""),
            (date(1945, 7, 14), None, ""),
        ],
    )
    def test_is_in_the_unit_that_fits_it(self, born, at, shown):
        assert age(born, at) == shown

    @pytest.mark.parametrize("recorded", ["1945", "1945-07", None])
    def test_has_no_day_to_count_from_in_a_partial_date(self, recorded):
        assert day_of(recorded, ZONE) is None

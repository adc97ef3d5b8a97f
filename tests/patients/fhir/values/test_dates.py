"""Dates mean ranges, and prefixes compare ranges, as R4 says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir.values.dates import (
    PREFIXES,
    DateError,
    date_range,
    day_range,
    matches,
    parse_date_value,
)

_LAST = datetime.max.replace(tzinfo=UTC)


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


class TestDateRange:
    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("2026", _at(2026, 1, 1), _at(2027, 1, 1)),
            ("2026-02", _at(2026, 2, 1), _at(2026, 3, 1)),
            ("2026-12", _at(2026, 12, 1), _at(2027, 1, 1)),
            ("2024-02-29", _at(2024, 2, 29), _at(2024, 3, 1)),
            ("0001", _at(1, 1, 1), _at(2, 1, 1)),
            ("9998", _at(9998, 1, 1), _at(9999, 1, 1)),
            ("9999", _at(9999, 1, 1), _LAST),
            ("9999-12", _at(9999, 12, 1), _LAST),
            ("9999-12-31", _at(9999, 12, 31), _LAST),
            ("2026-07-15T09:30Z", _at(2026, 7, 15, 9, 30), _at(2026, 7, 15, 9, 31)),
            ("2026-07-15T09:30", _at(2026, 7, 15, 9, 30), _at(2026, 7, 15, 9, 31)),
            ("2026-07-15T09:30:15Z", _at(2026, 7, 15, 9, 30, 15), _at(2026, 7, 15, 9, 30, 16)),
            ("2026-07-15T09:30:15+02:00", _at(2026, 7, 15, 7, 30, 15), _at(2026, 7, 15, 7, 30, 16)),
            ("2026-07-15T09:30:15-05:45", _at(2026, 7, 15, 15, 15, 15), _at(2026, 7, 15, 15, 15, 16)),
            ("2026-07-15T00:00:00+14:00", _at(2026, 7, 14, 10), _at(2026, 7, 14, 10, 0, 1)),
            (
                "2026-07-15T09:30:15.5Z",
                _at(2026, 7, 15, 9, 30, 15, 500_000),
                _at(2026, 7, 15, 9, 30, 15, 600_000),
            ),
            (
                "2026-07-15T09:30:15.123Z",
                _at(2026, 7, 15, 9, 30, 15, 123_000),
                _at(2026, 7, 15, 9, 30, 15, 124_000),
            ),
            (
                "2026-07-15T09:30:15.123456789Z",
                _at(2026, 7, 15, 9, 30, 15, 123_456),
                _at(2026, 7, 15, 9, 30, 15, 123_457),
            ),
            ("2016-12-31T23:59:60Z", _at(2017, 1, 1), _at(2017, 1, 1, 0, 0, 1)),
            ("9999-12-31T23:59:60Z", _LAST, _LAST),
            ("9999-12-31T23:00:00-05:00", _LAST, _LAST),
            ("0001-01-01T00:00:00+14:00", _at(1, 1, 1), _at(1, 1, 1)),
        ],
    )
    def test_is_all_that_the_text_may_mean(self, text, start, end):
        assert date_range(text) == (start, end)

    def test_takes_a_fraction_of_any_length(self):
        start, _ = date_range(f"2026-07-15T09:30:15.{'1' * 10_000}Z")

        assert start == _at(2026, 7, 15, 9, 30, 15, 111_111)

    @pytest.mark.parametrize(
        "text",
        [
            "", " ", "26", "2026-", "2026-7", "2026-07-1", "20260715", "2026/07/15", "2026-W01", "-2026",
            "12026",
            "2026-07-15 09:30", "2026-07-15T09", "2026-07-15T", "2026-07-15T09:30:", "2026-07-15T09:30:15.",
            "2026-07-15T09:30:15,5Z", "2026-07-15T9:30", "2026-07-15T09:30:15+2", "2026-07-15T09:30:15+0200",
            "2026-07-15t09:30Z", "2026Z", "2026-07-15Z", "2026-07-15\n", "٢٠٢٦", "2026-07-15T09:30:15Zulu",
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_date(self, text):
        with pytest.raises(DateError) as error:
            date_range(text)

        assert str(error.value) == "is not written like 2026, 2026-07, 2026-07-15 or 2026-07-15T09:30:00Z"

    def test_tells_of_a_plus_that_became_a_space(self):
        with pytest.raises(DateError) as error:
            date_range("2026-07-15T09:30:00 02:00")

        assert str(error.value) == "has a space before its time zone: in a query a plus is written %2B"

    @pytest.mark.parametrize(
        "text", ["0000", "2026-00", "2026-13", "2026-02-30", "2025-02-29", "2026-04-31", "2026-01-00"]
    )
    def test_refuses_a_day_that_does_not_exist(self, text):
        with pytest.raises(DateError) as error:
            date_range(text)

        assert str(error.value) == "does not exist in the calendar"

    @pytest.mark.parametrize("time", ["24:00", "24:00:00", "25:00", "12:60", "12:00:61", "99:99:99"])
    def test_refuses_a_time_that_no_clock_shows(self, time):
        with pytest.raises(DateError) as error:
            date_range(f"2026-07-15T{time}Z")

        assert str(error.value).startswith("has a time that no clock shows")

    @pytest.mark.parametrize("zone", ["+14:01", "-15:00", "+02:60", "+99:99"])
    def test_refuses_a_zone_that_does_not_exist(self, zone):
        with pytest.raises(DateError) as error:
            date_range(f"2026-07-15T09:30:00{zone}")

        assert str(error.value) == "has a time zone that does not exist"

    @given(
        st.datetimes(),
        st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
            lambda each: each // timedelta(minutes=1)
        ),
    )
    def test_starts_when_the_written_time_is(self, moment, minutes):
        zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        written = f"{moment.isoformat(timespec='microseconds')}{zone}"

        start, end = date_range(written)

        try:
            assert start == moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)
        except OverflowError:
            assert start in (_LAST, datetime.min.replace(tzinfo=UTC))
        assert start <= end

    @given(st.dates())
    def test_of_a_day_lies_in_that_of_its_month_and_year(self, day):
        ranges = [date_range(day.isoformat()[:length]) for length in (4, 7, 10)]

        starts, ends = zip(*ranges, strict=True)
        assert list(starts) == sorted(starts)
        assert list(ends) == sorted(ends, reverse=True)


class TestDayRange:
    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("1980", date(1980, 1, 1), date(1980, 12, 31)),
            ("1980-02", date(1980, 2, 1), date(1980, 2, 29)),
            ("1980-02-29", date(1980, 2, 29), date(1980, 2, 29)),
            ("9999", date(9999, 1, 1), date(9999, 12, 31)),
            ("0001-01-01", date(1, 1, 1), date(1, 1, 1)),
        ],
    )
    def test_is_from_the_first_day_to_the_last(self, text, first, last):
        assert day_range(text) == (first, last)


class TestParseDateValue:
    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_knows_each_prefix(self, prefix):
        value = parse_date_value(f"{prefix}2026-07")

        assert (value.prefix, value.text, value.start) == (prefix, "2026-07", _at(2026, 7, 1))

    def test_takes_a_date_alone_as_equal(self):
        assert parse_date_value("2026").prefix == "eq"

    @pytest.mark.parametrize("text", ["xx2026", "GE2026", "ge", "gege2026", "ge 2026", ">2026"])
    def test_refuses_another_prefix(self, text):
        with pytest.raises(DateError):
            parse_date_value(text)

    def test_gives_first_and_last_day(self):
        value = parse_date_value("2024-02")

        assert (value.first_day, value.last_day, value.has_time) == (
            date(2024, 2, 1),
            date(2024, 2, 29),
            False,
        )


class TestMatches:
    """The resource's range is [10, 20) throughout."""

    @pytest.mark.parametrize(
        ("search", "met"),
        [
            ((10, 20), "eq ge le ap"),
            ((5, 25), "eq ge le ap"),
            ((10, 25), "eq ge le ap"),
            ((5, 20), "eq ge le ap"),
            ((12, 18), "ne gt lt ge le ap"),
            ((15, 25), "ne lt le ap"),
            ((5, 15), "ne gt ge ap"),
            ((12, 20), "ne lt le ap"),
            ((10, 18), "ne gt ge ap"),
            ((20, 30), "ne lt le eb"),
            ((25, 30), "ne lt le eb"),
            ((0, 10), "ne gt ge sa"),
            ((0, 5), "ne gt ge sa"),
        ],
    )
    def test_compares_ranges(self, search, met):
        assert [prefix for prefix in PREFIXES if matches(prefix, 10, 20, *search)] == met.split()

    def test_knows_the_prefixes_of_the_specification(self):
        assert PREFIXES == ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")

    @given(*[st.integers(0, 6)] * 2, *[st.integers(1, 4)] * 2)
    def test_agrees_with_itself(self, resource_start, search_start, resource_length, search_length):
        ranges = (
            resource_start,
            resource_start + resource_length,
            search_start,
            search_start + search_length,
        )
        met = {prefix for prefix in PREFIXES if matches(prefix, *ranges)}

        assert ("eq" in met) is not ("ne" in met)
        assert ("ge" in met) is bool({"gt", "eq"} & met)
        assert ("le" in met) is bool({"lt", "eq"} & met)
        assert ("ap" in met) is not bool({"sa", "eb"} & met)
        assert ("sa" not in met) or ("gt" in met)
        assert ("eb" not in met) or ("lt" in met)


class TestApproximated:
    _NOW = _at(2026, 1, 1)

    def test_is_a_tenth_of_the_time_since_wider_on_either_side(self):
        value = parse_date_value("ap2015-12-31").approximated(self._NOW)

        tenth = (self._NOW - _at(2016, 1, 1)) / 10
        assert (value.start, value.end) == (_at(2015, 12, 31) - tenth, _at(2016, 1, 1) + tenth)

    def test_is_a_tenth_of_the_time_to_come_wider_on_either_side(self):
        value = parse_date_value("ap2026-01-11").approximated(self._NOW)

        assert (value.start, value.end) == (_at(2026, 1, 10), _at(2026, 1, 13))

    def test_is_no_wider_for_what_is_now(self):
        value = parse_date_value("ap2026")

        assert value.approximated(self._NOW) == value

    def test_is_no_wider_for_another_prefix(self):
        value = parse_date_value("eq1980")

        assert value.approximated(self._NOW) is value

    @pytest.mark.parametrize("text", ["ap0001", "ap9999"])
    def test_stays_in_the_calendar(self, text):
        value = parse_date_value(text).approximated(self._NOW)

        assert value.start < value.end

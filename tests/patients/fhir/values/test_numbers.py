"""A number means what rounds to it, at the last digit that is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir.values.dates import PREFIXES
from patients.fhir.values.numbers import (
    NumberError,
    NumberValue,
    approximate_range,
    number_range,
    parse_number_value,
    written_number,
)

_FORM = "is not written like 100, -5.40 or 1e-3"
_LIMITS = "has more than 64 significant digits or an exponent beyond ±64"

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)


class TestParse:
    @pytest.mark.parametrize(
        ("text", "number", "low", "high"),
        [
            ("100", "100", "99.5", "100.5"),
            ("100.00", "100.00", "99.995", "100.005"),
            ("1e2", "1E+2", "50", "150"),
            ("1.0e2", "1.0E+2", "95", "105"),
            ("1.00e2", "100", "99.5", "100.5"),
            ("1E2", "1E+2", "50", "150"),
            ("1e+2", "1E+2", "50", "150"),
            ("1e-2", "0.01", "0.005", "0.015"),
            ("5.4", "5.4", "5.35", "5.45"),
            ("5.40e-3", "0.00540", "0.005395", "0.005405"),
            ("0", "0", "-0.5", "0.5"),
            ("0.0", "0.0", "-0.05", "0.05"),
            ("-0", "0", "-0.5", "0.5"),
            ("-5", "-5", "-5.5", "-4.5"),
            ("-5.25", "-5.25", "-5.255", "-5.245"),
            ("007", "7", "6.5", "7.5"),
            ("2", "2", "1.5", "2.5"),
            ("0.8", "0.8", "0.75", "0.85"),
            ("1e64", "1E+64", "5E+63", "1.5E+64"),
            ("1e-64", "1E-64", "5E-65", "1.5E-64"),
            ("9" * 64, "9" * 64, f"{'9' * 63}8.5", f"{'9' * 64}.5"),
        ],
    )
    def test_gives_the_range_of_the_digits_that_are_written(self, text, number, low, high):
        assert parse_number_value(text) == NumberValue("eq", Decimal(number), Decimal(low), Decimal(high))

    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_takes_each_prefix(self, prefix):
        value = parse_number_value(f"{prefix}0.8")

        assert value == NumberValue(prefix, Decimal("0.8"), Decimal("0.75"), Decimal("0.85"))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", _FORM),
            ("ten", _FORM),
            ("lt", _FORM),
            ("+5", _FORM),
            (" 5", _FORM),
            ("5 ", _FORM),
            ("5.", _FORM),
            (".5", _FORM),
            ("1,5", _FORM),
            ("1_000", _FORM),
            ("1e", _FORM),
            ("0x10", _FORM),
            ("NaN", _FORM),
            ("Infinity", _FORM),
            ("\u0665", _FORM),
            ("--5", _FORM),
            ("xx5", _FORM),
            ("5\n", _FORM),
            ("1e65", _LIMITS),
            ("1e-65", _LIMITS),
            ("1e999999999999999999999", _LIMITS),
            ("9" * 65, _LIMITS),
            pytest.param("9" * 60_000, _LIMITS, id="60,000 digits"),
        ],
    )
    def test_refuses_what_is_no_number(self, text, sentence):
        with pytest.raises(NumberError) as raised:
            parse_number_value(text)

        assert str(raised.value) == sentence

    @given(numbers, st.sampled_from(PREFIXES))
    def test_reads_what_is_written(self, number, prefix):
        value = NumberValue(prefix, number, *number_range(number))

        assert parse_number_value(written_number(prefix, number)) == value


class TestRange:
    @given(numbers)
    def test_is_of_what_rounds_to_the_number(self, number):
        low, high = number_range(number)

        assert low < number < high
        assert high - number == number - low


class TestApproximateRange:
    @pytest.mark.parametrize(
        ("text", "low", "high"),
        [
            ("100", "90", "110"),
            ("-100", "-110", "-90"),
            ("2", "1.5", "2.5"),
            ("0", "-0.5", "0.5"),
            ("1e2", "50", "150"),
            ("5.40", "4.86", "5.94"),
        ],
    )
    def test_is_a_tenth_wider_or_as_wide_as_the_digits_say(self, text, low, high):
        value = parse_number_value(text)

        assert approximate_range(value.number, value.low, value.high) == (Decimal(low), Decimal(high))

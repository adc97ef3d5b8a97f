"""Codes are found whatever their case, telephone numbers however they are written."""

import pytest

from patients.fhir.values.tokens import contact_codes, fold_code


class TestFoldCode:
    @pytest.mark.parametrize(
        ("code", "folded"), [("ABC-1", "abc-1"), (" Süß ", "süss"), ("", ""), ("É", "é")]
    )
    def test_takes_away_case_and_outer_spaces_but_no_accents(self, code, folded):
        assert fold_code(code) == folded


class TestContactCodes:
    @pytest.mark.parametrize(
        ("value", "codes"),
        [
            ("(03) 5555 6473", ("(03) 5555 6473", "0355556473")),
            ("+44 20 7946-0018", ("+44 20 7946-0018", "+442079460018")),
            ("0355556473", ("0355556473",)),
            ("\uff10\uff13\uff15\uff15", ("\uff10\uff13\uff15\uff15", "0355")),
            ("p.Chalmers@Example.ORG", ("p.chalmers@example.org",)),
            ("555 0100 ext 7", ("555 0100 ext 7",)),
            ("1-2", ("1-2",)),
            ("5550100+", ("5550100+",)),
            ("()", ("()",)),
            pytest.param(f"{' ' * 60_000}x", ("x",), id="60,000 spaces"),
            pytest.param(f"x{' ' * 60_000}1", (f"x{' ' * 60_000}1",), id="60,000 spaces-within"),
            pytest.param(f"{'1' * 60_000}x", (f"{'1' * 60_000}x",), id="60,000 digits"),
        ],
    )
    def test_are_the_value_and_the_digits_of_a_telephone_number(self, value, codes):
        assert contact_codes(value) == codes

"""The values of criteria are read strictly, each as its parameter demands."""

from __future__ import annotations

import pytest

from patients.fhir.outcomes import InvalidSearchParameter
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.search_request import parse
from patients.fhir.values.strings import StringValue
from patients.fhir.values.tokens import TokenValue

_PATIENT = NATIVE_PATIENT_PARAMETERS
_DATE_FORM = "has a date that is not written like 2026, 2026-07, 2026-07-15 or 2026-07-15T09:30:00Z"
_PREFIXES = "eq, ne, gt, lt, ge, le, sa, eb, ap"
_GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"


def _values(key: str, text: str) -> tuple:
    (criterion,) = parse("Patient", [(key, text)]).criteria
    return criterion.values


class TestValues:
    def test_takes_any_of_several_values(self):
        assert _values("family", r"Smith,O\,Brien") == (
            StringValue("Smith", "smith"),
            StringValue("O,Brien", "o,brien"),
        )

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("123", TokenValue(None, "123")),
            ("urn:x|123", TokenValue("urn:x", "123")),
            ("|123", TokenValue("", "123")),
            ("urn:x|", TokenValue("urn:x", None)),
            (r"urn:x\|y|1\|2", TokenValue("urn:x|y", "1|2")),
            (r"a\$b\\c", TokenValue(None, "a$b\\c")),
        ],
    )
    def test_reads_tokens_with_and_without_system(self, text, value):
        assert _values("identifier", text) == (value,)

    @pytest.mark.parametrize("name", ["gender", "active", "deceased"])
    def test_takes_not_for_codes(self, name):
        (criterion,) = parse("Patient", [(f"{name}:not", "true")]).criteria

        assert criterion.modifier == "not"

    @pytest.mark.parametrize(("text", "is_missing"), [("true", True), ("false", False)])
    @pytest.mark.parametrize("name", _PATIENT)
    def test_takes_missing_for_each_parameter(self, name, text, is_missing):
        assert _values(f"{name}:missing", text) == (is_missing,)

    def test_takes_codes_that_no_patient_has(self):
        assert _values("gender", "M") == (TokenValue(None, "M"),)

    def test_takes_the_system_of_a_bound_code(self):
        system = "http://hl7.org/fhir/administrative-gender"

        assert _values("gender", f"{system}|male") == (TokenValue(system, "male"),)

    def test_takes_an_accent_alone_as_an_exact_string(self):
        assert _values("family:exact", "\u0301") == (StringValue("\u0301", ""),)


class TestRefusal:
    @pytest.mark.parametrize(
        ("key", "text", "sentence"),
        [
            ("name", "", "has no value."),
            ("name", "a,", "has an empty value in its list."),
            ("name", "a,,b", "has an empty value in its list."),
            ("name", "\u0301", "has no letters to search for."),
            ("name", " ", "has no letters to search for."),
            ("name:contains", "\u200b", "has no letters to search for."),
            ("name", "a\0", "has a character that no text may have."),
            ("name", "\ud800", "has a character that no text may have."),
            ("active", "maybe", "takes true or false."),
            ("active", "True", "takes true or false."),
            ("gender", "urn:x|male", f"takes no system but '{_GENDER_SYSTEM}'."),
            ("gender", "|male", f"takes no system but '{_GENDER_SYSTEM}'."),
            ("gender", "urn:x|", "needs a code after the '|'."),
            ("_id", "urn:x|1", "takes no system."),
            ("_id", "|1", "takes no system."),
            ("identifier", "|", "has neither a system nor a code."),
            ("identifier", " ", "has neither a system nor a code."),
            (
                "identifier",
                "a|b|c",
                r"has a value with more than one '|'; a '|' that is part of a value is written '\|'.",
            ),
            (
                "name",
                "a\\b",
                r"has a backslash that escapes nothing; a backslash that is part of a value is written '\\'.",
            ),
            ("birthdate", "1980-02-30", "has a date that does not exist in the calendar."),
            ("birthdate", "1/2/1980", f"{_DATE_FORM}."),
            ("birthdate", "xx1980", f"{_DATE_FORM}, after a prefix if need be ({_PREFIXES})."),
            ("birthdate", "1980-01-01T10:00Z", "takes a day, not a time of day."),
            (
                "_lastUpdated",
                "2026-07-15T09:30:00 02:00",
                "has a date that has a space before its time zone: in a query a plus is written %2B.",
            ),
        ],
    )
    def test_names_the_parameter_and_says_what_it_takes(self, key, text, sentence):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [(key, text)])

        assert str(raised.value) == f"Search parameter '{key.partition(':')[0]}' {sentence}"

    @pytest.mark.parametrize("text", ["yes", "True", "true,false", "1"])
    def test_of_missing_that_is_neither_true_nor_false(self, text):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [("name:missing", text)])

        assert str(raised.value) == "Search parameter 'name:missing' takes true or false."

    @pytest.mark.parametrize(
        ("key", "text"), [("birthdate", "1980-02-30"), ("name", "Chalmers\\x"), ("identifier", "12345|x|y")]
    )
    def test_does_not_repeat_what_was_searched_for(self, key, text):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [(key, text)])

        assert text.partition("\\")[0].partition("|")[0] not in str(raised.value)

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir import search_request
from patients.fhir.outcomes import FhirError
from patients.pages.interpretation import interpretations

TODAY = date(2026, 11, 24)


def read(text):
    return [list(way.parameters) for way in interpretations(text, today=TODAY)]


def is_request_or_refused(parameters):
    try:
        return search_request.parse("Patient", parameters) is not None
    except FhirError as error:
        return error.status == 400


class TestInterpretations:
    @pytest.mark.parametrize(
        ("text", "parameters"),
        [
            ("smith", [("name", "smith")]),
            ("smith john", [("name", "smith"), ("name", "john")]),
            ("SMITH, John (Mr)", [("name", "SMITH"), ("name", "John"), ("name", "Mr")]),
            ("O'Brien", [("name", "O'Brien")]),
            ("Cormier289", [("name", "Cormier289")]),
            ("王", [("name", "王")]),
            ("smi 1945", [("name", "smi"), ("birthdate", "1945")]),
            ("14 Jul 1945 jo", [("name", "jo"), ("birthdate", "1945-07-14")]),
            ("05/05/20", [("birthdate", "2020-05-05,1920-05-05")]),
            ("S99934475", [("identifier", "S99934475")]),
            (
                "057aa36e-b892-9964-75b9-ffb46b097e34",
                [("identifier", "057aa36e-b892-9964-75b9-ffb46b097e34")],
            ),
            ("urn:x|7,8", [("identifier", "urn:x|7"), ("name", "8")]),
            ("jo@example.org", [("email", "jo@example.org")]),
            ("a$b", [("name", r"a\$b")]),
        ],
    )
    def test_take_each_word_for_what_it_looks_like(self, text, parameters):
        assert read(text) == [parameters]

    def test_try_a_number_as_an_identifier_and_then_as_a_phone(self):
        assert read("943 476 5919") == [
            [("identifier", "943 476 5919,9434765919")],
            [("phone", "943 476 5919")],
        ]

    def test_try_an_ambiguous_date_day_first_and_then_month_first(self):
        assert read("wiza 05/12/1969") == [
            [("name", "wiza"), ("birthdate", "1969-12-05")],
            [("name", "wiza"), ("birthdate", "1969-05-12")],
        ]

    def test_try_eight_digits_as_a_date_and_then_as_a_number(self):
        assert read("19740214") == [
            [("birthdate", "1974-02-14")],
            [("identifier", "19740214")],
            [("phone", "19740214")],
        ]

    @pytest.mark.parametrize("text", ["", "   ", "-", "…"])
    def test_have_nothing_to_search_for_in_nothing(self, text):
        assert read(text) == [[]]

    def test_say_how_the_words_were_understood(self):
        (way,) = interpretations("wi jo 09-Mar-1958", today=TODAY)

        assert way.sentence == "Name begins with wi and jo · Born 09-Mar-1958"
        assert way.names == ("wi", "jo")

    @given(st.text(max_size=40))
    def test_become_a_request_or_a_sentence_whatever_is_typed(self, text):
        for way in interpretations(text, today=TODAY):
            assert is_request_or_refused(way.parameters)

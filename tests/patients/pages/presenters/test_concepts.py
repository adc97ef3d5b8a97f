import pytest

from patients.pages.presenters.concepts import any_value, concept, interval, number, quantity
from patients.pages.presenters.stored import loads
from tests.patients.pages.presenters.entries import ZONE


class TestNumber:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("72.50", "72.50"),
            ("1000", "1,000"),
            ("4000.0", "4,000.0"),
            ("0.000001", "0.000001"),
            ("1.0E2", "1.0E+2"),
            ("-0", "-0"),
            ("3.14159265358979323846264338327950288419716939937510582097494", None),
        ],
    )
    def test_keeps_every_digit_as_recorded(self, written, shown):
        assert number(loads(f'{{"value": {written}}}')["value"]) == (shown or written)


class TestQuantity:
    def test_has_a_space_between_number_and_unit(self):
        assert quantity(loads('{"value": 72.50, "unit": "kg"}')) == "72.50 kg"

    def test_keeps_the_comparator(self):
        assert quantity(loads('{"value": 5, "comparator": "<", "code": "mg"}')) == "<5 mg"

    def test_writes_units_of_ucum_as_people_do(self):
        assert quantity(loads('{"value": 37.5, "code": "Cel"}')) == "37.5 °C"


class TestInterval:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ('{"low": {"value": 3.5}, "high": {"value": 5.10}}', "3.5–5.10"),
            ('{"low": {"value": 70, "unit": "%"}}', "70 % or more"),
            ('{"high": {"value": 5}}', "5 or less"),
            ("{}", ""),
        ],
    )
    def test_shows_the_limits_that_there_are(self, written, shown):
        assert interval(loads(written)) == shown


class TestConcept:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ({"text": "What was written", "coding": [{"display": "What it means"}]}, "What was written"),
            ({"coding": [{"code": "1"}, {"display": "What it means"}]}, "What it means"),
            ({"coding": [{"code": "1"}]}, "1"),
            ({"text": "Anemia (disorder)", "coding": [{"system": "http://snomed.info/sct"}]}, "Anemia"),
            ({"text": "Anemia (disorder)"}, "Anemia (disorder)"),
            ({}, ""),
            (None, ""),
        ],
    )
    def test_is_what_was_written_else_what_the_code_means(self, value, shown):
        assert concept(value) == shown


class TestAnyValue:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ('{"onsetString": "in childhood"}', "in childhood"),
            ('{"onsetAge": {"value": 30, "unit": "years"}}', "30 years"),
            ('{"onsetBoolean": false}', "No"),
            ('{"onsetPeriod": {"start": "2019", "end": "2020-05"}}', "2019 – May-2020"),
            ('{"onsetDateTime": "2026-07-01T23:30:00-04:00"}', "02-Jul-2026 04:30"),
            ('{"onsetRange": {"low": {"value": 3}, "high": {"value": 4}}}', "3–4"),
            ('{"onset": "no choice"}', ""),
        ],
    )
    def test_shows_each_type_of_a_choice(self, written, shown):
        assert any_value(loads(written), "onset", ZONE) == shown

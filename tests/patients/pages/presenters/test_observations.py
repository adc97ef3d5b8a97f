import pytest

from patients.pages.presenters.observations import observation
from patients.pages.presenters.results import by_category, newest_of_each
from patients.pages.presenters.vitals import vital_signs
from tests.patients.pages.presenters.entries import ZONE, concept, entry


def shown(value):
    return observation(entry(value), ZONE)


def measured(
    number: str, *, code: str = "1", taken: str = "2026-11-22", unit: str = "mmol/L", extra: str = ""
):
    return shown(
        f'{{"status": "final", "code": {{"coding": [{{"code": "{code}"}}]}}, "effectiveDateTime": "{taken}",'
        f' "valueQuantity": {{"value": {number}, "unit": "{unit}"}}{extra}}}'
    )


def flagged(code: str):
    return measured("5", extra=f', "interpretation": [{{"coding": [{{"code": "{code}"}}]}}]')


def component(code: str, value: int, unit: str = "mm[Hg]") -> dict:
    return {"code": concept(code), "valueQuantity": {"value": value, "unit": unit}}


class TestValue:
    def test_keeps_the_precision_with_which_it_was_recorded(self):
        found = measured("72.50")

        assert (found.value.text, found.value.unit) == ("72.50", "mmol/L")

    def test_is_the_pair_of_a_blood_pressure_in_whichever_order_it_was_stored(self):
        parts = [component("8462-4", 70), component("8480-6", 104)]

        found = shown({"code": concept("85354-9"), "component": parts})

        assert (found.value.text, found.value.unit, found.components) == ("104/70", "mmHg", ())

    def test_is_no_pair_if_the_units_differ(self):
        found = shown({"component": [component("8462-4", 9, "kPa"), component("8480-6", 104)]})

        assert [part.text for part in found.components] == ["9", "104"]

    def test_says_why_there_is_none(self):
        assert shown({"dataAbsentReason": {"text": "Not performed"}}).value.text == "No value: Not performed"
        assert shown({}).value.text == "No value recorded"

    def test_may_be_a_concept(self):
        assert shown({"valueCodeableConcept": {"text": "Never smoker"}}).value.text == "Never smoker"


class TestFlag:
    @pytest.mark.parametrize(
        ("code", "word", "row"),
        [
            ("H", "High", "out"),
            ("L", "Low", "out"),
            ("HH", "Critical high", "crit"),
            ("LL", "Critical low", "crit"),
            ("A", "Abnormal", "out"),
        ],
    )
    def test_is_a_word_and_a_row_that_stands_out(self, code, word, row):
        assert (flagged(code).value.flag.word, flagged(code).row_class) == (word, row)

    def test_is_not_given_to_what_is_normal(self):
        assert (flagged("N").value.flag, flagged("N").row_class) == (None, "")

    def test_is_shown_in_the_words_of_the_record_if_we_have_none(self):
        assert flagged("POS").value.flag.word == "POS"

    def test_is_never_worked_out_from_the_reference_range(self):
        found = measured(
            "9.9", extra=', "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.10}}]'
        )

        assert (found.value.flag, found.reference) == (None, "3.5–5.10")


class TestResults:
    def test_are_the_newest_of_each_test_with_the_one_before(self):
        newest, older, other = measured("3"), measured("2"), measured("9", code="2")

        results = newest_of_each([newest, other, older])

        assert [(one.newest, one.before) for one in results] == [(newest, older), (other, None)]

    def test_leave_out_what_was_entered_in_error(self):
        wrong = shown({"status": "entered-in-error", "code": concept("1")})

        assert newest_of_each([wrong, measured("3")])[0].newest.value.text == "3"

    def test_compare_no_values_of_different_units(self):
        assert newest_of_each([measured("3"), measured("3", unit="mg/dL")])[0].before is None

    def test_stand_in_groups_of_their_category(self):
        lab = shown({"code": concept("1"), "category": [concept("laboratory")]})
        other = shown({"code": concept("2"), "category": [{"text": "Ward"}]})

        assert [group.name for group in by_category(newest_of_each([lab, other]))] == ["Laboratory", "Ward"]


class TestVitalSigns:
    def test_are_a_row_for_each_time_and_a_column_for_each_sign(self):
        found = vital_signs(
            [
                measured("71", code="8867-4", unit="/min"),
                measured("36.60", code="8310-5", unit="Cel"),
                measured("80", code="8867-4", unit="/min", taken="2026-11-21"),
            ]
        )

        assert [(sign.name, sign.unit) for sign in found.signs] == [("Heart rate", "/min"), ("Temp.", "°C")]
        assert [[[one.value.text for one in cell] for cell in row.cells] for row in found.readings] == [
            [["71"], ["36.60"]],
            [["80"], []],
        ]

    def test_keep_different_units_in_different_columns(self):
        found = vital_signs(
            [measured("70", code="29463-7", unit="kg"), measured("154", code="29463-7", unit="lb")]
        )

        assert [sign.unit for sign in found.signs] == ["kg", "lb"]

    def test_leave_out_what_was_entered_in_error(self):
        assert vital_signs([shown({"status": "entered-in-error"})]).readings == ()

import json

import pytest

from patients.pages.presenters.dosages import dosage, frequency
from patients.pages.presenters.medications import medication, medications, medicine_reference
from patients.pages.presenters.stored import loads
from tests.patients.pages.presenters.entries import ZONE, concept, entries, entry


def read(value: dict) -> dict:
    return loads(json.dumps(value))


def shown(value, medicines=None):
    return medication(entry(value), medicines or {}, ZONE)


class TestMedications:
    @pytest.mark.parametrize("status", ["active", "on-hold", "draft", "unknown"])
    def test_are_current_unless_they_ended(self, status):
        assert len(medications(entries({"status": status}), {}, ZONE).current) == 1

    @pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "entered-in-error"])
    def test_are_past_when_they_ended_or_never_were(self, status):
        assert len(medications(entries({"status": status}), {}, ZONE).past) == 1


class TestMedication:
    def test_is_named_by_its_code(self):
        assert shown({"medicationCodeableConcept": {"text": "Lisinopril"}}).name == "Lisinopril"

    def test_is_named_by_the_medication_it_refers_to(self):
        medicine = {"code": {"text": "Enoxaparin"}, "form": {"text": "syringe"}}
        value = {"medicationReference": {"reference": "Medication/7"}}

        found = shown(value, {"Medication/7": medicine})

        assert (found.name, found.form) == ("Enoxaparin", "syringe")
        assert medicine_reference(value) == "Medication/7"

    def test_is_named_by_the_medication_it_contains(self):
        value = {
            "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Warfarin"}}],
            "medicationReference": {"reference": "#m"},
        }

        assert shown(value).name == "Warfarin"
        assert medicine_reference(value) is None

    def test_says_so_if_its_name_could_not_be_read(self):
        found = shown({"medicationReference": {"reference": "Medication/7"}})

        assert found.name == "Medication could not be read (Medication/7)"

    def test_warns_of_what_must_not_be_given(self):
        assert [tag.word for tag in shown({"status": "active", "doNotPerform": True}).states] == [
            "Do not give"
        ]


class TestDosage:
    def test_reads_dose_route_frequency_and_limit(self):
        found = dosage(
            read(
                {
                    "doseAndRate": [{"doseQuantity": {"value": 1000, "unit": "mg"}}],
                    "route": {"text": "By mouth"},
                    "timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}},
                    "maxDosePerPeriod": {
                        "numerator": {"value": 4000, "unit": "mg"},
                        "denominator": {"value": 24, "unit": "h"},
                    },
                }
            )
        )

        assert (found.dose, found.others) == (
            "1,000 mg",
            ("By mouth", "every 6 hours", "at most 4,000 mg / 24 h"),
        )

    def test_cuts_nothing_of_what_was_written(self):
        found = dosage(
            {"text": "Take as needed.\n", "patientInstruction": "With food", "asNeededBoolean": True}
        )

        assert (found.others, found.instructions) == (("as needed", "Take as needed."), "With food")

    def test_says_that_a_dose_has_no_unit(self):
        assert (
            dosage(loads('{"doseAndRate": [{"doseQuantity": {"value": 1.0}}]}')).dose
            == "1.0 (unit not recorded)"
        )

    def test_reads_ranges_and_rates(self):
        line = {
            "doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "puffs"}},
            "rateRatio": {"numerator": {"value": 1, "unit": "ml"}, "denominator": {"value": 1, "unit": "h"}},
        }

        assert dosage(read({"doseAndRate": [line]})).dose == "1–2 puffs at 1 ml / 1 h"

    def test_says_what_it_is_needed_for(self):
        assert dosage({"asNeededCodeableConcept": {"text": "pain"}}).others == ("as needed for pain",)


class TestFrequency:
    @pytest.mark.parametrize(
        ("repeat", "words"),
        [
            ({"frequency": 1, "period": 1, "periodUnit": "d"}, "once a day"),
            ({"frequency": 2, "period": 1.0, "periodUnit": "d"}, "twice a day"),
            ({"frequency": 3, "period": 1, "periodUnit": "wk"}, "3 times a week"),
            ({"frequency": 1, "period": 10, "periodUnit": "d"}, "every 10 days"),
            ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "every 4–6 hours"),
            ({"frequency": 1, "period": 1.5, "periodUnit": "h"}, "every 1.5 hours"),
            ({"frequency": 2, "period": 3, "periodUnit": "d"}, "twice every 3 days"),
            ({"frequency": 3, "frequencyMax": 4, "period": 1, "periodUnit": "d"}, "3 to 4 times a day"),
            ({"when": ["MORN"], "dayOfWeek": ["mon"]}, "in the morning, mon"),
            ({"timeOfDay": ["08:00:00"]}, "08:00"),
            ({"boundsDuration": {"value": 7, "unit": "days"}}, "for 7 days"),
            (
                {"boundsPeriod": {"start": "2026-11-01", "end": "2026-11-08"}},
                "01-Nov-2026 – 08-Nov-2026 only",
            ),
            ({"count": 3}, "3 times in all"),
            ({}, ""),
        ],
    )
    def test_is_in_words(self, repeat, words):
        assert frequency(read({"repeat": repeat})) == words

    def test_is_the_word_of_its_code_if_it_has_one(self):
        assert frequency({"code": concept("BID", display="Twice a day")}) == "Twice a day"

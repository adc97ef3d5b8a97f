import pytest

from patients.pages.presenters.encounters import encounter
from patients.pages.presenters.immunisations import immunisation
from tests.patients.pages.presenters.entries import ZONE, entry


class TestEncounter:
    def test_says_what_where_with_whom_and_how_long(self):
        found = encounter(
            entry(
                {
                    "status": "finished",
                    "class": {"code": "EMER"},
                    "type": [{"text": "Encounter for symptom"}],
                    "period": {"start": "2026-11-22T23:30:00Z", "end": "2026-11-23T01:02:00Z"},
                    "participant": [{"individual": {"display": "Dr Tuan Fadel"}}],
                    "location": [{"location": {"display": "Cape Cod Hospital"}}],
                    "serviceProvider": {"display": "Cape Cod Hospital"},
                    "reasonCode": [{"text": "Sinusitis"}],
                }
            ),
            ZONE,
        )

        assert (found.name, found.reason, found.started.day) == (
            "Encounter for symptom",
            "Sinusitis",
            "22-Nov-2026",
        )
        assert found.details == ("Emergency", "Dr Tuan Fadel", "Cape Cod Hospital", "92 min")
        assert (found.is_unplanned, found.state) == (True, None)

    @pytest.mark.parametrize(
        ("period", "length"),
        [
            ({"start": "2026-11-20T00:00:00Z", "end": "2026-11-20T05:00:00Z"}, "5 h"),
            ({"start": "2026-11-10T00:00:00Z", "end": "2026-11-20T05:00:00Z"}, "10 days"),
            ({"start": "2026-11-20", "end": "2026-11-21"}, None),
            ({"start": "2026-11-20T05:00:00Z", "end": "2026-11-20T00:00:00Z"}, None),
            ({"start": "2026-11-20T05:00:00Z"}, None),
        ],
    )
    def test_has_a_length_if_both_ends_have_a_time(self, period, length):
        assert encounter(entry({"period": period}), ZONE).details == ((length,) if length else ())

    def test_says_what_is_not_over(self):
        assert encounter(entry({"status": "in-progress"}), ZONE).state.word == "In progress"


class TestImmunisation:
    def test_says_that_it_was_not_given_and_why(self):
        value = {"status": "not-done", "vaccineCode": {"text": "MMR"}, "statusReason": {"text": "Refused"}}

        found = immunisation(entry(value), ZONE)

        assert (found.vaccine, found.state.word, found.detail) == ("MMR", "Not given", "Refused")

    def test_shows_a_day_that_is_no_date(self):
        assert immunisation(entry({"occurrenceString": "as a child"}), ZONE).given_in_words == "as a child"

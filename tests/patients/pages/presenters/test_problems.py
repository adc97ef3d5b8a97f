import pytest

from patients.pages.presenters.problems import problem, problems
from tests.patients.pages.presenters.entries import ZONE, concept, entries, entry


class TestProblems:
    @pytest.mark.parametrize("status", ["active", "recurrence", "relapse"])
    def test_are_active_while_their_status_says_so(self, status):
        assert len(problems(entries({"clinicalStatus": concept(status)}), ZONE).active) == 1

    def test_are_active_if_nobody_said_otherwise(self):
        assert len(problems(entries({}), ZONE).active) == 1

    @pytest.mark.parametrize("status", ["resolved", "remission", "inactive"])
    def test_are_past_when_their_status_says_so(self, status):
        assert len(problems(entries({"clinicalStatus": concept(status)}), ZONE).past) == 1

    @pytest.mark.parametrize("status", ["entered-in-error", "refuted"])
    def test_are_not_active_if_they_never_were(self, status):
        value = {"clinicalStatus": concept("active"), "verificationStatus": concept(status)}

        assert problems(entries(value), ZONE).active == ()


class TestProblem:
    def test_says_since_when_and_who_recorded_it(self):
        found = problem(
            entry(
                {
                    "code": {"text": "Anemia"},
                    "onsetDateTime": "2001-02",
                    "recordedDate": "2001-02-08",
                    "recorder": {"display": "Dr Tuan Fadel"},
                }
            ),
            ZONE,
        )

        assert (found.name, found.since.day, found.recorded.day) == ("Anemia", "Feb-2001", "08-Feb-2001")
        assert (found.recorded_by, found.version) == ("Dr Tuan Fadel", "v1")

    def test_shows_an_onset_that_is_no_date(self):
        assert problem(entry({"onsetString": "in childhood"}), ZONE).since_in_words == "in childhood"

    def test_says_that_it_is_not_confirmed(self):
        value = {"clinicalStatus": concept("active"), "verificationStatus": concept("provisional")}

        assert problem(entry(value), ZONE).state.word == "Provisional"

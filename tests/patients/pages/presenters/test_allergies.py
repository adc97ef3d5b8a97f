import pytest

from patients.pages.presenters.allergies import SHOWN_IN_BANNER, allergies
from tests.patients.pages.presenters.entries import ZONE, concept, entries

ACTIVE = {"clinicalStatus": concept("active"), "verificationStatus": concept("confirmed")}


def allergy(text: str, **elements) -> dict:
    return {**ACTIVE, "code": {"text": text}, **elements}


def state_of(*values, is_complete=True):
    return allergies(entries(*values), is_complete=is_complete, zone=ZONE)


NO_KNOWN = allergy("No known allergy", code={**concept("716186003"), "text": "No known allergy"})
NO_DRUG = allergy("", code={**concept("409137002"), "text": "No known drug allergy"})


class TestState:
    def test_is_known_if_there_is_one(self):
        assert state_of(allergy("Latex")).state == "known"

    def test_is_not_recorded_if_nobody_said_anything(self):
        assert (state_of().state, state_of().title) == ("blank", "Allergies not recorded")

    def test_is_none_only_if_somebody_said_so(self):
        assert (state_of(NO_KNOWN).state, state_of(NO_KNOWN).title) == ("none", "No known allergies")

    def test_says_no_more_than_the_assertion_said(self):
        assert state_of(NO_DRUG).title == "No known drug allergy"

    def test_is_known_if_there_is_one_beside_an_assertion_of_none(self):
        found = state_of(NO_KNOWN, allergy("Latex"))

        assert (found.state, [one.substance for one in found.active]) == ("known", ["Latex"])

    @pytest.mark.parametrize(
        "past",
        [
            {"clinicalStatus": concept("resolved")},
            {"clinicalStatus": concept("inactive")},
            {"verificationStatus": concept("refuted")},
            {"verificationStatus": concept("entered-in-error")},
        ],
    )
    def test_is_not_none_because_what_there_was_is_over(self, past):
        found = state_of(allergy("Latex", **past))

        assert (found.state, found.title, len(found.past)) == ("blank", "No active allergy recorded", 1)

    def test_does_not_take_a_withdrawn_assertion_for_one(self):
        assert state_of(NO_KNOWN | {"verificationStatus": concept("entered-in-error")}).state == "blank"

    @pytest.mark.parametrize("values", [(), (NO_KNOWN,)])
    def test_is_unavailable_if_more_is_on_record_than_was_read(self, values):
        assert state_of(*values, is_complete=False).state == "un"

    def test_is_known_even_if_more_is_on_record_than_was_read(self):
        assert state_of(allergy("Latex"), is_complete=False).state == "known"


class TestAllergy:
    def test_counts_while_it_has_no_status_at_all(self):
        assert state_of({"code": {"text": "Latex"}}).state == "known"

    def test_stands_first_if_its_risk_is_high(self):
        found = state_of(allergy("Grass"), allergy("Penicillin", criticality="high"))

        assert [one.substance for one in found.active] == ["Penicillin", "Grass"]

    def test_says_what_happened(self):
        reaction = {"manifestation": [{"text": "Rash"}, {"text": "Wheeze"}], "severity": "severe"}

        assert state_of(allergy("Latex", reaction=[reaction])).active[0].reaction == "Rash, Wheeze (severe)"

    def test_is_called_by_the_substance_of_its_reaction_if_it_has_no_code(self):
        reaction = {"substance": {"text": "Peanut"}, "manifestation": [{"text": "Rash"}]}

        assert state_of({"reaction": [reaction]}).active[0].substance == "Peanut"

    def test_is_never_left_out_of_the_banner_without_a_word(self):
        found = state_of(*(allergy(f"Substance {number}") for number in range(15)))

        assert (len(found.first), len(found.rest)) == (SHOWN_IN_BANNER, 15 - SHOWN_IN_BANNER)

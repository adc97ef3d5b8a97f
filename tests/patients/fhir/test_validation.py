import json

import pytest

from patients.fhir.outcomes import BrokenInvariant, InvalidResource, Issue
from patients.fhir.resource import from_value, parse
from patients.fhir.validation import validate
from tests.patients.fhir import broken_content, broken_structure, broken_values, odd_resources
from tests.patients.fhir.resources import allergy, condition, observation, patient

STRUCTURE = [
    *broken_structure.MEMBERS,
    *broken_structure.REQUIRED,
    *broken_structure.INNER_RESOURCES,
    *broken_structure.NARRATIVES,
    *broken_values.VALUES,
    *broken_values.CODES,
]
CONTENT = [*broken_content.REFERENCES, *broken_content.BINDINGS, *broken_content.INVARIANTS]


def refused(value):
    with pytest.raises(InvalidResource) as error:
        validate(parse(json.dumps(value)))
    return error.value


def _rows(table):
    return [pytest.param(value, element, id=name) for name, value, element in table]


class TestRefuses:
    @pytest.mark.parametrize(("value", "element"), _rows(STRUCTURE))
    def test_what_has_another_structure(self, value, element):
        error = refused(value)

        assert (error.status, [issue.expression for issue in error.issues]) == (400, [(element,)])
        assert error.issues[0].diagnostics.startswith(f"{element} ")

    @pytest.mark.parametrize(("value", "element"), _rows(CONTENT))
    def test_what_breaks_a_rule(self, value, element):
        error = refused(value)

        assert (error.status, type(error)) == (422, BrokenInvariant)
        assert [issue.expression for issue in error.issues] == [(element,)]

    def test_more_than_a_hundred_broken_resources(self):
        assert len(STRUCTURE + CONTENT) >= 100

    def test_each_invariant_by_its_key(self):
        keys = [refused(value).issues[0].diagnostics for _, value, _ in broken_content.INVARIANTS]

        expected = [f"({name.split()[0]})." for name, _, _ in broken_content.INVARIANTS]
        assert [text[text.rindex("(") :] for text in keys] == expected


class TestSays:
    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            (patient(gender="M"), "Patient.gender must be one of the codes female, male, other, unknown."),
            (
                patient(birthDate="2001-02-30"),
                "Patient.birthDate must be a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD.",
            ),
            (patient(nmae=[]), "Patient.nmae is no element of Patient."),
            (patient(contact=[{"rank": 1}]), "Patient.contact[0].rank is no element of Patient.contact."),
            (
                observation(valueString="x"),
                "Observation.value may have one value only, not valueQuantity and valueString.",
            ),
            (
                observation(subject={"reference": "Medication/1"}),
                "Observation.subject must refer to a resource of type Patient, Group, Device or Location.",
            ),
            (
                condition(clinicalStatus={"coding": [{"code": "active"}]}),
                "Condition.clinicalStatus must have one of the codes active, inactive, recurrence, relapse, "
                "remission, resolved of http://terminology.hl7.org/CodeSystem/condition-clinical.",
            ),
            (
                allergy(clinicalStatus={}),
                "AllergyIntolerance.clinicalStatus must have a value or children.",
            ),
            (
                patient(contact=[{"gender": "male"}]),
                "Patient.contact[0] must have a name, telecom, address or organization (pat-1).",
            ),
        ],
    )
    def test_in_a_sentence_what_was_expected(self, value, sentence):
        assert refused(value).issues[0].diagnostics == sentence

    def test_everything_that_is_wrong_at_once(self):
        error = refused(patient(gender="M", birthDate="yesterday", nmae="x"))

        assert [issue.expression for issue in error.issues] == [
            ("Patient.gender",),
            ("Patient.birthDate",),
            ("Patient.nmae",),
        ]
        assert str(error).endswith("(And 2 more.)")

    def test_no_more_than_twenty_issues(self):
        assert len(refused(patient(name=[{}] * 1000)).issues) == 20

    def test_the_type_of_each_issue(self):
        error = refused(observation(status=5, code=None, subject=[], foo=1))

        assert [issue.code for issue in error.issues] == ["value", "structure", "structure", "structure"]

    def test_no_value_which_may_be_a_patients(self):
        assert "Okonkwo" not in str(refused(patient(birthDate="Okonkwo", gender="Okonkwo")).issues)

    def test_names_of_members_that_can_be_printed(self):
        [issue] = refused(patient(**{"na\nme": 1})).issues

        assert issue == Issue("structure", "Patient.na\\nme is no element of Patient.", ("Patient.na\\nme",))


class TestAccepts:
    @pytest.mark.parametrize(
        "value", [pytest.param(value, id=name) for name, value in odd_resources.ODD_BUT_VALID]
    )
    def test_what_is_odd_but_valid(self, value):
        validate(parse(json.dumps(value)))

    def test_more_than_sixty_odd_resources(self):
        assert len(odd_resources.ODD_BUT_VALID) >= 60

    def test_nesting_up_to_the_limit_of_parsing(self):
        extension = {"url": "http://example.org/leaf", "valueString": "x"}
        for _ in range(97):
            extension = {"url": "http://example.org/node", "extension": [extension]}

        validate(from_value(patient(extension=[extension])))

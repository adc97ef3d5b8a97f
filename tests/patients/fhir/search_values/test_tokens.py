"""Tokens are codes in systems, folded; identifiers and contact points are tokens too."""

import pytest

from tests.patients.fhir.search_values.read import rows, values

LOINC = {"system": "http://loinc.org", "code": "8480-6", "display": "Systolic"}


class TestTokens:
    @pytest.mark.parametrize(
        ("elements", "parameter", "tokens"),
        [
            ({"status": "final"}, "status", {("", "final")}),
            ({"code": {"coding": [LOINC]}}, "code", {("http://loinc.org", "8480-6")}),
            ({"code": {"coding": [LOINC]}}, "combo-code", {("http://loinc.org", "8480-6")}),
            ({"code": {"coding": [{"code": " AbC "}]}}, "code", {("", "abc")}),
            ({"code": {"coding": [{"system": "urn:x"}]}}, "code", {("urn:x", "")}),
            ({"code": {"text": "Only text"}}, "code", set()),
            ({"meta": {"tag": [LOINC]}}, "_tag", {("http://loinc.org", "8480-6")}),
            (
                {"valueCodeableConcept": {"coding": [LOINC]}},
                "value-concept",
                {("http://loinc.org", "8480-6")},
            ),
            (
                {"component": [{"code": {"coding": [LOINC]}}, {"code": {"coding": [{"code": "x"}]}}]},
                "component-code",
                {("http://loinc.org", "8480-6"), ("", "x")},
            ),
            ({"identifier": [{"system": "urn:i", "value": "A1"}]}, "identifier", {("urn:i", "a1")}),
            ({"identifier": [{"value": "A1"}]}, "identifier", {("", "a1")}),
            ({"id": "given-by-client"}, "_id", set()),
        ],
    )
    def test_of_an_observation(self, elements, parameter, tokens):
        assert rows(values("Observation", **elements).tokens, parameter) == tokens

    def test_an_identifier_is_found_by_its_type(self):
        coding = {"system": "urn:types", "code": "MR"}
        identifier = {"type": {"coding": [coding], "text": "Record"}, "system": "urn:i", "value": "A1"}

        found = values("Encounter", identifier=[identifier])

        assert rows(found.tokens, "identifier:of-type") == {("urn:types", "mr|a1")}
        assert rows(found.texts, "identifier") == {("Record",)}

    def test_a_contact_point_is_found_by_its_digits_and_by_its_system(self):
        telecom = [{"system": "phone", "value": "(03) 5555 6473"}, {"system": "email", "value": "A@B.org"}]

        found = values("Practitioner", telecom=telecom).tokens

        assert rows(found, "phone") == {("phone", "(03) 5555 6473"), ("phone", "0355556473")}
        assert rows(found, "email") == {("email", "a@b.org")}
        assert rows(found, "telecom") == rows(found, "phone") | rows(found, "email")

    @pytest.mark.parametrize(
        ("elements", "code"),
        [
            ({}, "false"),
            ({"deceasedBoolean": False}, "false"),
            ({"deceasedBoolean": True}, "true"),
            ({"deceasedDateTime": "2020"}, "true"),
            ({"_deceasedDateTime": {"extension": [{"url": "urn:x"}]}}, "true"),
        ],
    )
    def test_a_patient_is_dead_or_alive(self, elements, code):
        assert rows(values("Patient", **elements).tokens, "deceased") == {("", code)}

    def test_a_boolean_is_true_or_false(self):
        assert rows(values("Practitioner", active=True).tokens, "active") == {("", "true")}

    @pytest.mark.parametrize(
        "code", [None, 7, [], {"coding": 7}, {"coding": [7, None, {"code": []}]}, "text"]
    )
    def test_what_is_no_concept_gives_nothing(self, code):
        assert rows(values("Observation", code=code).tokens, "code") == set()

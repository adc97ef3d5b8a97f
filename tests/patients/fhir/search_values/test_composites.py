"""Composites combine what stands together in one element."""

from decimal import Decimal

from patients.fhir.search_values import plans
from patients.fhir.search_values.composites import MOST_COMBINATIONS
from tests.patients.fhir.search_values.read import rows, values


def _concept(*codes: str) -> dict:
    return {"coding": [{"system": "urn:c", "code": code} for code in codes]}


def _number(text: str) -> tuple:
    return Decimal(text), Decimal(text), "", "", ""


class TestComposites:
    def test_a_code_has_its_own_value_only(self):
        components = [
            {"code": _concept("systolic"), "valueQuantity": {"value": 120}},
            {"code": _concept("diastolic"), "valueQuantity": {"value": 80}},
        ]

        found = values("Observation", code=_concept("pressure"), component=components).composites

        assert rows(found, "component-code-value-quantity") == {
            ((("urn:c", "systolic"), _number("120")),),
            ((("urn:c", "diastolic"), _number("80")),),
        }
        assert rows(found, "combo-code-value-quantity") == rows(found, "component-code-value-quantity")
        assert rows(found, "code-value-quantity") == set()

    def test_each_coding_is_combined(self):
        found = values("Observation", code=_concept("a", "b"), valueQuantity={"value": 1}).composites

        expected = {((("urn:c", code), _number("1")),) for code in "ab"}
        assert rows(found, "code-value-quantity") == rows(found, "combo-code-value-quantity") == expected

    def test_a_component_may_be_of_the_resource(self):
        sequence = {"chromosome": _concept("2")}

        found = values(
            "MolecularSequence", referenceSeq=sequence, variant=[{"start": 5, "end": 6}]
        ).composites

        assert rows(found, "chromosome-variant-coordinate") == {
            ((("urn:c", "2"), _number("5"), _number("6")),)
        }

    def test_the_first_is_a_token_even_where_the_definition_has_it_last(self):
        relation = {"code": "replaces", "target": {"reference": "DocumentReference/1"}}

        found = values("DocumentReference", relatesTo=[relation]).composites

        assert rows(found, "relationship") == {((("", "replaces"), ("DocumentReference", "1")),)}

    def test_a_context_has_a_type_and_a_value(self):
        context = [{"code": {"system": "urn:c", "code": "age"}, "valueRange": {"high": {"value": 9}}}]

        found = values("Measure", useContext=context).composites

        assert rows(found, "context-type-quantity") == {((("urn:c", "age"), (None, Decimal(9), "", "", "")),)}

    def test_are_not_more_than_anyone_needs(self):
        codes = _concept(*map(str, range(1_000)))

        found = values("Observation", code=codes, valueCodeableConcept=codes).composites

        assert len(rows(found, "code-value-concept")) == MOST_COMBINATIONS

    def test_are_all_of_one_value(self):
        codes = _concept(*map(str, range(1_000)))

        found = values("Observation", code=codes, valueQuantity={"value": 1}).composites

        assert len(rows(found, "code-value-quantity")) == 1_000

    def test_parameters_that_combine_the_same_are_read_together(self):
        read = {tuple(each.names) for each in plans.plan("Observation").composites}

        assert read == {
            ("code-value-concept", "combo-code-value-concept"),
            ("code-value-date",),
            ("code-value-quantity", "combo-code-value-quantity"),
            ("code-value-string",),
        }

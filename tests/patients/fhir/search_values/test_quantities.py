"""Quantities are ranges with a unit; a comparator leaves one side open."""

from decimal import Decimal

import pytest

from tests.patients.fhir.search_values.read import rows, values

MMOL = {"system": "http://unitsofmeasure.org", "code": "mmol/L", "unit": "mmol per litre"}
UNIT = ("http://unitsofmeasure.org", "mmol/L", "mmol per litre")
FIVE = Decimal("5.40")


class TestQuantities:
    @pytest.mark.parametrize(
        ("quantity", "row"),
        [
            ({"value": FIVE, **MMOL}, (FIVE, FIVE, *UNIT)),
            ({"value": 5}, (Decimal(5), Decimal(5), "", "", "")),
            ({"value": FIVE, "comparator": "<"}, (None, FIVE, "", "", "")),
            ({"value": FIVE, "comparator": "<="}, (None, FIVE, "", "", "")),
            ({"value": FIVE, "comparator": ">"}, (FIVE, None, "", "", "")),
            ({"value": FIVE, "comparator": ">="}, (FIVE, None, "", "", "")),
        ],
    )
    def test_of_an_observation(self, quantity, row):
        found = values("Observation", valueQuantity=quantity).quantities

        assert rows(found, "value-quantity") == rows(found, "combo-value-quantity") == {row}

    @pytest.mark.parametrize(
        "quantity", [None, 5, [], {}, {"value": "5"}, {"value": True}, {"value": Decimal("NaN")}]
    )
    def test_what_is_no_quantity_gives_nothing(self, quantity):
        assert values("Observation", valueQuantity=quantity).quantities == frozenset()

    @pytest.mark.parametrize(
        ("resource_type", "elements", "parameter", "row"),
        [
            (
                "Condition",
                {"onsetAge": {"value": 7, "unit": "a"}},
                "onset-age",
                (Decimal(7), Decimal(7), "", "", "a"),
            ),
            (
                "Condition",
                {"onsetRange": {"low": {"value": 7, **MMOL}, "high": {"value": 9, **MMOL}}},
                "onset-age",
                (Decimal(7), Decimal(9), *UNIT),
            ),
            (
                "Condition",
                {"onsetRange": {"high": {"value": 9}}},
                "onset-age",
                (None, Decimal(9), "", "", ""),
            ),
            (
                "Invoice",
                {"totalNet": {"value": FIVE, "currency": "AUD"}},
                "totalnet",
                (FIVE, FIVE, "urn:iso:std:iso:4217", "AUD", "AUD"),
            ),
            (
                "RiskAssessment",
                {"prediction": [{"probabilityDecimal": FIVE}]},
                "probability",
                (FIVE, FIVE, "", "", ""),
            ),
        ],
    )
    def test_of_other_datatypes(self, resource_type, elements, parameter, row):
        assert rows(values(resource_type, **elements).quantities, parameter) == {row}

    @pytest.mark.parametrize("range", [None, 7, {}, {"low": 7, "high": []}])
    def test_what_is_no_range_gives_nothing(self, range):
        assert values("Condition", onsetRange=range).quantities == frozenset()

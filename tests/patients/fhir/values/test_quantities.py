"""Quantities are a number, and perhaps a unit with or without its system."""

from decimal import Decimal

import pytest

from patients.fhir.values.escaping import EscapingError
from patients.fhir.values.numbers import NumberError
from patients.fhir.values.quantities import QuantityValue, parse_quantity_value

_UCUM = "http://unitsofmeasure.org"
_RANGE = (Decimal("5.4"), Decimal("5.35"), Decimal("5.45"))
_NUMBER_FORM = "is not written like 100, -5.40 or 1e-3"
_FORM = f"is not written like 5.4, 5.4||mg or 5.4|{_UCUM}|mg"


@pytest.mark.parametrize(
    ("text", "value", "canonical"),
    [
        ("5.4", QuantityValue("eq", *_RANGE, None, None), "5.4"),
        (f"5.4|{_UCUM}|mg", QuantityValue("eq", *_RANGE, _UCUM, "mg"), f"5.4|{_UCUM}|mg"),
        ("5.4||mg", QuantityValue("eq", *_RANGE, None, "mg"), "5.4||mg"),
        (f"5.4|{_UCUM}|", QuantityValue("eq", *_RANGE, _UCUM, None), f"5.4|{_UCUM}|"),
        (f"le5.4|{_UCUM}|mg", QuantityValue("le", *_RANGE, _UCUM, "mg"), f"le5.4|{_UCUM}|mg"),
        ("ap5.4||mg", QuantityValue("ap", *_RANGE, None, "mg"), "ap5.4||mg"),
        ("eq5.4", QuantityValue("eq", *_RANGE, None, None), "5.4"),
        (r"5.4||m\|g\$", QuantityValue("eq", *_RANGE, None, "m|g$"), r"5.4||m\|g\$"),
        (
            "5.40e-3",
            QuantityValue("eq", *map(Decimal, ("0.00540", "0.005395", "0.005405")), None, None),
            "0.00540",
        ),
    ],
)
def test_reads_and_writes(text, value, canonical):
    assert parse_quantity_value(text) == value
    assert value.query() == canonical
    assert parse_quantity_value(canonical) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mg", _NUMBER_FORM),
        (f"|{_UCUM}|mg", _NUMBER_FORM),
        ("||mg", _NUMBER_FORM),
        ("5.4 mg", _NUMBER_FORM),
        ("5.4|mg", _FORM),
        ("5.4|", _FORM),
        ("5.4||", _FORM),
        ("5.4|a|b|c", _FORM),
    ],
)
def test_refuses_another_form(text, sentence):
    with pytest.raises(NumberError) as raised:
        parse_quantity_value(text)

    assert str(raised.value) == sentence


def test_refuses_a_stray_backslash():
    with pytest.raises(EscapingError):
        parse_quantity_value("5.4||m\\g")

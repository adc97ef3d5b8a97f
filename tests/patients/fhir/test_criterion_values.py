"""Values of each type of search parameter are read as R4 says, and written so that they are read again."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from patients.fhir.criteria import Criterion
from patients.fhir.outcomes import InvalidSearchParameter, UnknownSearchParameter, UnsupportedModifier
from patients.fhir.search_request import parse
from patients.fhir.values.composites import CompositeValue
from patients.fhir.values.dates import DateValue, date_range
from patients.fhir.values.numbers import NumberValue
from patients.fhir.values.quantities import QuantityValue
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.strings import StringValue
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import OfTypeValue, TokenValue
from patients.fhir.values.uris import UriValue

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_ACME = "http://acme.org/fhir/ValueSet/123"
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_NUMBER_FORM = "a number that is not written like 100, -5.40 or 1e-3"
_QUANTITY_FORM = f"a quantity that is not written like 5.4, 5.4||mg or 5.4|{_UCUM}|mg"
_REFERENCE_FORM = "a reference that is not written like 23, Patient/23 or http://example.org/fhir/Patient/23"
_PREFIXES = "eq, ne, gt, lt, ge, le, sa, eb, ap"


def _criterion(resource_type: str, key: str, text: str) -> Criterion:
    (criterion,) = parse(resource_type, [(key, text)]).criteria
    assert isinstance(criterion, Criterion)
    return criterion


def _number(prefix: str, *numbers: str) -> NumberValue:
    return NumberValue(prefix, *map(Decimal, numbers))


def _quantity(prefix: str, numbers: str, system: str | None, code: str | None) -> QuantityValue:
    return QuantityValue(prefix, *map(Decimal, numbers.split()), system, code)


def _date(prefix: str, text: str) -> DateValue:
    return DateValue(prefix, *date_range(text), text)


def _patient(id: str) -> ReferenceValue:
    return ReferenceValue("Patient", id, None)


def _url(text: str) -> ReferenceValue:
    return ReferenceValue(None, None, text)


_NUMBERS = [
    ("100", _number("eq", "100", "99.5", "100.5")),
    ("100.00", _number("eq", "100.00", "99.995", "100.005")),
    ("1e2", _number("eq", "1E+2", "50", "150")),
    ("0.8", _number("eq", "0.8", "0.75", "0.85")),
    ("gt0.8", _number("gt", "0.8", "0.75", "0.85")),
    ("lt100", _number("lt", "100", "99.5", "100.5")),
    ("le100", _number("le", "100", "99.5", "100.5")),
    ("ge100", _number("ge", "100", "99.5", "100.5")),
    ("ne100", _number("ne", "100", "99.5", "100.5")),
    ("sa100", _number("sa", "100", "99.5", "100.5")),
    ("eb100", _number("eb", "100", "99.5", "100.5")),
    ("ap100", _number("ap", "100", "99.5", "100.5")),
    ("eq-1", _number("eq", "-1", "-1.5", "-0.5")),
]
_QUANTITIES = [
    ("5.4", _quantity("eq", "5.4 5.35 5.45", None, None)),
    (f"5.4|{_UCUM}|mg", _quantity("eq", "5.4 5.35 5.45", _UCUM, "mg")),
    (f"5.40e-3|{_UCUM}|g", _quantity("eq", "0.00540 0.005395 0.005405", _UCUM, "g")),
    ("5.4||mg", _quantity("eq", "5.4 5.35 5.45", None, "mg")),
    (f"le5.4|{_UCUM}|mg", _quantity("le", "5.4 5.35 5.45", _UCUM, "mg")),
    (f"ap5.4|{_UCUM}|mg", _quantity("ap", "5.4 5.35 5.45", _UCUM, "mg")),
    ("gt120||mm[Hg]", _quantity("gt", "120 119.5 120.5", None, "mm[Hg]")),
]
_DATES = [
    ("2013-01-14", _date("eq", "2013-01-14")),
    ("2013-01-14T10:00", _date("eq", "2013-01-14T10:00")),
    ("ne2013-01-14", _date("ne", "2013-01-14")),
    ("lt2013-01-14T10:00", _date("lt", "2013-01-14T10:00")),
    ("gt2013-01-14T10:00", _date("gt", "2013-01-14T10:00")),
    ("ge2013-03-14", _date("ge", "2013-03-14")),
    ("le2013-03-14", _date("le", "2013-03-14")),
    ("sa2013-03-14", _date("sa", "2013-03-14")),
    ("eb2013-03-14", _date("eb", "2013-03-14")),
    ("ap2013-03-14", _date("ap", "2013-03-14")),
    ("2013-03-14T09:00:00+10:00", _date("eq", "2013-03-14T09:00:00+10:00")),
]
_TOKENS = [
    ("1234-5", TokenValue(None, "1234-5")),
    (f"{_LOINC}|1234-5", TokenValue(_LOINC, "1234-5")),
    ("|1234-5", TokenValue("", "1234-5")),
    (f"{_LOINC}|", TokenValue(_LOINC, None)),
    (r"a\|b", TokenValue(None, "a|b")),
    (r"a\$b", TokenValue(None, "a$b")),
    ("a$b", TokenValue(None, "a$b")),
]
_REFERENCES = [
    ("23", ReferenceValue(None, "23", None)),
    ("Patient/23", _patient("23")),
    ("http://acme.org/fhir/Patient/23", _url("http://acme.org/fhir/Patient/23")),
    ("urn:uuid:1d4d5a10-8d1b-4c4f-b9b5-0a1c6e3f6f52", _url("urn:uuid:1d4d5a10-8d1b-4c4f-b9b5-0a1c6e3f6f52")),
]
_TABLE = [
    *(("RiskAssessment", "probability", *row) for row in _NUMBERS),
    *(("Observation", "value-quantity", *row) for row in _QUANTITIES),
    *(("Observation", "date", *row) for row in _DATES),
    *(("Observation", "code", *row) for row in _TOKENS),
    *(("Observation", "subject", *row) for row in _REFERENCES),
    ("Observation", "_lastUpdated", "gt2010-10-01", _date("gt", "2010-10-01")),
    ("Observation", "_id", "23", TokenValue(None, "23")),
    (
        "Observation",
        "_tag",
        "http://acme.org/codes|needs-review",
        TokenValue("http://acme.org/codes", "needs-review"),
    ),
    ("Observation", "_security", "|R", TokenValue("", "R")),
    (
        "Observation",
        "_profile",
        "http://hl7.org/fhir/StructureDefinition/bp",
        UriValue("http://hl7.org/fhir/StructureDefinition/bp"),
    ),
    (
        "Observation",
        "_source",
        "http://example.com/Organization/123",
        UriValue("http://example.com/Organization/123"),
    ),
    ("Observation", "_text", "cancer metastases", TextValue("cancer metastases")),
    ("Observation", "_content", "cancer OR liver", TextValue("cancer OR liver")),
    ("Patient", "_list", "42", ReferenceValue("List", "42", None)),
    ("Patient", "_list", "List/42", ReferenceValue("List", "42", None)),
    ("Observation", "code:text", "headache", TextValue("headache")),
    ("Observation", "code:text", r"a\,b", TextValue("a,b")),
    (
        "Condition",
        "code:not",
        "http://snomed.info/sct|22298006",
        TokenValue("http://snomed.info/sct", "22298006"),
    ),
    ("Observation", "identifier:of-type", f"{_TYPES}|MR|446053", OfTypeValue(_TYPES, "MR", "446053")),
    ("Observation", "identifier:of-type", r"urn:x|a\|b|c\,d", OfTypeValue("urn:x", "a|b", "c,d")),
    ("Observation", "patient", "23", _patient("23")),
    ("Observation", "patient", "Patient/23", _patient("23")),
    ("Observation", "subject:Patient", "23", _patient("23")),
    ("Observation", "subject:Patient", "Patient/23", _patient("23")),
    ("Observation", "subject:Patient", "http://x.org/Patient/23", _url("http://x.org/Patient/23")),
    (
        "Observation",
        "subject:identifier",
        "http://acme.org/mrn|2345",
        TokenValue("http://acme.org/mrn", "2345"),
    ),
    ("Observation", "subject:identifier", "2345", TokenValue(None, "2345")),
    ("Observation", "subject:missing", "true", True),
    ("Observation", "value-quantity:missing", "false", False),
    ("Observation", "code-value-quantity:missing", "true", True),
    ("ValueSet", "url", _ACME, UriValue(_ACME)),
    ("ValueSet", "url", "urn:oid:1.2.3.4.5", UriValue("urn:oid:1.2.3.4.5")),
    ("ValueSet", "url:below", "http://acme.org/fhir/", UriValue("http://acme.org/fhir/")),
    ("ValueSet", "url:above", f"{_ACME}/_history/5", UriValue(f"{_ACME}/_history/5")),
    ("ValueSet", "url", f"{_ACME}|1.0", UriValue(f"{_ACME}|1.0")),
    ("ValueSet", "name", "Diag", StringValue("Diag", "diag")),
    ("ValueSet", "name:exact", "Diag", StringValue("Diag", "diag")),
    ("ValueSet", "title:contains", "gnos", StringValue("gnos", "gnos")),
    (
        "Observation",
        "code-value-quantity",
        f"{_LOINC}|8480-6$lt60",
        CompositeValue((TokenValue(_LOINC, "8480-6"), _quantity("lt", "60 59.5 60.5", None, None))),
    ),
    (
        "Observation",
        "code-value-quantity",
        f"{_LOINC}|12907-2$ge150|{_UCUM}|mmol/L",
        CompositeValue((TokenValue(_LOINC, "12907-2"), _quantity("ge", "150 149.5 150.5", _UCUM, "mmol/L"))),
    ),
    (
        "Observation",
        "code-value-string",
        r"a\$b$c\$d",
        CompositeValue((TokenValue(None, "a$b"), StringValue("c$d", "c$d"))),
    ),
    (
        "Observation",
        "code-value-date",
        "8480-6$ge2013-03-14",
        CompositeValue((TokenValue(None, "8480-6"), _date("ge", "2013-03-14"))),
    ),
    (
        "Group",
        "characteristic-value",
        "gender$mixed",
        CompositeValue((TokenValue(None, "gender"), TokenValue(None, "mixed"))),
    ),
    (
        "DocumentReference",
        "relationship",
        "replaces$DocumentReference/1",
        CompositeValue((TokenValue(None, "replaces"), ReferenceValue("DocumentReference", "1", None))),
    ),
]


class TestValue:
    @pytest.mark.parametrize(("resource_type", "key", "text", "value"), _TABLE)
    def test_is_read_as_r4_says(self, resource_type, key, text, value):
        assert _criterion(resource_type, key, text).values == (value,)

    @pytest.mark.parametrize(("resource_type", "key", "text", "value"), _TABLE)
    def test_is_read_again_as_it_is_written(self, resource_type, key, text, value):
        criterion = _criterion(resource_type, key, text)

        ((name, written),) = parse_qsl(criterion.query(), strict_parsing=True)
        assert _criterion(resource_type, name, written) == criterion

    @pytest.mark.parametrize(
        ("key", "text", "values"),
        [
            ("code", "a,|b,c|", (TokenValue(None, "a"), TokenValue("", "b"), TokenValue("c", None))),
            ("subject", "1,Group/2", (ReferenceValue(None, "1", None), ReferenceValue("Group", "2", None))),
            ("subject:Patient", "1,2", (_patient("1"), _patient("2"))),
            ("_text", "a,b", (TextValue("a"), TextValue("b"))),
            (
                "code-value-quantity",
                "a$1,b$2",
                (
                    CompositeValue((TokenValue(None, "a"), _quantity("eq", "1 0.5 1.5", None, None))),
                    CompositeValue((TokenValue(None, "b"), _quantity("eq", "2 1.5 2.5", None, None))),
                ),
            ),
        ],
    )
    def test_may_be_one_of_several(self, key, text, values):
        assert _criterion("Observation", key, text).values == values

    def test_of_one_type_is_no_modifier(self):
        by_modifier = _criterion("Observation", "subject:Patient", "23")

        assert by_modifier == _criterion("Observation", "subject", "Patient/23")
        assert by_modifier.query() == "subject=Patient/23"


_REFUSED = [
    (
        "RiskAssessment",
        "probability",
        "high",
        f"has {_NUMBER_FORM}, after a prefix if need be ({_PREFIXES}).",
    ),
    ("RiskAssessment", "probability", "+1", f"has {_NUMBER_FORM}."),
    (
        "RiskAssessment",
        "probability",
        "1e99",
        "has a number that has more than 64 significant digits or an exponent beyond ±64.",
    ),
    ("RiskAssessment", "probability", "1,", "has an empty value in its list."),
    ("RiskAssessment", "probability", "", "has no value."),
    ("Observation", "value-quantity", "5.4|mg", f"has {_QUANTITY_FORM}."),
    ("Observation", "value-quantity", "5.4||", f"has {_QUANTITY_FORM}."),
    (
        "Observation",
        "value-quantity",
        f"|{_UCUM}|mg",
        "has a quantity that is not written like 100, -5.40 or 1e-3.",
    ),
    (
        "Observation",
        "value-quantity",
        "5.4||m\\g",
        r"has a backslash that escapes nothing; a backslash that is part of a value is written '\\'.",
    ),
    (
        "Observation",
        "date",
        "14/3/2013",
        "has a date that is not written like 2026, 2026-07, 2026-07-15 or 2026-07-15T09:30:00Z.",
    ),
    ("Observation", "date", "2013-02-30", "has a date that does not exist in the calendar."),
    ("Observation", "code", "|", "has neither a system nor a code."),
    (
        "Observation",
        "code",
        "a|b|c",
        r"has a value with more than one '|'; a '|' that is part of a value is written '\|'.",
    ),
    ("Observation", "code:text", "\u0301", "has no letters to search for."),
    ("Observation", "_text", " ", "has no letters to search for."),
    ("Observation", "identifier:of-type", "MR|446053", "takes ':of-type' as system|code|value, all three."),
    ("Observation", "identifier:of-type", "a|b|", "takes ':of-type' as system|code|value, all three."),
    ("Observation", "identifier:of-type", "a||c", "takes ':of-type' as system|code|value, all three."),
    ("Observation", "identifier:of-type", "a|b|c|d", "takes ':of-type' as system|code|value, all three."),
    ("Observation", "subject", "Patient/", f"has {_REFERENCE_FORM}."),
    ("Observation", "subject", "a b", f"has {_REFERENCE_FORM}."),
    ("Observation", "subject", "#p1", f"has {_REFERENCE_FORM}."),
    (
        "Observation",
        "subject",
        "Patient/1/_history/2",
        "has a reference that names a version; references are found whichever version they name.",
    ),
    ("Observation", "subject", "Pateint/1", "has a reference that names a type that R4 does not know."),
    ("Observation", "subject", "Practitioner/1", "does not refer to resources of type 'Practitioner'."),
    ("Observation", "subject:Patient", "Group/1", "does not refer to resources of type 'Group'."),
    ("Observation", "patient", "Group/1", "does not refer to resources of type 'Group'."),
    ("Observation", "subject:identifier", "|", "has neither a system nor a code."),
    ("Observation", "subject:identifier", "urn:x|", "needs a value after the '|' for ':identifier'."),
    ("Observation", "subject", "a\0", "has a character that no text may have."),
    ("Patient", "_list", "$current-allergies", "takes the id of a List; functional lists are not kept here."),
    ("Patient", "_list", "Group/1", "does not refer to resources of type 'Group'."),
    ("ValueSet", "url", " ", "has no URI to search for."),
    (
        "ValueSet",
        "url",
        "a\\b",
        r"has a backslash that escapes nothing; a backslash that is part of a value is written '\\'.",
    ),
    (
        "Observation",
        "code-value-quantity",
        "8480-6",
        r"takes code$value-quantity, all of them; a '$' that is part of a value is written '\$'.",
    ),
    (
        "Observation",
        "code-value-quantity",
        "8480-6$",
        r"takes code$value-quantity, all of them; a '$' that is part of a value is written '\$'.",
    ),
    (
        "Observation",
        "code-value-quantity",
        "a$1$2",
        r"takes code$value-quantity, all of them; a '$' that is part of a value is written '\$'.",
    ),
    (
        "Observation",
        "code-value-quantity",
        "a$b",
        f"has {_NUMBER_FORM.replace('number', 'quantity')}, after a prefix if need be ({_PREFIXES}).",
    ),
    ("Observation", "code-value-quantity", "|$1", "has neither a system nor a code."),
    ("ValueSet", "url:above", "urn:a" + 51 * "/", "takes ':above' of a URI with at most 50 slashes."),
]


class TestRefusal:
    @pytest.mark.parametrize(("resource_type", "key", "text", "sentence"), _REFUSED)
    def test_names_the_parameter_and_what_it_takes(self, resource_type, key, text, sentence):
        with pytest.raises(InvalidSearchParameter) as raised:
            _criterion(resource_type, key, text)

        assert str(raised.value) == f"Search parameter '{key.partition(':')[0]}' {sentence}"

    def test_of_missing_that_is_neither_true_nor_false(self):
        with pytest.raises(InvalidSearchParameter) as raised:
            _criterion("Observation", "subject:missing", "maybe")

        assert str(raised.value) == "Search parameter 'subject:missing' takes true or false."

    @pytest.mark.parametrize("modifier", ["in", "not-in", "above", "below"])
    def test_of_what_needs_a_terminology_server(self, modifier):
        with pytest.raises(UnsupportedModifier) as raised:
            _criterion("Observation", f"code:{modifier}", "http://snomed.info/sct?fhir_vs=isa/126851005")

        assert str(raised.value) == (
            f"Search parameter 'code' does not take the modifier ':{modifier}': "
            "a terminology server is needed for it, and there is none here."
        )

    @pytest.mark.parametrize(
        ("resource_type", "key", "sentence"),
        [
            ("Observation", "subject:Practitioner", "does not refer to resources of type 'Practitioner'."),
            (
                "Observation",
                "subject:Pateint",
                "does not take the modifier ':Pateint', only :identifier, :missing.",
            ),
            ("Observation", "date:exact", "does not take the modifier ':exact', only :missing."),
            (
                "Observation",
                "value-quantity:Patient",
                "does not take the modifier ':Patient', only :missing.",
            ),
            ("Observation", "code:exact", "does not take the modifier ':exact', only "),
            ("ValueSet", "url:exact", "does not take the modifier ':exact', only :above, :below, :missing."),
            (
                "ValueSet",
                "name:text",
                "does not take the modifier ':text', only :contains, :exact, :missing.",
            ),
            ("RiskAssessment", "probability:", "does not take the modifier ':', only :missing."),
        ],
    )
    def test_of_a_modifier_that_is_not_offered(self, resource_type, key, sentence):
        with pytest.raises(UnsupportedModifier) as raised:
            _criterion(resource_type, key, "5")

        assert str(raised.value).startswith(f"Search parameter '{key.partition(':')[0]}' {sentence}")

    def test_of_positions(self):
        with pytest.raises(UnknownSearchParameter) as raised:
            _criterion("Location", "near", "-83.694810|42.256500|11.20|km")

        assert str(raised.value) == (
            "Search parameter 'near' is not supported: positions are not compared here."
        )

    @pytest.mark.parametrize(
        ("name", "what"), [("_query", "named queries"), ("_filter", "filter expressions")]
    )
    def test_of_other_ways_to_search(self, name, what):
        with pytest.raises(UnknownSearchParameter) as raised:
            _criterion("Observation", name, "x")

        assert str(raised.value) == f"Search parameter '{name}' is not supported: there are no {what} here."

"""References are an id, a type and an id, or the URL of something elsewhere."""

import pytest

from patients.fhir.values.references import ReferenceFormError, ReferenceValue, parse_reference_value

_FORM = "is not written like 23, Patient/23 or http://example.org/fhir/Patient/23"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("23", ReferenceValue(None, "23", None)),
        ("a.b-C", ReferenceValue(None, "a.b-C", None)),
        ("x" * 64, ReferenceValue(None, "x" * 64, None)),
        ("Patient/23", ReferenceValue("Patient", "23", None)),
        (
            "http://example.org/fhir/Patient/23",
            ReferenceValue(None, None, "http://example.org/fhir/Patient/23"),
        ),
        (
            "http://example.org/fhir/ValueSet/x|1.0",
            ReferenceValue(None, None, "http://example.org/fhir/ValueSet/x|1.0"),
        ),
        (
            "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7",
            ReferenceValue(None, None, "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"),
        ),
        ("urn:oid:1.2.3", ReferenceValue(None, None, "urn:oid:1.2.3")),
    ],
)
def test_reads(text, value):
    assert parse_reference_value(text) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", _FORM),
        (" ", _FORM),
        ("#inside", _FORM),
        ("Patient/", _FORM),
        ("/23", _FORM),
        ("Patient/2 3", _FORM),
        ("Patient/23/", _FORM),
        ("Patient/a/b", _FORM),
        ("a_b", _FORM),
        ("x" * 65, _FORM),
        ("http:", _FORM),
        ("http://a b", _FORM),
        ("Patient?identifier=1", _FORM),
        ("Pateint/23", "names a type that R4 does not know"),
        ("patient/23", "names a type that R4 does not know"),
        (
            "Patient/23/_history/4",
            "names a version; references are found whichever version they name",
        ),
    ],
)
def test_refuses_what_is_no_reference(text, sentence):
    with pytest.raises(ReferenceFormError) as raised:
        parse_reference_value(text)

    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ReferenceValue(None, "23", None), "23"),
        (ReferenceValue("Patient", "23", None), "Patient/23"),
        (ReferenceValue(None, None, "http://x/a,b|1$"), r"http://x/a\,b\|1\$"),
    ],
)
def test_writes(value, text):
    assert value.query() == text

"""What lies below an address of this service is what is here; nothing else is."""

import pytest

from patients.fhir import own_addresses
from patients.fhir.compartments import patient_id
from patients.fhir.search_values.references import of_reference
from patients.fhir.values.references import ReferenceValue, parse_reference_value


@pytest.fixture(autouse=True)
def addresses():
    known = own_addresses.known()
    own_addresses.know(["https://clinic.example/fhir/", "http://localhost:8000/fhir"])
    yield
    own_addresses.know(known)


@pytest.mark.parametrize(
    "url",
    [
        "https://clinic.example/fhir/Patient/1",
        "http://localhost:8000/fhir/Patient/1",
        "http://localhost:8000/fhir/Patient/1/_history/2",
    ],
)
def test_is_the_relative_reference(url):
    assert of_reference({"reference": url}) == (("Patient", "1"),)
    assert patient_id(url) == "1"


@pytest.mark.parametrize(
    "url",
    [
        "http://clinic.example/fhir/Patient/1",
        "https://clinic.example/fhirs/Patient/1",
        "https://clinic.example.org/fhir/Patient/1",
        "https://clinic.example/fhir/Patient/1/2",
        "https://clinic.example/fhir/Pateint 1",
        "https://clinic.example/fhir/",
        "http://localhost:8001/fhir/Patient/1",
        "urn:uuid:https://clinic.example/fhir/Patient/1",
    ],
)
def test_anything_else_is_elsewhere(url):
    assert of_reference({"reference": url}) == (("", url),)
    assert patient_id(url) is None
    if " " not in url:
        assert parse_reference_value(url) == ReferenceValue(None, None, url)


def test_is_searched_as_the_relative_reference():
    assert parse_reference_value("https://clinic.example/fhir/Patient/1") == parse_reference_value(
        "Patient/1"
    )

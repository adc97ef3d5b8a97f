"""The table of search parameters is in order and says what R4 says."""

import pytest

from patients.fhir.search_parameters import SEARCH_PARAMETERS

_PATIENT = SEARCH_PARAMETERS["Patient"]


def test_offers_the_patient_parameters_in_alphabetical_order():
    assert list(_PATIENT) == [
        "_id",
        "_lastUpdated",
        "active",
        "address-city",
        "birthdate",
        "deceased",
        "email",
        "family",
        "gender",
        "given",
        "identifier",
        "name",
        "phone",
        "telecom",
    ]


def test_sorts_by_these():
    sortable = [parameter.name for parameter in _PATIENT.values() if parameter.is_sortable]

    assert sortable == ["_id", "_lastUpdated", "birthdate", "family", "given", "name"]


@pytest.mark.parametrize("parameter", _PATIENT.values(), ids=list(_PATIENT))
def test_each_parameter_is_described_and_can_be_asked_for_missing(parameter):
    assert parameter.documentation.endswith(".")
    assert parameter.expression.startswith("Patient.")
    assert list(parameter.modifiers) == sorted(parameter.modifiers)
    assert "missing" in parameter.modifiers

"""The table of search parameters is in order and says what R4 says."""

import pytest

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS, SEARCH_PARAMETERS, parameters_of

_PATIENT = NATIVE_PATIENT_PARAMETERS


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

    assert sortable == [name for name in _PATIENT if name != "address-city"]


@pytest.mark.parametrize("parameter", _PATIENT.values(), ids=list(_PATIENT))
def test_each_parameter_is_described_and_can_be_asked_for_missing(parameter):
    assert parameter.documentation.endswith(".")
    assert parameter.expression.startswith("Patient.")
    assert list(parameter.modifiers) == sorted(parameter.modifiers)
    assert "missing" in parameter.modifiers


class TestOfAllTypes:
    def test_there_are_all_that_r4_defines(self):
        assert len(SEARCH_PARAMETERS) == len(RESOURCE_TYPES) == 146
        assert sum(map(len, SEARCH_PARAMETERS.values())) == 3010
        assert all(list(named) == sorted(named) for named in SEARCH_PARAMETERS.values())

    def test_a_type_unknown_to_r4_has_none(self):
        assert "Fax" not in SEARCH_PARAMETERS
        assert dict(parameters_of("Fax")) == {}

    def test_a_reference_has_targets(self):
        subject = parameters_of("Observation")["subject"]

        assert subject.targets == ("Device", "Group", "Location", "Patient")
        assert subject.modifiers == ("identifier", "missing")
        assert subject.url == "http://hl7.org/fhir/SearchParameter/Observation-subject"

    def test_a_composite_has_components(self):
        composite = parameters_of("Observation")["component-code-value-quantity"]

        assert [(each.name, each.type, each.datatype) for each in composite.components] == [
            ("component-code", "token", "CodeableConcept"),
            ("component-value-quantity", "quantity", "Quantity"),
        ]

    def test_a_bound_code_has_the_system_it_is_bound_to(self):
        status = parameters_of("Observation")["status"]

        assert (status.datatype, status.system) == ("code", "http://hl7.org/fhir/observation-status")

    def test_documentation_is_of_the_type(self):
        assert parameters_of("Goal")["patient"].documentation == "Who this goal is intended for."

    def test_the_native_ones_of_patient_are_described_by_hand(self):
        assert (
            parameters_of("Patient")["phone"].documentation
            == NATIVE_PATIENT_PARAMETERS["phone"].documentation
        )
        assert parameters_of("Patient").keys() > NATIVE_PATIENT_PARAMETERS.keys()

    def test_identifiers_can_be_asked_for_by_their_type(self):
        assert parameters_of("Account")["identifier"].modifiers == ("missing", "not", "of-type", "text")

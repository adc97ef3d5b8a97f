"""The packaged tables are what HL7's definitions give, and what they give is R4."""

from patients.fhir import definitions
from patients.fhir.definitions import RESOURCE_TYPES, build, definition
from tests import published


@published.needs_published_data
class TestTables:
    def test_are_what_the_definitions_give(self):
        assert build.compile_tables(published.DEFINITIONS) == definitions.tables()

    def test_know_the_resource_types_of_the_definitions(self):
        assert set(build.resource_types(published.DEFINITIONS)) == RESOURCE_TYPES


class TestDefinition:
    def test_has_the_elements_of_a_resource_type(self):
        patient = definition("Patient")

        assert list(patient.elements)[:4] == ["id", "meta", "implicitRules", "language"]
        assert patient.elements["name"] == definitions.Element("HumanName", is_list=True, is_summary=True)
        assert not patient.elements["maritalStatus"].is_summary
        assert patient.elements["link"].type == "Patient.link"
        assert definition("Patient.link").elements["type"].is_required

    def test_has_the_members_of_a_choice(self):
        [value] = definition("Observation.component").choices

        assert (value.name, value.is_required) == ("value[x]", False)
        assert value.members[:3] == ("valueQuantity", "valueCodeableConcept", "valueString")

    def test_has_the_codes_of_a_required_binding(self):
        gender = definition("Patient").elements["gender"].value_set

        assert gender.codes == {"male", "female", "other", "unknown"}

    def test_has_no_codes_of_other_bindings(self):
        assert definition("Patient").elements["maritalStatus"].value_set is None

    def test_has_the_types_that_references_may_point_to(self):
        assert definition("Patient").elements["generalPractitioner"].targets == (
            "Organization",
            "Practitioner",
            "PractitionerRole",
        )

    def test_repeats_a_backbone_element_that_another_refers_to(self):
        assert (
            definition("Observation.component").elements["referenceRange"].type
            == "Observation.referenceRange"
        )

    def test_has_no_element_that_only_the_copy_of_the_definitions_knows(self):
        assert "project" not in definition("Meta").elements
        assert "valueMeta" not in definition("Extension").elements
        assert "label" not in definition("ResearchStudy").elements

    def test_has_the_elements_that_the_copy_of_the_definitions_lost(self):
        assert definition("EvidenceVariable.characteristic").elements["timeFromStart"].type == "Duration"
        assert definition("Bundle.entry.response").elements["outcome"].type == "Resource"

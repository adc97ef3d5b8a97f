"""The table of the patient compartment is what HL7's definitions say."""

from __future__ import annotations

from pathlib import Path

import pytest

from patients.fhir.definitions import patient_compartment
from patients.fhir.definitions.build_compartments import element_paths, reference_paths, source
from tests import published


class TestElementPaths:
    @pytest.mark.parametrize(
        ("expression", "paths"),
        [
            ("Observation.subject", [("subject",)]),
            ("Observation.subject.where(resolve() is Patient)", [("subject",)]),
            ("(Observation.subject | Observation.performer)", [("subject",), ("performer",)]),
            ("(Observation.value as Reference)", [("value",)]),
            ("Observation.value.as(Reference)", [("value",)]),
            ("Observation.value.ofType(Reference)", [("value",)]),
            ("Condition.subject | Observation.component.member.actor", [("component", "member", "actor")]),
            ("Condition.subject", []),
        ],
    )
    def test_are_those_of_the_type(self, expression, paths):
        assert list(element_paths("Observation", expression)) == paths

    @pytest.mark.parametrize(
        "expression", ["Observation.extension('urn:x').value", "Observation.subject.first()", ""]
    )
    def test_refuses_an_expression_that_does_more(self, expression):
        with pytest.raises(ValueError, match="which is more than a path"):
            list(element_paths("Observation", expression))


@published.needs_published_data
class TestTable:
    def test_is_what_the_definitions_give(self):
        table = reference_paths(published.DEFINITIONS)

        assert {name: tuple(paths) for name, paths in table.items()} == patient_compartment.REFERENCE_PATHS

    def test_is_written_as_it_was_built(self):
        written = Path(patient_compartment.__file__).read_text()

        assert source(reference_paths(published.DEFINITIONS)) == written

    def test_leaves_out_no_type_but_the_one_that_hl7_leaves_out(self):
        members = published.definition("compartmentdefinition-patient")["resource"]

        named = {each["code"] for each in members if "param" in each}
        assert named - {"Task"} == set(patient_compartment.REFERENCE_PATHS)

    def test_leads_to_references_only(self):
        types = {}
        for entry in published.definition("profiles-resources")["entry"]:
            for element in entry["resource"].get("snapshot", {}).get("element", []):
                types[element["path"]] = {type["code"] for type in element.get("type", [])}

        wrong = [
            (name, path)
            for name, paths in patient_compartment.REFERENCE_PATHS.items()
            for path in paths
            if "Reference" not in types[".".join((name, *path))]
        ]
        assert wrong == []

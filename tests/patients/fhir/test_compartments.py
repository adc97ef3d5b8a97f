"""A resource is in the compartments of the Patients that it names where HL7's definition looks."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from patients.fhir.compartments import compartment_patients, patient_id
from patients.fhir.definitions.patient_compartment import REFERENCE_PATHS
from tests import published


def _to(*ids: str) -> list[dict[str, str]]:
    return [{"reference": f"Patient/{id}"} for id in ids]


class TestPatientId:
    @pytest.mark.parametrize(
        ("reference", "id"),
        [
            ("Patient/a", "a"),
            ("Patient/A-1.b", "A-1.b"),
            ("Patient/a/_history/3", "a"),
            ("Patient/" + "x" * 64, "x" * 64),
            ("Patient/" + "x" * 65, None),
            ("Patient/", None),
            ("Patient/a/", None),
            ("Patient/a/_history", None),
            ("Patient/a_b", None),
            ("/Patient/a", None),
            ("patient/a", None),
            ("RelatedPerson/a", None),
            ("Patient/a\n", None),
            ("#a", None),
            ("Patient?identifier=1", None),
            ("urn:uuid:d6e6fd8f-6d5b-4c1b-9a0e-0d7c5f3c8a11", None),
            ("http://elsewhere.example/fhir/Patient/a", None),
            (None, None),
            (7, None),
        ],
    )
    def test_is_of_relative_references_to_patients(self, reference, id):
        assert patient_id(reference) == id


class TestCompartmentPatients:
    @pytest.mark.parametrize(
        ("resource_type", "value", "ids"),
        [
            ("Observation", {"subject": _to("a")[0], "performer": _to("b", "c")}, {"a", "b", "c"}),
            ("Observation", {"focus": _to("a")}, set()),
            (
                "Appointment",
                {"participant": [{"actor": _to("a")[0]}, {}, {"actor": _to("b")[0]}]},
                {"a", "b"},
            ),
            (
                "AuditEvent",
                {"agent": [{"who": _to("a")[0]}], "entity": [{"what": _to("b")[0]}, {}]},
                {"a", "b"},
            ),
            (
                "CarePlan",
                {"subject": _to("a")[0], "activity": [{"detail": {"performer": _to("b")}}]},
                {"a", "b"},
            ),
            ("Coverage", {"beneficiary": _to("a")[0], "payor": _to("a", "b")}, {"a", "b"}),
            ("Group", {"member": [{"entity": _to("a")[0]}, {"entity": {"reference": "Device/x"}}]}, {"a"}),
            ("Provenance", {"target": [*_to("a"), {"reference": "Observation/x"}]}, {"a"}),
            ("SupplyRequest", {"deliverTo": _to("a")[0]}, {"a"}),
            ("Patient", {"id": "a", "link": [{"other": _to("b")[0]}]}, {"b"}),
            ("Observation", {"subject": {"identifier": {"value": "1"}, "display": "A"}}, set()),
            ("Observation", {"subject": {"_reference": {"id": "x"}}}, set()),
            ("Medication", {"subject": _to("a")[0]}, set()),
            ("Task", {"for": _to("a")[0]}, set()),
            ("Observation", {}, set()),
            ("Observation", {"subject": "Patient/a", "performer": ["x", None]}, set()),
        ],
    )
    def test_are_those_of_all_paths_of_the_type(self, resource_type, value, ids):
        assert compartment_patients(resource_type, value) == ids

    @published.needs_published_data
    def test_of_published_examples_are_all_but_those_named_in_passing(self):
        examples = [each for each in published.hl7_examples() if each["resourceType"] in REFERENCE_PATHS]
        naming = [each for each in examples if '"reference": "Patient/' in json.dumps(each, default=str)]

        left_out = [each for each in naming if not compartment_patients(each["resourceType"], each)]

        # An entry of a List and the agent of a Provenance are no way into a compartment.
        assert [(each["resourceType"], each["id"]) for each in left_out] == [
            ("List", "long"),
            ("Provenance", "consent-signature"),
            ("Provenance", "example-cwl"),
        ]
        assert len(naming) == 376

    @published.needs_published_data
    def test_of_a_published_record_are_its_patient(self):
        for bundle in published.synthea_bundles(limit=4):
            patient = bundle["entry"][0]
            referring = [
                each["resource"]
                for each in bundle["entry"]
                if _refers_to(each["resource"], patient["fullUrl"])
            ]

            members = [each for each in _resolved(bundle) if compartment_patients(each["resourceType"], each)]

            assert patient["resource"]["resourceType"] == "Patient"
            assert Counter(_key(each) for each in members) == Counter(_key(each) for each in referring)
            assert {id for each in members for id in compartment_patients(each["resourceType"], each)} == {
                patient["resource"]["id"]
            }
            assert len(members) > 100


def _key(value: dict) -> tuple[str, str]:
    return value["resourceType"], value["id"]


def _resolved(bundle: dict) -> list[dict]:
    """Give each `urn:uuid` of the bundle the type and id that it stands for, as a transaction does."""
    text = json.dumps([entry["resource"] for entry in bundle["entry"]], default=str)
    for entry in bundle["entry"]:
        reference = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        text = text.replace(f'"{entry["fullUrl"]}"', f'"{reference}"')
    return json.loads(text)


def _refers_to(value: dict, url: str) -> bool:
    """Tell whether one of the usual elements refers to the Patient of this URL."""
    references = [
        value.get("subject"),
        value.get("patient"),
        *value.get("target", []),
        *value.get("link", []),
    ]
    return value["resourceType"] in REFERENCE_PATHS and {"reference": url} in [
        {"reference": reference.get("reference")} for reference in references if isinstance(reference, dict)
    ]

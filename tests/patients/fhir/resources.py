"""Small valid resources, to be changed by tests: `patient(gender="M")`, `observation(status=MISSING)`."""

from typing import Any

MISSING = object()
"""Stands for a member that is taken out."""

Value = dict[str, Any]
Broken = tuple[str, Value, str]
"""What is wrong, a resource, and the element that must be named."""

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
UNKNOWN = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
"""The twin of a primitive that has no value."""


def patient(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "Patient",
            "id": "pat1",
            "identifier": [{"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "12345"}],
            "name": [{"use": "official", "family": "Okonkwo", "given": ["Adaeze", "Ngozi"]}],
            "telecom": [{"system": "phone", "value": "+234 1 555 0199", "rank": 1}],
            "gender": "female",
            "birthDate": "1974-12-25",
        },
        changes,
    )


def observation(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "Observation",
            "id": "obs1",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}], "text": "Body weight"},
            "subject": {"reference": "Patient/pat1"},
            "effectiveDateTime": "2020-02-03T09:15:00+01:00",
            "valueQuantity": {
                "value": 72.5,
                "unit": "kg",
                "system": "http://unitsofmeasure.org",
                "code": "kg",
            },
        },
        changes,
    )


def encounter(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "Encounter",
            "id": "enc1",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": "Patient/pat1"},
            "period": {"start": "2020-02-03T09:00:00+01:00", "end": "2020-02-03T09:40:00+01:00"},
        },
        changes,
    )


def condition(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "Condition",
            "id": "con1",
            "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
            "code": {"text": "Asthma"},
            "subject": {"reference": "Patient/pat1"},
        },
        changes,
    )


def allergy(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "AllergyIntolerance",
            "id": "all1",
            "clinicalStatus": concept(
                "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"
            ),
            "code": {"text": "Peanut"},
            "patient": {"reference": "Patient/pat1"},
        },
        changes,
    )


def medication_request(**changes: Any) -> Value:
    return _changed(
        {
            "resourceType": "MedicationRequest",
            "id": "med1",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "Salbutamol 100 micrograms"},
            "subject": {"reference": "Patient/pat1"},
        },
        changes,
    )


def bundle(*resources: Value, **changes: Any) -> Value:
    entries = [{"resource": resource} for resource in resources]
    return _changed({"resourceType": "Bundle", "type": "collection", "entry": entries}, changes)


def concept(system: str, code: str) -> Value:
    return {"coding": [{"system": system, "code": code}]}


def narrative(content: str) -> Value:
    return {"status": "generated", "div": f"<div {XHTML}>{content}</div>"}


def _changed(resource: Value, changes: Value) -> Value:
    # `class_` is the Encounter's class, which is a word of Python's.
    renamed = {name.removesuffix("_"): value for name, value in changes.items()}
    return {name: value for name, value in {**resource, **renamed}.items() if value is not MISSING}

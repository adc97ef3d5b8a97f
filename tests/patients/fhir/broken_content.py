"""Resources that break rules of R4: what is wrong, the resource, and the element to be named."""

from tests.patients.fhir.resources import (
    MISSING,
    Broken,
    allergy,
    bundle,
    concept,
    condition,
    encounter,
    medication_request,
    observation,
    patient,
)

_CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_NESTED_EXTENSION = {"url": "http://example.org/part", "valueString": "x"}

REFERENCES: list[Broken] = [
    ("another type", observation(subject={"reference": "Medication/1"}), "Observation.subject"),
    (
        "another type, with its version",
        observation(subject={"reference": "Medication/1/_history/2"}),
        "Observation.subject",
    ),
    (
        "another type, by a search",
        observation(subject={"reference": "Medication?code=x"}),
        "Observation.subject",
    ),
    ("a type that is not there", observation(subject={"reference": "Patientt/1"}), "Observation.subject"),
    ("a type in small letters", observation(subject={"reference": "patient/1"}), "Observation.subject"),
    ("no type", observation(subject={"reference": "12345"}), "Observation.subject"),
    ("a type only", observation(subject={"reference": "Patient"}), "Observation.subject"),
    (
        "an id that is too long",
        observation(subject={"reference": f"Patient/{'1' * 65}"}),
        "Observation.subject",
    ),
    (
        "a patient for a practitioner",
        patient(generalPractitioner=[{"reference": "Patient/2"}]),
        "Patient.generalPractitioner[0]",
    ),
    ("nothing contained", observation(subject={"reference": "#nobody"}), "Observation.subject"),
    (
        "contained of another type",
        observation(contained=[{"resourceType": "Medication", "id": "m"}], subject={"reference": "#m"}),
        "Observation.subject",
    ),
    (
        "contained in another entry",
        bundle(
            observation(
                contained=[{"resourceType": "Patient", "id": "p"}],
                subject={"reference": "#p"},
            ),
            condition(subject={"reference": "#p"}),
        ),
        "Bundle.entry[1].resource.subject",
    ),
]

BINDINGS: list[Broken] = [
    (
        "clinical status of no such code",
        condition(clinicalStatus=concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "over")),
        "Condition.clinicalStatus",
    ),
    (
        "clinical status of another system",
        condition(clinicalStatus=concept("http://example.org/status", "active")),
        "Condition.clinicalStatus",
    ),
]

INVARIANTS: list[Broken] = [
    ("pat-1", patient(contact=[{"gender": "female"}]), "Patient.contact[0]"),
    ("obs-3", observation(referenceRange=[{"age": {"low": {"value": 1}}}]), "Observation.referenceRange[0]"),
    ("obs-6", observation(dataAbsentReason={"text": "not done"}), "Observation.dataAbsentReason"),
    (
        "obs-7",
        observation(component=[{"code": concept("http://loinc.org", "29463-7"), "valueString": "x"}]),
        "Observation.component",
    ),
    ("per-1", encounter(period={"start": "2020-02-01", "end": "2020-01-01"}), "Encounter.period"),
    (
        "per-1 across time zones",
        encounter(period={"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T11:00:00+02:00"}),
        "Encounter.period",
    ),
    (
        "per-1 of years",
        patient(name=[{"period": {"start": "2020", "end": "2019-12"}}]),
        "Patient.name[0].period",
    ),
    ("ext-1", patient(extension=[{"url": "http://example.org/x"}]), "Patient.extension[0]"),
    (
        "ext-1 with both",
        patient(
            extension=[{"url": "http://example.org/x", "valueString": "x", "extension": [_NESTED_EXTENSION]}]
        ),
        "Patient.extension[0]",
    ),
    ("qty-3", observation(valueQuantity={"value": 1, "code": "kg"}), "Observation.valueQuantity.system"),
    ("att-1", patient(photo=[{"data": "aGVsbG8="}]), "Patient.photo[0].contentType"),
    ("cpt-2", patient(telecom=[{"value": "555"}]), "Patient.telecom[0].system"),
    (
        "rat-1",
        observation(valueQuantity=MISSING, valueRatio={"numerator": {"value": 1}}),
        "Observation.valueRatio",
    ),
    (
        "rng-2",
        observation(valueQuantity=MISSING, valueRange={"low": {"value": 9}, "high": {"value": 1}}),
        "Observation.valueRange",
    ),
    (
        "tim-1",
        medication_request(dosageInstruction=[{"timing": {"repeat": {"duration": 2}}}]),
        "MedicationRequest.dosageInstruction[0].timing.repeat.durationUnit",
    ),
    (
        "tim-5",
        medication_request(dosageInstruction=[{"timing": {"repeat": {"period": -1, "periodUnit": "d"}}}]),
        "MedicationRequest.dosageInstruction[0].timing.repeat.period",
    ),
    (
        "dom-2",
        observation(
            subject={"reference": "#p"},
            contained=[
                {
                    "resourceType": "Patient",
                    "id": "p",
                    "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
                    "extension": [{"url": "http://example.org/o", "valueUri": "#o"}],
                }
            ],
        ),
        "Observation.contained",
    ),
    ("dom-3", observation(contained=[{"resourceType": "Patient", "id": "p"}]), "Observation.contained"),
    (
        "dom-4",
        observation(
            subject={"reference": "#p"},
            contained=[{"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}}],
        ),
        "Observation.contained",
    ),
    (
        "dom-5",
        observation(
            subject={"reference": "#p"},
            contained=[{"resourceType": "Patient", "id": "p", "meta": {"security": [{"code": "R"}]}}],
        ),
        "Observation.contained",
    ),
    (
        "ait-1",
        allergy(clinicalStatus=MISSING, verificationStatus=concept(_ALLERGY_VERIFICATION, "confirmed")),
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        "ait-2",
        allergy(verificationStatus=concept(_ALLERGY_VERIFICATION, "entered-in-error")),
        "AllergyIntolerance.clinicalStatus",
    ),
    ("con-4", condition(abatementDateTime="2020"), "Condition.clinicalStatus"),
    (
        "con-5",
        condition(verificationStatus=concept(_CONDITION_VERIFICATION, "entered-in-error")),
        "Condition.clinicalStatus",
    ),
    ("org-1", {"resourceType": "Organization", "active": True}, "Organization"),
    (
        "org-2",
        {"resourceType": "Organization", "name": "x", "address": [{"use": "home", "text": "y"}]},
        "Organization.address",
    ),
    ("bdl-1", bundle(patient(), total=1), "Bundle.total"),
    ("bdl-2", bundle(entry=[{"resource": patient(), "search": {"mode": "match"}}]), "Bundle.entry"),
    ("bdl-3", bundle(patient(), type="transaction"), "Bundle.entry"),
    ("bdl-4", bundle(entry=[{"resource": patient(), "response": {"status": "200"}}]), "Bundle.entry"),
    ("bdl-5", bundle(entry=[{"fullUrl": "http://example.org/Patient/1"}]), "Bundle.entry[0]"),
    (
        "bdl-7",
        bundle(entry=[{"fullUrl": "http://example.org/Patient/1", "resource": patient()}] * 2),
        "Bundle.entry",
    ),
    (
        "bdl-8",
        bundle(entry=[{"fullUrl": "http://example.org/Patient/1/_history/2", "resource": patient()}]),
        "Bundle.entry[0].fullUrl",
    ),
    (
        "bdl-11",
        bundle(
            patient(),
            type="document",
            timestamp="2020-01-01T10:00:00Z",
            identifier={"system": "http://example.org", "value": "1"},
        ),
        "Bundle.entry",
    ),
    ("bdl-12", bundle(patient(), type="message"), "Bundle.entry"),
]

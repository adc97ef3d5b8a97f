"""The clinical date of a resource: the moment by which a chart orders it.

When it happened comes before when it was written down; for what is asked for, when it was asked comes first.
Specification: the elements of the `fivews.done`, `fivews.init` and `fivews.recorded` mappings of each type,
https://hl7.org/fhir/R4/fivews.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from patients.fhir.values.dates import DateError, date_range

_LONGEST_REMEMBERED = 40

_OCCURRENCE = ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming")

# The types of the patient compartment, each with the elements to try in turn.
CLINICAL_DATES: dict[str, tuple[str, ...]] = {
    "Account": ("servicePeriod",),
    "AdverseEvent": ("date", "detected", "recordedDate"),
    "AllergyIntolerance": ("onsetDateTime", "onsetPeriod", "recordedDate", "lastOccurrence"),
    "Appointment": ("start", "requestedPeriod", "created"),
    "AppointmentResponse": ("start",),
    "AuditEvent": ("period", "recorded"),
    "Basic": ("created",),
    "BodyStructure": (),
    "CarePlan": ("period", "created"),
    "CareTeam": ("period",),
    "ChargeItem": (*_OCCURRENCE, "enteredDate"),
    "Claim": ("billablePeriod", "created"),
    "ClaimResponse": ("created",),
    "ClinicalImpression": ("effectiveDateTime", "effectivePeriod", "date"),
    "Communication": ("sent", "received"),
    "CommunicationRequest": ("authoredOn", "occurrenceDateTime", "occurrencePeriod"),
    "Composition": ("date",),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "Consent": ("dateTime",),
    "Coverage": ("period",),
    "CoverageEligibilityRequest": ("servicedDate", "servicedPeriod", "created"),
    "CoverageEligibilityResponse": ("servicedDate", "servicedPeriod", "created"),
    "DetectedIssue": ("identifiedDateTime", "identifiedPeriod"),
    "DeviceRequest": ("authoredOn", *_OCCURRENCE),
    "DeviceUseStatement": ("timingDateTime", "timingPeriod", "timingTiming", "recordedOn"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "DocumentManifest": ("created",),
    "DocumentReference": ("date",),
    "Encounter": ("period",),
    "EnrollmentRequest": ("created",),
    "EpisodeOfCare": ("period",),
    "ExplanationOfBenefit": ("billablePeriod", "created"),
    "FamilyMemberHistory": ("date",),
    "Flag": ("period",),
    "Goal": ("startDate", "statusDate"),
    "Group": (),
    "ImagingStudy": ("started",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "ImmunizationEvaluation": ("date",),
    "ImmunizationRecommendation": ("date",),
    "Invoice": ("date",),
    "List": ("date",),
    "MeasureReport": ("date", "period"),
    "Media": ("createdDateTime", "createdPeriod", "issued"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationDispense": ("whenHandedOver", "whenPrepared"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "MolecularSequence": (),
    "NutritionOrder": ("dateTime",),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveTiming", "effectiveInstant", "issued"),
    "Patient": (),
    "Person": (),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "Provenance": ("occurredDateTime", "occurredPeriod", "recorded"),
    "QuestionnaireResponse": ("authored",),
    "RelatedPerson": ("period",),
    "RequestGroup": ("authoredOn",),
    "ResearchSubject": ("period",),
    "RiskAssessment": ("occurrenceDateTime", "occurrencePeriod"),
    "Schedule": ("planningHorizon",),
    "ServiceRequest": ("authoredOn", *_OCCURRENCE),
    "Specimen": ("collection.collectedDateTime", "collection.collectedPeriod", "receivedTime"),
    "SupplyDelivery": _OCCURRENCE,
    "SupplyRequest": ("authoredOn", *_OCCURRENCE),
    "VisionPrescription": ("dateWritten", "created"),
}


def clinical_date(resource_type: str, value: dict[str, Any]) -> str | None:
    """Return the first clinical date that a resource has, as an instant in UTC, or None if it has none."""
    for path in CLINICAL_DATES.get(resource_type, ()):
        for text in _moments(_element(value, path)):
            instant = _instant(text)
            if instant is not None:
                return instant
    return None


def _element(value: dict[str, Any], path: str) -> Any:
    name, _, rest = path.partition(".")
    element = value.get(name)
    return _element(element, rest) if rest and isinstance(element, dict) else element


def _moments(element: Any) -> Iterator[str]:
    """Yield what a dateTime, a Period or a Timing says of when it was, the best first."""
    if isinstance(element, str):
        yield element
    elif isinstance(element, dict):
        yield from element.get("event", ())[:1]
        period = element.get("repeat", {}).get("boundsPeriod", element)
        yield from (period[bound] for bound in ("start", "end") if bound in period)


def _instant(text: Any) -> str | None:
    if text.__class__ is not str:
        return None
    return _remembered_instant(text) if len(text) <= _LONGEST_REMEMBERED else _worked_out_instant(text)


def _worked_out_instant(text: str) -> str | None:
    try:
        return date_range(text)[0].isoformat()
    except DateError:
        return None


# Most of what is written of one visit bears the same date.
_remembered_instant = lru_cache(maxsize=4_096)(_worked_out_instant)

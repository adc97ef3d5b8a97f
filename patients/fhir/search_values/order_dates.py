"""The date by which lists of resources are ordered: of the first of these parameters that has a value.

What is not here is ordered by `date`, if it has one. When something was asked for comes before when it is to
happen, when it happened before when it was written down, as in charts (clinical_dates.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from patients.fhir.search_values.dates import FIRST_MOMENT

ORDER_DATES: dict[str, tuple[str, ...]] = {
    "Account": ("period",),
    "Basic": ("created",),
    "Bundle": ("timestamp",),
    "ChargeItem": ("occurrence", "entered-date"),
    "Claim": ("created",),
    "ClaimResponse": ("created",),
    "Communication": ("sent", "received"),
    "CommunicationRequest": ("authored", "occurrence"),
    "Composition": ("date", "period"),
    "Condition": ("onset-date", "recorded-date"),
    "Consent": ("date", "period"),
    "Contract": ("issued",),
    "CoverageEligibilityRequest": ("created",),
    "CoverageEligibilityResponse": ("created",),
    "DetectedIssue": ("identified",),
    "DeviceRequest": ("authored-on", "event-date"),
    "DiagnosticReport": ("date", "issued"),
    "DocumentManifest": ("created",),
    "DocumentReference": ("date", "period"),
    "ExplanationOfBenefit": ("created",),
    "Goal": ("start-date", "target-date"),
    "ImagingStudy": ("started",),
    "MeasureReport": ("date", "period"),
    "Media": ("created",),
    "MedicationAdministration": ("effective-time",),
    "MedicationDispense": ("whenhandedover", "whenprepared"),
    "MedicationRequest": ("authoredon",),
    "MedicationStatement": ("effective",),
    "NamingSystem": ("date", "period"),
    "NutritionOrder": ("datetime",),
    "PaymentNotice": ("created",),
    "PaymentReconciliation": ("created",),
    "Provenance": ("when", "recorded"),
    "QuestionnaireResponse": ("authored",),
    "RequestGroup": ("authored",),
    "ServiceRequest": ("authored", "occurrence"),
    "Slot": ("start",),
    "Specimen": ("collected",),
    "Task": ("authored-on", "period", "modified"),
    "TestReport": ("issued",),
    "VisionPrescription": ("datewritten",),
}

_DEFAULT = ("date",)


def order_date(resource_type: str, rows: Iterable[tuple[str, datetime, datetime]]) -> datetime | None:
    """Return the earliest start: of what has none, its end."""
    if not rows:
        return None
    for parameter in ORDER_DATES.get(resource_type, _DEFAULT):
        moments = [start if start > FIRST_MOMENT else end for name, start, end in rows if name == parameter]
        if moments:
            return min(moments)
    return None

"""The invariants of the clinical and administrative resources, in the order of their types."""

from typing import Any

from patients.fhir.invariants.data_types import is_in_order
from patients.fhir.invariants.rule import (
    Holds,
    Invariant,
    Value,
    absent_unless,
    all_or_none_of,
    any_of,
    at_most_one_of,
    exactly_one_of,
    given,
    has_code,
    needs,
)

_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_UCUM = "http://unitsofmeasure.org"


def _entered_in_error(resource: Value, system: str) -> bool:
    return has_code(resource.get("verificationStatus"), system, "entered-in-error")


def _allergy_has_clinical_status(allergy: Value) -> bool:
    # R4's expression asks for it also without a verificationStatus, its sentence does not. Records that came
    # from elsewhere often have neither, so the sentence counts.
    is_verified = "verificationStatus" in allergy and not _entered_in_error(allergy, _ALLERGY_VERIFICATION)
    return "clinicalStatus" in allergy or not is_verified


def _allergy_in_error_has_none(allergy: Value) -> bool:
    return "clinicalStatus" not in allergy or not _entered_in_error(allergy, _ALLERGY_VERIFICATION)


def _abated_is_not_active(condition: Value) -> bool:
    return not given(condition, "abatement[x]") or has_code(
        condition.get("clinicalStatus"), _CONDITION_CLINICAL, "resolved", "remission", "inactive"
    )


def _condition_in_error_has_no_status(condition: Value) -> bool:
    return "clinicalStatus" not in condition or not _entered_in_error(condition, _CONDITION_VERIFICATION)


def _has_dates_unless_proposed(appointment: Value) -> bool:
    may_miss = appointment.get("status") in {"proposed", "cancelled", "waitlist"}
    return may_miss or (given(appointment, "start") and given(appointment, "end"))


def _components_have_other_codes(observation: Value) -> bool:
    """A component may not repeat the code of the observation beside the observation's own value."""
    if "component" not in observation or not given(observation, "value[x]"):
        return True
    own = _codes(observation)
    return all(own.isdisjoint(_codes(component)) for component in observation["component"])


def _codes(coded: Value) -> set[tuple[Any, Any]]:
    return {(coding.get("system"), coding.get("code")) for coding in coded.get("code", {}).get("coding", ())}


def _is_never_home(element: str) -> Holds:
    return lambda value: not any(item.get("use") == "home" for item in value.get(element, ()))


def _entries_are(name: str, mode: str) -> Holds:
    def holds(value: Value) -> bool:
        return value.get("mode") == mode or not any(given(entry, name) for entry in value.get("entry", ()))

    return holds


def _is_percentage_at_most_100(prediction: Value) -> bool:
    return bool(prediction.get("probabilityDecimal", 0) <= 100)


def _handed_over_after_prepared(dispense: Value) -> bool:
    return is_in_order(dispense.get("whenPrepared"), dispense.get("whenHandedOver"))


CLINICAL: dict[str, tuple[Invariant, ...]] = {
    "AllergyIntolerance": (
        Invariant(
            "ait-1",
            "is required beside a verificationStatus other than entered-in-error",
            _allergy_has_clinical_status,
            "clinicalStatus",
        ),
        Invariant(
            "ait-2",
            "may not be given if the allergy was entered in error",
            _allergy_in_error_has_none,
            "clinicalStatus",
        ),
    ),
    "Appointment": (
        Invariant("app-2", "must have both start and end, or neither", all_or_none_of("start", "end")),
        Invariant(
            "app-3",
            "must have start and end unless proposed, cancelled or on the waitlist",
            _has_dates_unless_proposed,
        ),
        Invariant(
            "app-4",
            "may be given only if the appointment was cancelled or not kept",
            absent_unless("cancelationReason", "status", "noshow", "cancelled"),
            "cancelationReason",
        ),
    ),
    "Appointment.participant": (Invariant("app-1", "must have a type or an actor", any_of("type", "actor")),),
    "AppointmentResponse": (
        Invariant("apr-1", "must have a participantType or an actor", any_of("participantType", "actor")),
    ),
    "AuditEvent.entity": (
        Invariant("sev-1", "may have a name or a query, not both", at_most_one_of("name", "query")),
    ),
    "CarePlan.activity": (
        Invariant(
            "cpl-3", "may have a detail or a reference, not both", at_most_one_of("detail", "reference")
        ),
    ),
    "Composition.section": (
        Invariant("cmp-1", "must have a text, an entry or a section", any_of("text", "entry", "section")),
        Invariant(
            "cmp-2", "may have an emptyReason only without entries", at_most_one_of("emptyReason", "entry")
        ),
    ),
    "Condition": (
        Invariant(
            "con-4",
            "must be inactive, resolved or in remission if the condition has abated",
            _abated_is_not_active,
            "clinicalStatus",
        ),
        Invariant(
            "con-5",
            "may not be given if the condition was entered in error",
            _condition_in_error_has_no_status,
            "clinicalStatus",
        ),
    ),
    "Condition.evidence": (Invariant("con-2", "must have a code or a detail", any_of("code", "detail")),),
    "Condition.stage": (
        Invariant("con-1", "must have a summary or an assessment", any_of("summary", "assessment")),
    ),
    "Consent": (Invariant("ppc-1", "must have a policy or a policyRule", any_of("policy", "policyRule")),),
    "CoverageEligibilityResponse.insurance.item": (
        Invariant(
            "ces-1",
            "must have either a category or a productOrService",
            exactly_one_of("category", "productOrService"),
        ),
    ),
    "FamilyMemberHistory": (
        Invariant("fhs-1", "may have an age or a birth, not both", at_most_one_of("age[x]", "born[x]")),
        Invariant(
            "fhs-2", "may be given only beside an age", needs("estimatedAge", "age[x]"), "estimatedAge"
        ),
    ),
    "Goal.target": (
        Invariant("gol-1", "is required beside a detail", needs("detail[x]", "measure"), "measure"),
    ),
    "Group": (
        Invariant(
            "grp-1",
            "may be given only if the group is actual",
            absent_unless("member", "actual", True),
            "member",
        ),
    ),
    "Immunization.education": (
        Invariant("imm-1", "must have a documentType or a reference", any_of("documentType", "reference")),
    ),
    "ImmunizationRecommendation.recommendation": (
        Invariant(
            "imr-1", "must have a vaccineCode or a targetDisease", any_of("vaccineCode", "targetDisease")
        ),
    ),
    "InsurancePlan": (Invariant("ipn-1", "must have an identifier or a name", any_of("identifier", "name")),),
    "Linkage": (
        Invariant("lnk-1", "must be at least two", lambda linkage: len(linkage.get("item", ())) > 1, "item"),
    ),
    "List": (
        Invariant(
            "lst-1", "may have an emptyReason only without entries", at_most_one_of("emptyReason", "entry")
        ),
        Invariant(
            "lst-2", "may be deleted only in a list of changes", _entries_are("deleted", "changes"), "entry"
        ),
        Invariant(
            "lst-3", "may have a date only in a working list", _entries_are("date", "working"), "entry"
        ),
    ),
    "MedicationAdministration.dosage": (
        Invariant("mad-1", "must have a dose or a rate", any_of("dose", "rate[x]")),
    ),
    "MedicationDispense": (
        Invariant("mdd-1", "may not be before whenPrepared", _handed_over_after_prepared, "whenHandedOver"),
    ),
    "Observation": (
        Invariant(
            "obs-6",
            "may be given only without a value",
            at_most_one_of("dataAbsentReason", "value[x]"),
            "dataAbsentReason",
        ),
        Invariant(
            "obs-7", "may not repeat the observation's code", _components_have_other_codes, "component"
        ),
    ),
    "Observation.referenceRange": (
        Invariant("obs-3", "must have a low, a high or a text", any_of("low", "high", "text")),
    ),
    "Organization": (
        Invariant("org-1", "must have an identifier or a name", any_of("identifier", "name")),
        Invariant("org-2", "may not be of use home", _is_never_home("address"), "address"),
        Invariant("org-3", "may not be of use home", _is_never_home("telecom"), "telecom"),
    ),
    "Parameters.parameter": (
        Invariant(
            "inv-1",
            "must have one of value, resource and part",
            exactly_one_of("value[x]", "resource", "part"),
        ),
    ),
    "Patient.contact": (
        Invariant(
            "pat-1",
            "must have a name, telecom, address or organization",
            any_of("name", "telecom", "address", "organization"),
        ),
    ),
    "QuestionnaireResponse.item": (
        Invariant("qrs-1", "may have answers or items, not both", at_most_one_of("answer", "item")),
    ),
    "RequestGroup.action": (
        Invariant("rqg-1", "must have either a resource or actions", exactly_one_of("resource", "action")),
    ),
    "RiskAssessment.prediction": (
        Invariant("ras-2", "must be at most 100", _is_percentage_at_most_100, "probabilityDecimal"),
    ),
    "ServiceRequest": (
        Invariant("prr-1", "may be given only beside a code", needs("orderDetail", "code"), "orderDetail"),
    ),
}

"""The words in which grants are written: interactions, types of resources, and groups of types."""

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.definitions.patient_compartment import REFERENCE_PATHS

# What a grant may name.
GRANTABLE = (
    "read",
    "vread",
    "history",
    "search",
    "everything",
    "create",
    "update",
    "patch",
    "delete",
    "export",
)
READING = ("read", "vread", "history", "search", "everything")
WRITING = ("create", "update", "patch")

# Every interaction that passes the door, with what must be granted for it: any one of these. Nothing at all:
# whatever may do something at all; what it carries, or was ordered by it, is asked about by itself. An
# interaction that is not named is refused to everybody.
INTERACTIONS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in GRANTABLE},
    "validate": ("create", "update"),
    "batch": (),
    "transaction": (),
    "export-status": (),
    "export-cancel": (),
    "export-file": (),
}

# Where no type is named, all are asked: granted to whoever may do it with any, who then meets those alone.
ANY_TYPE = "Resource"

AUDIT = frozenset({"AuditEvent"})
ADMINISTRATIVE = frozenset(
    {
        "Appointment",
        "AppointmentResponse",
        "Endpoint",
        "HealthcareService",
        "Location",
        "Organization",
        "OrganizationAffiliation",
        "Patient",
        "Person",
        "Practitioner",
        "PractitionerRole",
        "RelatedPerson",
        "Schedule",
        "Slot",
    }
)
FINANCIAL = frozenset(
    {
        "Account",
        "ChargeItem",
        "ChargeItemDefinition",
        "Claim",
        "ClaimResponse",
        "Contract",
        "Coverage",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "EnrollmentRequest",
        "EnrollmentResponse",
        "ExplanationOfBenefit",
        "InsurancePlan",
        "Invoice",
        "PaymentNotice",
        "PaymentReconciliation",
    }
)
DEFINITIONS = frozenset(
    {
        "ActivityDefinition",
        "CapabilityStatement",
        "CodeSystem",
        "CompartmentDefinition",
        "ConceptMap",
        "DeviceDefinition",
        "EventDefinition",
        "ExampleScenario",
        "GraphDefinition",
        "ImplementationGuide",
        "Library",
        "Measure",
        "MessageDefinition",
        "NamingSystem",
        "ObservationDefinition",
        "OperationDefinition",
        "PlanDefinition",
        "Questionnaire",
        "SearchParameter",
        "SpecimenDefinition",
        "StructureDefinition",
        "StructureMap",
        "TerminologyCapabilities",
        "TestReport",
        "TestScript",
        "ValueSet",
    }
)
# What is not known to be something else may be about somebody's health.
CLINICAL = RESOURCE_TYPES - AUDIT - ADMINISTRATIVE - FINANCIAL - DEFINITIONS

TYPE_GROUPS: dict[str, frozenset[str]] = {
    "administrative": ADMINISTRATIVE,
    "audit": AUDIT,
    "clinical": CLINICAL,
    "definitions": DEFINITIONS,
    "financial": FINANCIAL,
}

# Types of which each resource is somebody's: a grant that reaches own patients only reaches none without.
TYPES_OF_PATIENTS = frozenset({"Patient", *REFERENCE_PATHS})

# Confidentiality codes that hide a resource from whoever states no purpose.
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RESTRICTING_LABELS = ("R", "V")


def types_named(names: list[str]) -> frozenset[str]:
    """Return the types that a grant's names mean; of names that mean nothing, none."""
    return frozenset(
        type for name in names for type in TYPE_GROUPS.get(name, frozenset({name}) & RESOURCE_TYPES)
    )

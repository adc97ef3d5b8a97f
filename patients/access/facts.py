"""What decides whether a resource is seen: whose it is, and how it and these people are labelled."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from patients.access.vocabulary import CONFIDENTIALITY, RESTRICTING_LABELS
from patients.fhir.compartments import compartment_patients
from perf.database import Query, fetch, fetch_primary

# Of `fhir_resources r`: labels of its own, and those of Patients in whose compartments it is, as "label id".
COLUMNS = """
    ARRAY(SELECT l.label FROM resource_labels l WHERE l.resource_id = r.id),
    ARRAY(
        SELECT l.label || ' ' || l.patient_id
        FROM patient_compartment c JOIN resource_labels l ON l.patient_id = c.patient_id
        WHERE c.resource_id = r.id
    )
    """
_LABELS_OF_PATIENTS = Query(
    "labels of patients",
    "SELECT l.label || ' ' || l.patient_id FROM resource_labels l WHERE l.patient_id = ANY(%s)",
)
_LABELS = Query(
    "labels of all patients",
    "SELECT l.label || ' ' || l.patient_id FROM resource_labels l WHERE l.patient_id IS NOT NULL",
)
_ORGANISATIONS = Query(
    "organisations of patients",
    """
    SELECT DISTINCT o.target_id
    FROM fhir_resources p JOIN search_references o ON o.resource_id = p.id
    WHERE p.resource_type = 'Patient' AND p.fhir_id = ANY(%s)
      AND o.parameter = 'organization' AND o.target_type = 'Organization'
    """,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one resource: whose it is, its restricting labels, and each label of each Patient it is linked to.

    `patients` are those whose it is: a Patient is its own, and linked to others besides.
    """

    resource_type: str
    patients: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    labels_of_patients: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of_row(
        cls,
        resource_type: str,
        id: str,
        compartments: Iterable[str],
        labels: Iterable[str],
        labels_of_patients: Iterable[str],
    ) -> "Facts":
        """What a query with `COLUMNS` tells."""
        linked = frozenset(compartments)
        patients = frozenset({id}) if resource_type == "Patient" else linked
        named = frozenset(_pair(each) for each in labels_of_patients)
        return cls(resource_type, patients, linked, frozenset(labels), named)


def labels_of_patients(patients: frozenset[str], *, principal: str) -> frozenset[tuple[str, str]]:
    """Each label of each of these Patients."""
    rows = fetch(_LABELS_OF_PATIENTS, (sorted(patients),), principal=principal) if patients else []
    return frozenset(_pair(text) for (text,) in rows)


def labels_of_all() -> frozenset[tuple[str, str]]:
    """Each label of each Patient that has one, on the primary."""
    return frozenset(_pair(text) for (text,) in fetch_primary(_LABELS))


def of_linked(
    resource_type: str, id: str, linked: frozenset[str], labels: frozenset[tuple[str, str]]
) -> Facts:
    """The facts of a resource, not labelled itself, in the compartments of Patients of whom some are."""
    patients = frozenset({id}) if resource_type == "Patient" else linked
    return Facts(
        resource_type,
        patients,
        linked,
        labels_of_patients=frozenset(each for each in labels if each[1] in linked),
    )


def of_content(content: str, *, id: str, principal: str) -> Facts:
    """The facts of a version that is not the current one, whose rows there are no more: from its text."""
    value = json.loads(content)
    resource_type = value["resourceType"]
    linked = compartment_patients(resource_type, value)
    labels = labels_of_patients(linked, principal=principal)
    return replace(of_linked(resource_type, id, linked, labels), labels=labels_in(value))


def organisations_of(patients: frozenset[str], *, principal: str) -> frozenset[str]:
    """The ids of the Organizations that manage these Patients."""
    rows = fetch(_ORGANISATIONS, (sorted(patients),), principal=principal) if patients else []
    return frozenset(id for (id,) in rows)


def labels_in(value: dict[str, Any]) -> frozenset[str]:
    """The labels of a resource that restrict who sees it."""
    codings = value.get("meta", {}).get("security", [])
    return frozenset(
        coding["code"]
        for coding in codings
        if coding.get("code") in RESTRICTING_LABELS
        and coding.get("system", CONFIDENTIALITY) == CONFIDENTIALITY
    )


def _pair(text: str) -> tuple[str, str]:
    label, _, patient_id = text.partition(" ")
    return label, patient_id

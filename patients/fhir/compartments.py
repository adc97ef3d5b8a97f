"""The patient compartment: which Patients a resource is about, or was made by.

Specification: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from __future__ import annotations

import re
from typing import Any

from patients.fhir import own_addresses
from patients.fhir.definitions.patient_compartment import REFERENCE_PATHS

_PATIENT_REFERENCE = re.compile(r"Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")


def compartment_patients(resource_type: str, value: dict[str, Any]) -> frozenset[str]:
    """Return the ids of the Patients in whose compartment a resource is.

    A Patient is in its own compartment by definition; here it is only in those of the Patients it links to.
    """
    found = {
        patient_id(reference.get("reference"))
        for path in REFERENCE_PATHS.get(resource_type, ())
        for reference in _elements(value, path)
    }
    return frozenset(each for each in found if each is not None)


def patient_id(reference: object) -> str | None:
    """Return the id of the Patient that a literal reference names, whichever version it asks for, if any.

    Absolute URLs but those of this service and `urn:uuid`s name resources elsewhere: they are in no
    compartment of this server.
    """
    if not isinstance(reference, str):
        return None
    found = _PATIENT_REFERENCE.fullmatch(own_addresses.relative(reference) or reference)
    return found[1] if found else None


def _elements(value: dict[str, Any], path: tuple[str, ...]) -> list[dict[str, Any]]:
    elements = [value]
    for name in path:
        elements = [child for element in elements for child in _repetitions(element.get(name))]
    return elements


def _repetitions(element: Any) -> list[dict[str, Any]]:
    if element is None:
        return []
    repetitions = element if isinstance(element, list) else [element]
    return [each for each in repetitions if isinstance(each, dict)]

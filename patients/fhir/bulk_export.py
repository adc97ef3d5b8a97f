"""What `$export` is asked for. https://hl7.org/fhir/uv/bulkdata/STU2/export.html"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from patients.fhir import export_elements, type_filters
from patients.fhir.compartments import patient_id
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.definitions.patient_compartment import REFERENCE_PATHS
from patients.fhir.exact_json import encode
from patients.fhir.operation_parameters import Pairs, grouped, instant_in, only, types_in
from patients.fhir.outcomes import InvalidSearchParameter

Level = Literal["system", "patient", "group"]

PARAMETERS = (export_elements.NAME, "_outputFormat", "_since", "_type", type_filters.NAME)
MOST_PATIENTS = 10_000
NDJSON = "application/fhir+ndjson"

# A plus that was not percent-encoded arrives as a space.
_FORMATS = (NDJSON, "application/fhir ndjson", "application/ndjson", "ndjson")
_COMPARTMENT_TYPES = frozenset(REFERENCE_PATHS) | {"Patient"}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which resources are to be written; `group_id` of a group's level only.

    `patients`: only what is about these, where some are named.
    """

    level: Level
    types: tuple[str, ...]
    since: datetime | None = None
    group_id: str | None = None
    patients: tuple[str, ...] = ()
    type_filters: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()


def parse(level: Level, asked: Pairs, posted: Pairs = (), *, group_id: str | None = None) -> ExportRequest:
    """Return what is asked for by the address and by what was posted, which alone may name patients.

    :raises UnknownSearchParameter: if the operation has no such parameter.
    :raises InvalidSearchParameter: if a value cannot be understood, or asks for what cannot be there.
    """
    given = grouped(asked, operation="$export", offered=PARAMETERS)
    offered = PARAMETERS if level == "system" else (*PARAMETERS, "patient")
    for name, texts in grouped(posted, operation="$export", offered=offered).items():
        given.setdefault(name, []).extend(texts)
    output_format = only(given, "_outputFormat")
    if output_format is not None and output_format not in _FORMATS:
        raise InvalidSearchParameter(f"Parameter '_outputFormat' takes {NDJSON} only.")
    possible = RESOURCE_TYPES if level == "system" else _COMPARTMENT_TYPES
    types = types_in(given)
    for each in types:
        if each not in possible:
            raise InvalidSearchParameter(
                f"Parameter '_type' names {each}, which is in no Patient's compartment."
            )
    patients = _patients(given.get("patient", []))
    chosen = types or tuple(sorted(possible))
    filters = type_filters.parse(given.get(type_filters.NAME, []), chosen)
    elements = export_elements.parse(given.get(export_elements.NAME, []), chosen)
    return ExportRequest(level, chosen, instant_in(given), group_id, patients, filters, elements)


def deletion(resource_type: str, id: str) -> str:
    """Return the line that tells of a deletion: a transaction that would do the same."""
    request = {"method": "DELETE", "url": f"{resource_type}/{id}"}
    return encode({"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]})


def _patients(references: list[str]) -> tuple[str, ...]:
    if len(references) > MOST_PATIENTS:
        raise InvalidSearchParameter(f"Parameter 'patient' may be given {MOST_PATIENTS:,} times at most.")
    ids = [patient_id(each) for each in references]
    if None in ids:
        raise InvalidSearchParameter("Parameter 'patient' takes references to Patients, as in Patient/1.")
    return tuple(sorted({each for each in ids if each}))

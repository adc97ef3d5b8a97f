"""A row of the patient summary as simple clients get it."""

from typing import Any

from patients.fhir.bundles import instant
from patients.search.rows import PatientSummaryRow


def summary(row: PatientSummaryRow) -> dict[str, Any]:
    """Return the members of a row; `id` is the id of the Patient."""
    return {
        "id": row.patient_id,
        "version_id": row.version_id,
        "last_updated": instant(row.last_updated),
        "family_name": row.family_name,
        "given_name": row.given_name,
        "birth_date": row.birth_date,
        "gender": row.gender,
        "active": row.active,
        "deceased": row.deceased,
        "deceased_at": row.deceased_at,
        "replaced_by": row.replaced_by,
        "identifiers": row.identifiers,
        "telecoms": row.telecoms,
        "addresses": row.addresses,
        "names": row.names,
    }

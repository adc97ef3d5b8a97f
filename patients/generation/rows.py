"""The rows that `fhir_write` makes of a new resource, made here for COPY.

What a resource is found by comes from the same functions as in every write (patients/models/writing.py); only
what the SQL of `fhir_write` does with its arguments is done here again, and
tests/patients/generation/test_rows.py compares the two row by row.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db import models

from patients.fhir import exact_json
from patients.models import FhirResource
from patients.models.summary import COLUMNS
from patients.models.writing import Call, Change, patient_row, search_rows

Cell = str
Rows = dict[str, list[tuple[Cell, ...]]]

# Documents are text here: PostgreSQL makes search_texts of them.
TEXTS = "search_texts"
# What keys stand for, of many resources the same: written where it is not there yet.
CODES = "search_codes"
_NULL = r"\N"
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def columns(table: str) -> tuple[str, ...]:
    """The columns that are written; the others have the values that the database gives them."""
    return _COLUMNS[table]


def rows_of(change: Change, *, resource_id: str, last_updated: str) -> Rows:
    """The rows of a resource that is new, as texts for COPY; `last_updated` as in its `meta`."""
    ((prefix, suffix),) = Call.of([change]).texts
    content, found, resource_type = (
        f"{prefix}{last_updated}{suffix}",
        search_rows(change),
        change.resource_type,
    )
    keys = _array([*found.listed_keys, *found.unlisted_keys])
    rows: dict[str, Iterable[tuple[Any, ...]]] = {
        "fhir_resources": [(resource_id, resource_type, change.id, 1, content, False, last_updated)],
        "fhir_resource_versions": [
            (resource_id, 1, resource_type, change.method, last_updated, content),
        ],
        "patient_compartment": [
            (resource_id, *patient, resource_type, found.date)
            for patient in found.tables.get("compartment", ())
        ],
        "search_resources": [(resource_id, resource_type, found.list_date, last_updated, keys)],
        "search_list": [(key, found.list_date, resource_id) for key in found.listed_keys],
        **{
            f"search_{name}": [(resource_id, resource_type, *row) for row in table]
            for name, table in found.tables.items()
            if name != "compartment"
        },
    }
    rows[CODES] = found.codes
    patient = patient_row(change.values.patient)
    if patient is not None:
        rows["patient_index"] = [_patient_row(patient, resource_id, change.id, last_updated)]
    return {table: [tuple(map(cell, row)) for row in made] for table, made in rows.items() if made}


def cell(value: Any) -> Cell:
    """A value as COPY reads it."""
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = exact_json.encode(value)
    return str(value).translate(_ESCAPED)


def time_text(moment: datetime) -> str:
    """A time as `meta.lastUpdated` shows it."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}Z"


def _patient_row(patient: str, resource_id: str, fhir_id: str, last_updated: str) -> tuple[Any, ...]:
    own = {"id": resource_id, "patient_id": fhir_id, "version_id": 1, "last_updated": last_updated}
    row = {**exact_json.decode(patient.encode()), **own}
    return tuple(row[column] for column in COLUMNS)


def _array(digits: list[str]) -> str:
    return "{" + ",".join(digits) + "}"


def _written_columns(model: type[models.Model]) -> tuple[str, ...]:
    fields = model._meta.concrete_fields
    return tuple(str(field.column) for field in fields if not _is_made_by_database(field))


def _is_made_by_database(field: models.Field) -> bool:
    is_counted = isinstance(field, models.BigAutoField) and field.model is not FhirResource
    return is_counted or field.db_default is not models.NOT_PROVIDED


_COLUMNS = {
    model._meta.db_table: _written_columns(model) for model in apps.get_app_config("patients").get_models()
}

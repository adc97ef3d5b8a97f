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
from psycopg.types.json import Jsonb

from patients.fhir import exact_json
from patients.models import FhirResource
from patients.models.summary import COLUMNS
from patients.models.writing import Change, parameters

Cell = str
Rows = dict[str, list[tuple[Cell, ...]]]

# Documents are text here: PostgreSQL makes search_texts of them.
TEXTS = "search_texts"
_NULL = r"\N"
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def columns(table: str) -> tuple[str, ...]:
    """The columns that are written; the others have the values that the database gives them."""
    return _COLUMNS[table]


def rows_of(change: Change, *, resource_id: str, last_updated: str) -> Rows:
    """The rows of a resource that is new, as texts for COPY; `last_updated` as in its `meta`."""
    arguments = iter(parameters(change))
    method, resource_type, fhir_id, _, prefix, suffix = (next(arguments) for _ in range(6))
    strings = [next(arguments) for _ in range(3)]
    tokens = [next(arguments) for _ in range(3)]
    patients, chart_date, listed, unlisted, list_date, values, patient = arguments
    content = f"{prefix}{last_updated}{suffix}"
    keys = [*_digits(listed), *_digits(unlisted)]
    rows: dict[str, Iterable[tuple[Any, ...]]] = {
        "fhir_resources": [(resource_id, resource_type, fhir_id, 1, content, False, last_updated)],
        "fhir_resource_versions": [(resource_id, 1, resource_type, method, last_updated, content)],
        "search_strings": [(resource_id, resource_type, *row) for row in zip(*strings, strict=True)],
        "search_tokens": [(resource_id, resource_type, *row) for row in zip(*tokens, strict=True)],
        "patient_compartment": [(resource_id, each, resource_type, chart_date) for each in patients],
        "search_resources": [(resource_id, resource_type, list_date, last_updated, _array(keys))],
        "search_list": [(key, list_date, resource_id) for key in _digits(listed)],
        **_value_rows(resource_id, resource_type, values),
    }
    if patient is not None:
        rows["patient_index"] = [_patient_row(patient, resource_id, fhir_id, last_updated)]
    return {table: [tuple(map(cell, row)) for row in found] for table, found in rows.items() if found}


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


def _value_rows(resource_id: str, resource_type: str, values: str | None) -> dict[str, list[tuple[Any, ...]]]:
    tables = exact_json.decode(values.encode()) if values else {}
    return {
        f"search_{name}": list(_distinct((resource_id, resource_type, *row) for row in rows))
        for name, rows in tables.items()
    }


def _distinct(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    """Each row once: `fhir_write` lets those be that are there already."""
    return {repr(row): row for row in rows}.values()


def _patient_row(patient: Jsonb, resource_id: str, fhir_id: str, last_updated: str) -> tuple[Any, ...]:
    own = {"id": resource_id, "patient_id": fhir_id, "version_id": 1, "last_updated": last_updated}
    row = {**patient.obj, **own}
    return tuple(row[column] for column in COLUMNS)


def _digits(array: str) -> list[str]:
    inner = array.strip("{}")
    return inner.split(",") if inner else []


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

"""Values drawn from all Observations and Patients that are stored."""

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from patients.fhir import exact_json
from perf.database import Query, Row, fetch_primary

_KEPT = 5_000
# Whole pages of the table, as many as hold about as many rows; of a small table all.
_SAMPLE = """
SELECT {columns} FROM {table} TABLESAMPLE SYSTEM (
    (SELECT CASE WHEN reltuples > {kept} THEN 100 * {kept} / reltuples ELSE 100 END
     FROM pg_class WHERE oid = '{table}'::regclass)
) REPEATABLE (1) {where} LIMIT {kept}
"""


class NoValuesError(Exception):
    """There is nothing to draw from."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a search could ask for."""

    patient: str
    code: str
    date: str
    quantity: str | None
    last_updated: str


@dataclass(frozen=True, slots=True)
class Patient:
    """The same of a Patient."""

    family: str
    birth_date: str


class Values:
    """Thousands of resources from all over the tables; read when the first is drawn."""

    def observation(self, chance: Random) -> Observation:
        return chance.choice(self._observations)

    def measured(self, chance: Random) -> Observation:
        """One that has a quantity."""
        return chance.choice(self._measured)

    def code(self, chance: Random) -> str:
        """Each code as often as each other."""
        return chance.choice(self._codes)

    def patient(self, chance: Random) -> Patient:
        return chance.choice(self._patients)

    @cached_property
    def _observations(self) -> list[Observation]:
        of_type = "WHERE resource_type = 'Observation' AND NOT deleted"
        texts = _some("fhir_resources", "resource_data::text", of_type)
        resources = [exact_json.decode(text.encode()) for (text,) in texts]
        return [found for resource in resources if (found := _observation(resource)) is not None]

    @cached_property
    def _measured(self) -> list[Observation]:
        return [each for each in self._observations if each.quantity]

    @cached_property
    def _codes(self) -> list[str]:
        return sorted({each.code for each in self._observations})

    @cached_property
    def _patients(self) -> list[Patient]:
        rows = _some(
            "patient_index", "family_name, birth_date", "WHERE birth_date <> '' AND family_name <> ''"
        )
        return [Patient(*row) for row in rows]


def _some(table: str, columns: str, where: str) -> list[Row]:
    """Rows from all over a table.

    :raises NoValuesError: if there is none.
    """
    sql = _SAMPLE.format(table=table, columns=columns, where=where, kept=_KEPT)
    rows = fetch_primary(Query("values", sql))
    if not rows:
        raise NoValuesError("There is nothing to ask for; `manage.py generate_observations` makes some.")
    return rows


def _observation(resource: dict[str, Any]) -> Observation | None:
    """What is asked for of it; None if it lacks some of that."""
    subject = resource.get("subject", {}).get("reference", "")
    codes = [coding["code"] for coding in resource["code"].get("coding", []) if "code" in coding]
    date = resource.get("effectiveDateTime")
    if not subject.startswith("Patient/") or not codes or not date:
        return None
    value = resource.get("valueQuantity", {}).get("value")
    return Observation(
        patient=subject.removeprefix("Patient/"),
        code=codes[0],
        date=date,
        quantity=None if value is None else str(value),
        last_updated=resource["meta"]["lastUpdated"],
    )

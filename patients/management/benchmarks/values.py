"""Values drawn from all Observations and Patients that are stored."""

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from patients.fhir import exact_json
from perf.database import Query, fetch_primary

_KEPT = 5_000
_EXTENT = Query(
    "extent", "SELECT min(resource_id), max(resource_id) FROM fhir_resource_versions WHERE resource_type = %s"
)
_CONTENTS = Query(
    "contents",
    "SELECT content FROM fhir_resource_versions"
    " WHERE resource_id = ANY (%s::bigint[]) AND resource_type = %s AND content IS NOT NULL",
)


class NoValuesError(Exception):
    """There is nothing of this type to draw from."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a search could ask for."""

    patient: str
    code: str
    date: str
    quantity: str | None
    last_updated: str


class Values:
    """Thousands of resources, spread evenly over all; read when the first is drawn."""

    def observation(self, chance: Random) -> Observation:
        return chance.choice(self._observations)

    def measured(self, chance: Random) -> Observation:
        """One that has a quantity."""
        return chance.choice(self._measured)

    def code(self, chance: Random) -> str:
        """Each code as often as each other."""
        return chance.choice(self._codes)

    def patient(self, chance: Random) -> dict[str, Any]:
        return chance.choice(self._patients)

    @cached_property
    def _observations(self) -> list[Observation]:
        return [
            _observation(resource) for resource in _some("Observation") if "effectiveDateTime" in resource
        ]

    @cached_property
    def _measured(self) -> list[Observation]:
        return [each for each in self._observations if each.quantity]

    @cached_property
    def _codes(self) -> list[str]:
        return sorted({each.code for each in self._observations})

    @cached_property
    def _patients(self) -> list[dict[str, Any]]:
        return _some("Patient")


def _some(resource_type: str) -> list[dict[str, Any]]:
    """Resources whose ids are drawn between the lowest and the highest.

    :raises NoValuesError: if there is none.
    """
    ((first, last),) = fetch_primary(_EXTENT, (resource_type,))
    if first is None:
        raise NoValuesError(f"There is no {resource_type}; `manage.py generate_observations` makes some.")
    chance = Random(f"values/{resource_type}")  # noqa: S311 - no secret
    ids = [chance.randint(first, last) for _ in range(_KEPT)]
    contents = sorted(content for (content,) in fetch_primary(_CONTENTS, (ids, resource_type)))
    return [exact_json.decode(content.encode()) for content in contents]


def _observation(resource: dict[str, Any]) -> Observation:
    quantity = resource.get("valueQuantity")
    return Observation(
        patient=resource["subject"]["reference"].removeprefix("Patient/"),
        code=resource["code"]["coding"][0]["code"],
        date=resource["effectiveDateTime"],
        quantity=str(quantity["value"]) if quantity else None,
        last_updated=resource["meta"]["lastUpdated"],
    )

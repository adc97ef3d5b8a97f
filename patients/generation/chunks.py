"""Portions of the population, each written in one transaction by one process."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from patients.fhir.resource import from_value
from patients.generation import copying, population, stencils
from patients.generation.population import Drawn, Population
from patients.generation.rows import rows_of, time_text
from patients.generation.stencils import Blocks, Particulars, Stencil
from patients.generation.templates import CodeTemplates
from patients.models import writing
from perf import database

OWNER_ALIAS = "owner"
_SIZE = 2_000
# Far less than one takes to be written: no resource is from the future.
_SPACING = timedelta(microseconds=20)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Patients or Observations with these numbers."""

    population: Population
    resource_type: str
    numbers: range


def chunks_of(population: Population) -> list[Chunk]:
    """Patients first: Observations refer to them."""
    counts = {"Patient": population.patients, "Observation": population.observations}
    return [
        Chunk(population, resource_type, range(first, min(first + _SIZE, count)))
        for resource_type, count in counts.items()
        for first in range(0, count, _SIZE)
    ]


def write(chunk: Chunk) -> int:
    """Write the resources of a chunk, and answer how many."""
    connection = database.raw_connection(OWNER_ALIAS)
    ids = copying.resource_ids(connection, len(chunk.numbers))
    began = datetime.now(UTC)
    times = [time_text(began + at * _SPACING) for at in range(len(ids))]
    if chunk.resource_type == "Patient":
        resources = [
            _patient(chunk.population, number, id, time)
            for number, id, time in zip(chunk.numbers, ids, times, strict=True)
        ]
    else:
        resources = [
            _observation(drawn, id, time)
            for drawn, id, time in zip(
                population.draw(chunk.population, chunk.numbers), ids, times, strict=True
            )
        ]
    copying.write(connection, resources, patients=ids if chunk.resource_type == "Patient" else [])
    return len(ids)


def particulars_of(drawn: Drawn, *, resource_id: int, last_updated: str) -> Particulars:
    return Particulars(
        str(resource_id),
        drawn.id,
        last_updated,
        drawn.patient,
        drawn.encounter,
        drawn.effective,
        drawn.issued,
    )


def _patient(of: Population, number: int, resource_id: int, last_updated: str) -> Blocks:
    resource = from_value(population.draw_patient(of, number))
    change = writing.change_to(resource, id=of.patient_id(number), expected_version=0, method="POST")
    return stencils.blocks_of(rows_of(change, resource_id=str(resource_id), last_updated=last_updated))


def _observation(drawn: Drawn, resource_id: int, last_updated: str) -> Blocks:
    particulars = particulars_of(drawn, resource_id=resource_id, last_updated=last_updated)
    return _stencil(drawn.code, drawn.variant).filled(particulars)


@cache
def _stencil(code: CodeTemplates, variant: int) -> Stencil:
    return stencils.cut(code.templates[variant])

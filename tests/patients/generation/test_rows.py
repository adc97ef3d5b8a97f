"""Generated rows are those that `fhir_write` makes of the same resources, in every table."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from patients.fhir.resource import Resource, parse
from patients.generation import chunks
from patients.generation.chunks import Chunk
from patients.generation.population import Population
from patients.models import writing
from patients.models.database_code import RECORD_TABLES
from perf import database
from perf.database import Query, fetch_primary
from tests.patients.models.recomputed import flaws

POPULATION = Population(seed=20_260_101, observations=60)
# What the clock, the sequences and the transactions make of a write.
OF_A_WRITE = ("id", "last_updated", "resource_id", "xact")
CONTENT = Query(
    "content",
    "SELECT r.id, v.content FROM fhir_resources r JOIN fhir_resource_versions v ON v.resource_id = r.id"
    " WHERE r.resource_type = %s AND r.fhir_id = %s",
)

Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def generated(database) -> Iterator[list[tuple[str, str]]]:
    """Type and id of each; they are gone afterwards."""
    for chunk in chunks.chunks_of(POPULATION):
        chunks.write(chunk)
    named = [
        *(("Patient", POPULATION.patient_id(number)) for number in range(POPULATION.patients)),
        *(("Observation", POPULATION.observation_id(number)) for number in range(POPULATION.observations)),
    ]
    yield named
    for name in named:
        _delete(*name)


class TestGeneratedRows:
    def test_are_what_the_stored_resources_demand(self, generated):
        found = [(name, found) for name in generated if (found := flaws(*name))]

        assert found == []

    def test_are_those_of_an_ordinary_write_in_every_table(self, generated):
        copied = [_rows(*name) for name in generated]

        written = [_rows_of_an_ordinary_write(*name) for name in generated]

        assert written == copied

    def test_stand_in_every_table_that_observations_and_patients_have_rows_in(self, generated):
        tables = set().union(*(_rows(*name) for name in generated))

        assert tables >= {"patient_index", "patient_summary_delta", "search_composites", "search_texts"}
        # The view fills itself, and nothing that is generated is labelled.
        assert tables == set(RECORD_TABLES) - {"patient_summary", "resource_labels"}

    def test_are_written_all_or_none(self, generated):
        again = Chunk(
            POPULATION, "Observation", range(POPULATION.observations - 1, POPULATION.observations + 5)
        )
        before = _count()

        with pytest.raises(Exception, match="fhir_resources_type_and_fhir_id"):
            chunks.write(again)

        assert _count() == before


def _rows_of_an_ordinary_write(resource_type: str, id: str) -> Rows:
    """Delete what was copied, and write the same resource by `fhir_write`."""
    resource = _stored(resource_type, id)
    _delete(resource_type, id)
    written = writing.write(writing.change_to(resource, id=id, expected_version=0, method="POST"))
    assert written is not None
    return _rows(resource_type, id)


def _stored(resource_type: str, id: str) -> Resource:
    return parse(fetch_primary(CONTENT, (resource_type, id))[0][1])


def _rows(resource_type: str, id: str) -> Rows:
    """All rows of a resource by table, without what no two writes have in common."""
    resource_id, content = fetch_primary(CONTENT, (resource_type, id))[0]
    time = json.loads(content)["meta"]["lastUpdated"]
    found: dict[str, list[Any]] = {}
    for table in RECORD_TABLES:
        query = Query("rows", f"SELECT to_jsonb(t)::text FROM {table} t WHERE {_key(table)} = %s")
        rows = fetch_primary(query, (resource_id,))
        if rows and table != "patient_summary":
            found[table] = sorted(_without_write(row, time) for (row,) in rows)
    return found


def _without_write(row: str, time: str) -> str:
    # Digits of numbers count: they are compared as they are written.
    columns = json.loads(row.replace(time, "then"), parse_float=str)
    return json.dumps({name: value for name, value in columns.items() if name not in OF_A_WRITE})


def _key(table: str) -> str:
    return "id" if table.startswith(("fhir_resources", "patient_index", "patient_summary")) else "resource_id"


def _count() -> list[tuple[Any, ...]]:
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in RECORD_TABLES)
    return sorted(fetch_primary(Query("counts", counts)))


def _delete(resource_type: str, id: str) -> None:
    owner = database.raw_connection(chunks.OWNER_ALIAS)
    (resource_id, _), *_ = fetch_primary(CONTENT, (resource_type, id))
    with owner.transaction():
        for table in RECORD_TABLES:
            if table != "patient_summary":
                owner.execute(f"DELETE FROM {table} WHERE {_key(table)} = %s", (resource_id,))

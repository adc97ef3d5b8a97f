"""The index of all types: rows by difference, from values of every kind."""

import random
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connections

from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import from_value
from patients.fhir.search_values import IndexValues
from patients.models import FhirResource, writing
from perf import database
from tests.patients.models.indexed import index_flaws, some_values, stored_rows


def _change(id: str, version: int, values: IndexValues) -> writing.Change:
    resource = from_value({"resourceType": "Basic", "id": id, "code": {"text": "x"}})
    change = writing.change_to(resource, id=id, expected_version=version, method="PUT")
    return replace(change, index=values)


def _written(id: str, version: int, values: IndexValues) -> int:
    assert writing.write(_change(id, version, values)) is not None
    return FhirResource.objects.get(resource_type="Basic", fhir_id=id).pk


def _flaws(id: str, values: IndexValues | None) -> list[str]:
    return index_flaws(FhirResource.objects.get(resource_type="Basic", fhir_id=id).pk, "Basic", values)


class TestDifference:
    @pytest.mark.parametrize("seed", range(6))
    def test_leaves_what_the_last_version_demands(self, seed):
        chance = random.Random(seed)
        id = str(uuid.uuid4())
        is_deleted = False

        for version in range(25):
            if version and not is_deleted and chance.random() < 0.2:
                values, is_deleted = None, True
                writing.write(writing.deletion_of("Basic", id=id, expected_version=version))
            else:
                values, is_deleted = some_values(chance), False
                _written(id, version, values)

            assert _flaws(id, values) == []

    def test_does_not_touch_what_stays(self):
        values = some_values(random.Random(7))
        id = str(uuid.uuid4())
        resource_id = _written(id, 0, values)
        before = _places(resource_id)

        _written(id, 1, replace(values, tokens=values.tokens | {("code", "urn:new", "new")}))

        assert before <= _places(resource_id)

    def test_moves_all_entries_with_the_date(self):
        id = str(uuid.uuid4())
        values = replace(some_values(random.Random(8)), tokens=frozenset({("code", "", "x")}), date=None)
        _written(id, 0, values)

        _written(id, 1, moved := replace(values, date=datetime(2024, 2, 29, tzinfo=UTC)))

        assert _flaws(id, moved) == []


def _places(resource_id: int) -> set:
    """Where the rows lie: a row that is written again lies elsewhere."""
    tables = ("list", "references", "dates", "quantities", "uris", "texts", "composites")
    sql = " UNION ALL ".join(
        f"SELECT '{table}', ctid::text FROM search_{table} WHERE resource_id = %(id)s" for table in tables
    )
    return set(database.raw_connection("default").execute(sql, {"id": resource_id}).fetchall())


class TestConcurrentWriters:
    def test_leave_what_the_winner_demands(self):
        id = str(uuid.uuid4())
        winners: dict[int, IndexValues] = {0: some_values(random.Random(0))}
        _written(id, 0, winners[0])

        def write(seed: int) -> None:
            chance = random.Random(seed)
            for _ in range(20):
                version = FhirResource.objects.get(resource_type="Basic", fhir_id=id).version_id
                values = some_values(chance)
                written = writing.write(_change(id, version, values))
                if written:
                    winners[written.version_id] = values
            connections.close_all()

        threads = [threading.Thread(target=write, args=(seed,)) for seed in range(1, 7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert max(winners) > 5
        assert _flaws(id, winners[max(winners)]) == []


class TestExtremes:
    @pytest.mark.parametrize(
        "values",
        [
            IndexValues(),
            IndexValues(references=frozenset({("subject", "", "http://example.org/" + "x" * 9_000)})),
            IndexValues(references=frozenset({("subject", "", "http://example.org/" + "é" * 470)})),
            IndexValues(uris=frozenset({("url", "urn:" + "y" * 9_000)})),
            IndexValues(tokens=frozenset({("code", "s" * 9_000, "c" * 9_000), ("code", "", "")})),
            IndexValues(
                dates=frozenset({("date", datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))})
            ),
            IndexValues(
                quantities=frozenset({("value", Decimal("1E-64"), Decimal("9" * 64 + "E+64"), "", "", "")})
            ),
        ],
    )
    def test_are_kept(self, values):
        id = str(uuid.uuid4())

        resource_id = _written(id, 0, values)

        assert index_flaws(resource_id, "Basic", values) == []
        _written(id, 1, IndexValues())
        assert _flaws(id, IndexValues()) == []

    @pytest.mark.parametrize(
        "text",
        [
            " ".join(f"w{number}" for number in range(150_000)),
            "-".join(f"w{number}" for number in range(150_000)),
            "x" * 2_000_000,
            "".join(chr(0x4E00 + number % 20_000) + " " for number in range(300_000)),
            "http://example.org/" + "/".join(f"w{number}" for number in range(100_000)),
        ],
        ids=["words", "one compound", "one word", "ideographs", "an address"],
    )
    def test_of_text_are_kept(self, text):
        resource_id = _written(str(uuid.uuid4()), 0, IndexValues(texts=frozenset({("_content", text)})))

        assert stored_rows(resource_id)["search_texts"]

    def test_of_number_are_refused(self):
        value = {
            "resourceType": "Basic",
            "identifier": [{"system": "urn:x", "value": str(number)} for number in range(6_000)],
            "code": {"text": "x"},
        }

        with pytest.raises(InvalidResource) as refusal:
            writing.change_to(from_value(value), id="a", expected_version=0, method="PUT")

        assert "more than 5,000" in str(refusal.value.issues[0].diagnostics)


class TestOneStatement:
    def test_writes_all_tables(self):
        executions = []

        with database.observed(executions.append):
            _written(str(uuid.uuid4()), 0, some_values(random.Random(9)))

        assert [each.name for each in executions] == ["write"]

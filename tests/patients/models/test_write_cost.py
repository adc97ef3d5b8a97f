"""What a write costs the database, in what can be counted: statements, records of the log, scans of tables.

Times are no test's business; `manage.py benchmark` has them.
"""

import bz2
import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from patients.fhir.resource import from_value
from patients.models import writing
from patients.models.database_code import RECORD_TABLES
from patients.models.writing import Change
from perf import database

_DEMO = Path(__file__).parents[3] / "patients" / "demo" / "bundles"
_COUNT = 400
# Of these Observations, Claims, Encounters … each has some 30 rows, each in one index or two.
_MOST_RECORDS, _MOST_BYTES = 75, 14_000
_BYTES_OF_A_PAGE = 8_192
_FIRST_WITH_LOG_OF_A_CONNECTION = 180_000

_LOG = database.Query(
    "log of a connection",
    "SELECT wal_records, wal_bytes, wal_fpi FROM pg_stat_get_backend_wal(pg_backend_pid())",
)
_FLUSH = database.Query("flush of counters", "SELECT pg_stat_force_next_flush()")
_SCANS = database.Query("scans", "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY (%s)")


def _demo_changes() -> list[Change]:
    path = next(path for path in sorted(_DEMO.glob("*.json.bz2")) if not path.name.startswith("0-"))
    entries = json.loads(bz2.decompress(path.read_bytes()), parse_float=Decimal)["entry"]
    resources = [entry["resource"] for entry in entries if entry["resource"]["resourceType"] != "Patient"]
    assert len(resources) > _COUNT
    return [_new(resource) for resource in resources[:_COUNT]]


def _new(value: dict) -> Change:
    id = str(uuid.uuid4())
    return writing.change_to(from_value({**value, "id": id}), id=id, expected_version=0, method="PUT")


def _counted(query: database.Query, params: Sequence[object] = ()) -> list[tuple]:
    database.fetch_primary(_FLUSH)
    return database.fetch_primary(query, params)


class TestBulkCreate:
    def test_is_a_call_for_fifty(self):
        executions, changes = [], _demo_changes()

        with transaction.atomic(), database.observed(executions.append):
            writing.write_all(changes)

        assert len(executions) == _COUNT / writing.CHANGES_IN_A_CALL

    def test_writes_no_more_log_than_its_rows_need(self):
        changes = _demo_changes()
        if database.raw_connection("default").info.server_version < _FIRST_WITH_LOG_OF_A_CONNECTION:
            pytest.skip("This version does not count the log of a connection.")
        before = _counted(_LOG)[0]

        with transaction.atomic():
            writing.write_all(changes)

        records, bytes, pages = (
            (after - earlier) / _COUNT for after, earlier in zip(_counted(_LOG)[0], before, strict=True)
        )
        assert records <= _MOST_RECORDS
        # Whole pages are there if a checkpoint came by.
        assert bytes - Decimal(pages) * _BYTES_OF_A_PAGE <= _MOST_BYTES


class TestEveryWrite:
    def test_finds_all_rows_by_indexes(self):
        changes = _demo_changes()[:40]
        writing.write_all(changes)
        before = dict(_counted(_SCANS, (list(RECORD_TABLES),)))

        # As often as PostgreSQL would try other plans, and with values that stay, go and come.
        for version in range(1, 8):
            one = replace(changes[0], expected_version=version)
            assert writing.write(replace(one, index=changes[version].index))
            assert all(writing.write_all(replace(each, expected_version=version) for each in changes[1:]))
        assert all(writing.write_all(_deletion(each, version=8) for each in changes))

        assert dict(_counted(_SCANS, (list(RECORD_TABLES),))) == before


def _deletion(change: Change, *, version: int) -> Change:
    return writing.deletion_of(change.resource_type, id=change.id, expected_version=version)

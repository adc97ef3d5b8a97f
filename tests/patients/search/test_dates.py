"""The SQL of date comparisons against their definition, value by value."""

from datetime import UTC, datetime, timedelta

import pytest

from patients.fhir.criteria import Criterion
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.values.dates import PREFIXES, matches, parse_date_value
from patients.search import dates
from perf import database

_SEARCHED = [
    "2026",
    "2026-11",
    "2026-11-24",
    "2026-11-24T10:00Z",
    "2026-11-24T10:00:00Z",
    "2026-11-24T10:00:00.500Z",
    "2026-11-24T10:00:00.5004Z",
    "2026-11-24T10:00:00.5Z",
    "0001-01-01",
    "9999-12-31",
]
_UPDATED = [
    datetime(2026, 11, 24, 10, 0, 0, milliseconds * 1000, tzinfo=UTC)
    for milliseconds in (0, 499, 500, 501, 599, 600)
] + [datetime(2025, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]


class TestLastUpdated:
    @pytest.mark.parametrize("searched", _SEARCHED)
    @pytest.mark.parametrize("prefix", [each for each in PREFIXES if each != "ap"])
    def test_compares_as_defined(self, prefix, searched):
        value = parse_date_value(prefix + searched)
        criterion = Criterion(NATIVE_PATIENT_PARAMETERS["_lastUpdated"], None, (value,))
        condition = dates.condition(criterion)
        sql = f"SELECT {condition.sql} FROM (SELECT %s::timestamptz AS last_updated) s"

        found = [
            database.fetch_primary(database.Query("compare", sql), (*condition.params, each))[0][0]
            for each in _UPDATED
        ]

        end = timedelta(milliseconds=1)
        assert found == [matches(prefix, each, each + end, value.start, value.end) for each in _UPDATED]

"""Dates are the ranges of time that they may mean, and one of them orders lists."""

from datetime import UTC, datetime

import pytest

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.search_parameters import parameters_of
from patients.fhir.search_values.dates import FIRST_MOMENT, LAST_MOMENT
from patients.fhir.search_values.order_dates import ORDER_DATES
from tests.patients.fhir.search_values.read import rows, values


def _day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


class TestDates:
    @pytest.mark.parametrize(
        ("elements", "ranges"),
        [
            ({"effectiveDateTime": "2026"}, {(_day(2026, 1, 1), _day(2027, 1, 1))}),
            (
                {"effectiveInstant": "2026-07-15T10:00:00+02:00"},
                {(_day(2026, 7, 15, 8), _day(2026, 7, 15, 8, 0, 1))},
            ),
            (
                {"effectivePeriod": {"start": "2026-01", "end": "2026-02"}},
                {(_day(2026, 1, 1), _day(2026, 3, 1))},
            ),
            ({"effectivePeriod": {"start": "2026"}}, {(_day(2026, 1, 1), LAST_MOMENT)}),
            ({"effectivePeriod": {"end": "2026"}}, {(FIRST_MOMENT, _day(2027, 1, 1))}),
            ({"effectivePeriod": {"start": "2026", "end": "2020"}}, {(_day(2021, 1, 1), _day(2026, 1, 1))}),
            ({"effectivePeriod": {}}, set()),
            (
                {"effectiveTiming": {"event": ["2026-03-02", "2026-01-01"]}},
                {(_day(2026, 1, 1), _day(2026, 3, 3))},
            ),
            (
                {"effectiveTiming": {"repeat": {"boundsPeriod": {"start": "2026", "end": "2026"}}}},
                {(_day(2026, 1, 1), _day(2027, 1, 1))},
            ),
            ({"effectiveTiming": {"repeat": {"frequency": 2}}}, set()),
            ({"effectiveDateTime": "2026-02-30"}, set()),
            ({"effectiveDateTime": 2026}, set()),
            ({"effectivePeriod": "2026"}, set()),
            ({"effectiveTiming": {"event": "2026", "repeat": []}}, set()),
        ],
    )
    def test_of_an_observation(self, elements, ranges):
        assert rows(values("Observation", **elements).dates, "date") == ranges

    def test_the_time_of_the_last_update_is_the_servers(self):
        assert values("Basic", meta={"lastUpdated": "2026-01-01T00:00:00Z"}).dates == frozenset()


class TestOrderDate:
    @pytest.mark.parametrize(
        ("resource_type", "elements", "date"),
        [
            ("Observation", {"effectiveDateTime": "2026"}, _day(2026, 1, 1)),
            ("Observation", {}, None),
            ("Encounter", {"period": {"end": "2026-01-01"}}, _day(2026, 1, 2)),
            ("Condition", {"recordedDate": "2026", "onsetDateTime": "2020"}, _day(2020, 1, 1)),
            ("Condition", {"recordedDate": "2026"}, _day(2026, 1, 1)),
            ("MedicationRequest", {"authoredOn": "2026"}, _day(2026, 1, 1)),
            ("Organization", {"name": "x"}, None),
        ],
    )
    def test_is_the_earliest_of_the_first_parameter_with_a_value(self, resource_type, elements, date):
        assert values(resource_type, **elements).date == date

    def test_is_of_parameters_that_there_are(self):
        wrong = [
            (resource_type, name)
            for resource_type, names in ORDER_DATES.items()
            for name in names
            if parameters_of(resource_type)[name].type != "date"
        ]

        assert wrong == []

    def test_is_known_of_all_types_with_dates_but_those_of_birth_and_expiry(self):
        without = {
            resource_type
            for resource_type in RESOURCE_TYPES - ORDER_DATES.keys()
            if "date" not in parameters_of(resource_type)
            and any(
                each.type == "date" and each.name != "_lastUpdated"
                for each in parameters_of(resource_type).values()
            )
        }

        assert without == {"Medication", "Patient", "Person", "RelatedPerson", "Substance"}

"""Charts are in the order of when things happened."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from patients.fhir.clinical_dates import CLINICAL_DATES, clinical_date
from patients.fhir.definitions.patient_compartment import REFERENCE_PATHS
from tests import published


class TestClinicalDates:
    def test_are_of_the_types_of_the_compartment_in_alphabetical_order(self):
        assert list(CLINICAL_DATES) == sorted(CLINICAL_DATES)
        assert set(CLINICAL_DATES) == set(REFERENCE_PATHS)

    @published.needs_published_data
    def test_are_elements_that_r4_defines_as_dates(self):
        elements = _elements()
        types = {
            f"{resource_type}.{path}": elements.get(f"{resource_type}.{path}")
            for resource_type, paths in CLINICAL_DATES.items()
            for path in paths
        }

        assert {
            path
            for path, type in types.items()
            if type not in ("date", "dateTime", "instant", "Period", "Timing")
        } == set()


class TestClinicalDate:
    @pytest.mark.parametrize(
        ("resource_type", "value", "date"),
        [
            (
                "Observation",
                {"effectiveDateTime": "2026-07-15T09:30:00+02:00", "issued": "2026-07-16T00:00:00Z"},
                "2026-07-15T07:30:00+00:00",
            ),
            ("Observation", {"effectivePeriod": {"start": "2026-07"}}, "2026-07-01T00:00:00+00:00"),
            ("Observation", {"effectivePeriod": {"end": "2026-07-03"}}, "2026-07-03T00:00:00+00:00"),
            (
                "Observation",
                {"effectivePeriod": {}, "issued": "2026-07-16T00:00:00.123Z"},
                "2026-07-16T00:00:00.123000+00:00",
            ),
            ("Observation", {"effectiveTiming": {"event": ["2025", "2026"]}}, "2025-01-01T00:00:00+00:00"),
            (
                "Observation",
                {"effectiveTiming": {"repeat": {"boundsPeriod": {"start": "2024"}}}},
                "2024-01-01T00:00:00+00:00",
            ),
            ("Observation", {"effectiveTiming": {"code": {"text": "BID"}}}, None),
            (
                "Observation",
                {"effectiveTiming": {"event": [None]}, "issued": "2026-07-16T00:00:00Z"},
                "2026-07-16T00:00:00+00:00",
            ),
            (
                "Observation",
                {"effectiveDateTime": "2026-02-30", "issued": "2026-07-16T00:00:00Z"},
                "2026-07-16T00:00:00+00:00",
            ),
            ("Observation", {}, None),
            ("Condition", {"onsetString": "as a child", "recordedDate": "1999"}, "1999-01-01T00:00:00+00:00"),
            (
                "Specimen",
                {"collection": {"collectedDateTime": "2026"}, "receivedTime": "2027"},
                "2026-01-01T00:00:00+00:00",
            ),
            ("Specimen", {"receivedTime": "2027"}, "2027-01-01T00:00:00+00:00"),
            ("Encounter", {"period": {"start": "0001-01-01T00:00:00+14:00"}}, "0001-01-01T00:00:00+00:00"),
            ("Group", {"member": []}, None),
            ("Medication", {"date": "2026"}, None),
        ],
    )
    def test_is_the_first_that_the_type_has(self, resource_type, value, date):
        assert clinical_date(resource_type, value) == date

    @published.needs_published_data
    def test_is_there_for_all_that_a_chart_shows_of_a_published_record(self):
        resources = [
            entry["resource"] for bundle in published.synthea_bundles(limit=4) for entry in bundle["entry"]
        ]
        undated = Counter(
            each["resourceType"]
            for each in resources
            if each["resourceType"] in CLINICAL_DATES and clinical_date(each["resourceType"], each) is None
        )

        assert undated == {"Patient": 4}

    @published.needs_published_data
    def test_of_each_published_example_is_an_instant(self):
        dates = [clinical_date(each["resourceType"], each) for each in published.hl7_examples()]

        assert {datetime.fromisoformat(date).utcoffset().total_seconds() for date in dates if date} == {0}


def _elements() -> dict[str, str]:
    """The type of each element of each resource type, each choice under its own name."""
    found = {}
    for entry in published.definition("profiles-resources")["entry"]:
        for element in entry["resource"].get("snapshot", {}).get("element", []):
            for type in element.get("type", []):
                name = type["code"][0].upper() + type["code"][1:]
                found[element["path"].replace("[x]", name)] = type["code"]
    return found

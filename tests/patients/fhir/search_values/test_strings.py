"""Strings are folded; of names and addresses each part is found by itself. URIs stay as they are."""

import pytest

from patients.fhir.values.strings import exact_hash
from tests.patients.fhir.search_values.read import rows, values

NAME = {"text": "Dr Zoë Smith", "family": "Smith", "given": ["Zoë", None], "prefix": ["Dr"], "suffix": ["II"]}
ADDRESS = {
    "text": "1 High St, York",
    "line": ["1 High St"],
    "city": "York",
    "district": "North",
    "state": "NY",
    "postalCode": "12",
    "country": "UK",
}


class TestStrings:
    @pytest.mark.parametrize(
        ("elements", "parameter", "texts"),
        [
            ({"name": [NAME]}, "name", {"dr zoe smith", "smith", "zoe", "dr", "ii"}),
            ({"name": [NAME]}, "phonetic", {"dr zoe smith", "smith", "zoe", "dr", "ii"}),
            ({"name": [NAME]}, "family", {"smith"}),
            ({"name": [NAME]}, "given", {"zoe"}),
            (
                {"address": [ADDRESS]},
                "address",
                {"1 high st, york", "1 high st", "york", "north", "ny", "12", "uk"},
            ),
            ({"address": [ADDRESS]}, "address-city", {"york"}),
            ({"name": 7}, "name", set()),
            ({"name": [7, None, {"family": 7, "given": "Zoë"}]}, "family", set()),
        ],
    )
    def test_of_a_patient(self, elements, parameter, texts):
        assert {row[0] for row in rows(values("Patient", **elements).strings, parameter)} == texts

    def test_are_told_apart_by_how_they_are_written(self):
        assert rows(values("Location", name="Zoë").strings, "name") == {("zoe", exact_hash("Zoë"))}

    def test_the_text_of_a_concept_is_a_string_of_an_observation(self):
        found = values("Observation", valueCodeableConcept={"text": "High"}).strings

        assert rows(found, "value-string") == {("high", exact_hash("High"))}


class TestUris:
    def test_are_as_written(self):
        assert rows(values("ValueSet", url="http://Example.org/A").uris, "url") == {("http://Example.org/A",)}

    def test_a_canonical_url_is_there_with_and_without_its_version(self):
        found = values("Basic", meta={"profile": ["http://example.org/p|1", "http://example.org/q"]}).uris

        assert rows(found, "_profile") == {
            ("http://example.org/p",),
            ("http://example.org/p|1",),
            ("http://example.org/q",),
        }

from patients.fhir import search_digest
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.search_digest import definitions_digest


class TestDigest:
    def test_is_there_for_each_type(self):
        digests = {definitions_digest(each) for each in RESOURCE_TYPES}

        assert len(digests) == len(RESOURCE_TYPES)
        assert {len(each) for each in digests} == {32}

    def test_is_the_same_each_time(self):
        assert definitions_digest("Observation") == definitions_digest("Observation")

    def test_changes_with_the_way_of_extraction(self, monkeypatch):
        before = definitions_digest("Observation")

        monkeypatch.setattr(search_digest, "_EXTRACTION", 0)

        assert definitions_digest("Observation") != before

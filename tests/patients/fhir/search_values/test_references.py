"""References are to type and id, whatever the version, or to a URL elsewhere."""

import pytest

from tests.patients.fhir.search_values.read import rows, values


class TestReferences:
    @pytest.mark.parametrize(
        ("reference", "row"),
        [
            ("Patient/1", ("Patient", "1")),
            ("Patient/1/_history/2", ("Patient", "1")),
            ("http://example.org/fhir/Patient/1", ("", "http://example.org/fhir/Patient/1")),
            ("http://example.org/fhir/Patient/1/_history/2", ("", "http://example.org/fhir/Patient/1")),
            ("urn:uuid:5a0", ("", "urn:uuid:5a0")),
            ("#contained", ("", "#contained")),
        ],
    )
    def test_of_an_observation(self, reference, row):
        found = values("Observation", subject={"reference": reference}).references

        assert rows(found, "subject") == {row}

    @pytest.mark.parametrize(
        ("subject", "is_patient"),
        [
            ({"reference": "Patient/1"}, True),
            ({"reference": "Group/1"}, False),
            ({"reference": "http://example.org/fhir/Patient/1"}, True),
            ({"reference": "http://example.org/fhir/Group/1", "type": "Patient"}, False),
            ({"reference": "urn:uuid:5a0", "type": "Patient"}, True),
            ({"reference": "urn:uuid:5a0"}, False),
        ],
    )
    def test_some_parameters_find_one_type_only(self, subject, is_patient):
        assert bool(rows(values("Observation", subject=subject).references, "patient")) == is_patient

    def test_a_reference_may_be_made_by_identifier(self):
        subject = {"identifier": {"system": "urn:i", "value": "A1"}, "type": "Patient", "display": "Eve"}

        found = values("Observation", subject=subject)

        assert rows(found.identifiers, "subject") == rows(found.identifiers, "patient") == {("urn:i", "a1")}
        assert rows(found.texts, "subject") == {("Eve",)}
        assert rows(found.references, "subject") == set()

    def test_a_canonical_url_is_found_with_and_without_its_version(self):
        found = values(
            "QuestionnaireResponse", questionnaire="http://example.org/Questionnaire/q|2"
        ).references

        assert rows(found, "questionnaire") == {
            ("", "http://example.org/Questionnaire/q"),
            ("", "http://example.org/Questionnaire/q|2"),
        }

    def test_related_artifacts_are_told_apart_by_their_type(self):
        artifacts = [
            {"type": "depends-on", "resource": "http://example.org/a"},
            {"type": "predecessor", "resource": "http://example.org/b"},
        ]

        found = values("Measure", relatedArtifact=artifacts).references

        assert rows(found, "depends-on") == {("", "http://example.org/a")}
        assert rows(found, "predecessor") == {("", "http://example.org/b")}

    def test_a_document_refers_to_its_first_entry_only(self):
        entries = [{"resource": {"resourceType": "Composition", "id": id}} for id in ("1", "2")]

        found = values("Bundle", entry=entries).references

        assert rows(found, "composition") == {("Composition", "1")}
        assert rows(found, "message") == set()

    @pytest.mark.parametrize("subject", [None, 7, "Patient/1", {"reference": 7}, {"identifier": "A1"}])
    def test_what_is_no_reference_gives_nothing(self, subject):
        assert rows(values("Observation", subject=subject).references, "subject") == set()

"""A write puts into the search tables what the resource can be found by."""

from __future__ import annotations

import pytest
from hypothesis import given

from patients.fhir import resource
from patients.fhir.extraction import PatientColumns, SearchValues, extract
from patients.fhir.values.strings import exact_hash
from tests import published
from tests.patients.fhir import strategies


def _extracted(**elements) -> SearchValues:
    return extract(resource.from_value({"resourceType": "Patient", **elements}))


def _columns(**elements) -> PatientColumns:
    return _extracted(**elements).patient


class TestStrings:
    def test_are_all_parts_of_all_names_and_all_cities(self):
        values = _extracted(
            name=[
                {"text": "Dr Zoë Łęcka", "family": "Łęcka", "given": ["Zoë", None, "M."], "prefix": ["Dr"]},
                {"use": "maiden", "family": "O\u2019Brien", "suffix": ["MD"]},
            ],
            address=[{"city": "Łódź"}, {"country": "PL"}, {"city": "São Paulo"}],
        )

        assert values.strings == {
            ("family", "lecka", exact_hash("Łęcka")),
            ("family", "o'brien", exact_hash("O\u2019Brien")),
            ("given", "zoe", exact_hash("Zoë")),
            ("given", "m.", exact_hash("M.")),
            ("name", "dr zoe lecka", exact_hash("Dr Zoë Łęcka")),
            ("name", "lecka", exact_hash("Łęcka")),
            ("name", "zoe", exact_hash("Zoë")),
            ("name", "m.", exact_hash("M.")),
            ("name", "dr", exact_hash("Dr")),
            ("name", "o'brien", exact_hash("O\u2019Brien")),
            ("name", "md", exact_hash("MD")),
            ("address-city", "lodz", exact_hash("Łódź")),
            ("address-city", "sao paulo", exact_hash("São Paulo")),
        }

    def test_are_not_cut(self):
        (_, folded, _), *_ = _extracted(address=[{"city": "X" * 5_000}]).strings

        assert folded == "x" * 5_000

    def test_are_none_of_a_name_that_has_only_extensions(self):
        values = _extracted(name=[{"_family": {"extension": [{"url": "urn:x", "valueString": "?"}]}}])

        assert values.strings == frozenset()


class TestTokens:
    def test_are_identifiers_with_and_without_a_system(self):
        values = _extracted(
            identifier=[
                {"system": "urn:Mrn", "value": " AB-1 "},
                {"value": "77"},
                {"system": "urn:only"},
                {"use": "usual"},
            ]
        )

        assert values.tokens == {
            ("identifier", "urn:Mrn", "ab-1"),
            ("identifier", "", "77"),
            ("identifier", "urn:only", ""),
        }

    @pytest.mark.parametrize("resource_type", ["Bundle", "Composition", "Observation", "Practitioner"])
    @pytest.mark.parametrize("is_list", [True, False])
    def test_are_identifiers_of_any_type(self, resource_type, is_list):
        identifier = {"system": "urn:x", "value": "1"}
        value = {"resourceType": resource_type, "identifier": [identifier] if is_list else identifier}

        assert extract(resource.from_value(value)).tokens == {("identifier", "urn:x", "1")}

    def test_are_contact_points_by_their_system(self):
        values = _extracted(
            telecom=[
                {"system": "phone", "value": "(03) 5555 6473"},
                {"system": "email", "value": "P@Example.org"},
                {"system": "fax", "value": "0355556474"},
                {"value": "#chat"},
                {"system": "phone", "rank": 1},
            ]
        )

        assert values.tokens == {
            ("telecom", "phone", "(03) 5555 6473"),
            ("telecom", "phone", "0355556473"),
            ("phone", "phone", "(03) 5555 6473"),
            ("phone", "phone", "0355556473"),
            ("telecom", "email", "p@example.org"),
            ("email", "email", "p@example.org"),
            ("telecom", "fax", "0355556474"),
            ("telecom", "", "#chat"),
        }


class TestPatientColumns:
    def test_of_an_empty_patient_are_empty(self):
        assert _columns() == PatientColumns(
            family_name="",
            given_name="",
            family_folded="",
            given_folded="",
            birth_date=None,
            birth_start=None,
            birth_end=None,
            gender=None,
            active=None,
            deceased=False,
            deceased_at=None,
            replaced_by=None,
            names=[],
            identifiers=[],
            telecoms=[],
            addresses=[],
        )

    def test_carry_the_elements_to_show(self):
        elements = {
            "name": [{"family": "Łęcka", "given": ["Zoë", None, "M."]}],
            "identifier": [{"value": "1"}],
            "telecom": [{"system": "phone", "value": "555"}],
            "address": [{"city": "Łódź"}],
        }

        columns = _columns(**elements, gender="female", active=False, birthDate="1980-02")

        assert columns == PatientColumns(
            family_name="Łęcka",
            given_name="Zoë M.",
            family_folded="lecka",
            given_folded="zoe m.",
            birth_date="1980-02",
            birth_start="1980-02-01",
            birth_end="1980-02-29",
            gender="female",
            active=False,
            deceased=False,
            deceased_at=None,
            replaced_by=None,
            names=elements["name"],
            identifiers=elements["identifier"],
            telecoms=elements["telecom"],
            addresses=elements["address"],
        )

    @pytest.mark.parametrize(
        ("names", "shown"),
        [
            ([{"use": "usual", "family": "B"}, {"use": "official", "family": "A"}], "A"),
            ([{"family": "C"}, {"use": "usual", "family": "B"}], "B"),
            ([{"use": "maiden", "family": "D"}, {"family": "C"}], "C"),
            ([{"use": "old", "family": "D"}, {"use": "nickname", "family": "C"}], "C"),
            ([{"family": "A"}, {"family": "B"}], "A"),
            (
                [
                    {"use": "official", "family": "B", "period": {"end": "2001"}},
                    {"use": "usual", "family": "A"},
                ],
                "A",
            ),
            (
                [
                    {"use": "official", "family": "A", "period": {"start": "2001"}},
                    {"use": "usual", "family": "B"},
                ],
                "A",
            ),
            ([{"use": "old", "family": "A"}], "A"),
            ([{"use": "official", "prefix": ["Dr"]}, {"use": "old", "family": "A"}], "A"),
            ([{"use": "official", "text": "Madonna"}], "Madonna"),
            ([{"use": "official", "text": "Cher B", "given": ["Cher"]}], ""),
        ],
    )
    def test_show_the_name_that_the_patient_goes_by(self, names, shown):
        assert _columns(name=names).family_name == shown

    def test_cut_folded_names_to_128_characters(self):
        columns = _columns(name=[{"family": "\ufdfa" * 100, "given": ["Ä" * 200]}])

        assert (len(columns.family_folded), columns.given_folded) == (128, "a" * 128)
        assert columns.family_name == "\ufdfa" * 100

    @pytest.mark.parametrize(
        ("elements", "deceased", "deceased_at"),
        [
            ({}, False, None),
            ({"deceasedBoolean": False}, False, None),
            ({"deceasedBoolean": True}, True, None),
            ({"deceasedDateTime": "2020-05"}, True, "2020-05"),
            ({"_deceasedDateTime": {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}}, True, None),
        ],
    )
    def test_tell_of_death(self, elements, deceased, deceased_at):
        columns = _columns(**elements)

        assert (columns.deceased, columns.deceased_at) == (deceased, deceased_at)

    @pytest.mark.parametrize(
        ("links", "replaced_by"),
        [
            ([{"type": "replaced-by", "other": {"reference": "Patient/b"}}], "b"),
            ([{"type": "replaced-by", "other": {"reference": "Patient/b/_history/2"}}], "b"),
            ([{"type": "replaces", "other": {"reference": "Patient/b"}}], None),
            ([{"type": "replaced-by", "other": {"display": "somebody"}}], None),
            (
                [
                    {"type": "seealso", "other": {"reference": "Patient/a"}},
                    {"type": "replaced-by", "other": {"reference": "Patient/b"}},
                ],
                "b",
            ),
        ],
    )
    def test_tell_who_replaces_the_patient(self, links, replaced_by):
        assert _columns(link=links).replaced_by == replaced_by

    def test_are_none_for_another_type(self):
        assert (
            extract(resource.from_value({"resourceType": "Practitioner", "name": [{"family": "A"}]})).patient
            is None
        )


@given(strategies.patients())
def test_folded_names_are_found_by_search(patient):
    columns = extract(resource.from_value(patient))

    families = {folded[:128] for parameter, folded, _ in columns.strings if parameter in ("family", "name")}
    assert columns.patient.family_folded in families | {""}


@published.needs_published_data
def test_each_published_example_is_extracted():
    extracted = [extract(resource.from_value(value)) for value in published.hl7_examples()]

    assert len(extracted) == 730
    assert {type(values) for values in extracted} == {SearchValues}


@published.needs_published_data
def test_the_patient_of_the_specification_is_found_as_its_page_shows():
    (value,) = [
        each
        for each in published.hl7_examples()
        if (each["resourceType"], each["id"]) == ("Patient", "example")
    ]

    values = extract(resource.from_value(value))

    assert (values.patient.family_name, values.patient.given_name) == ("Chalmers", "Peter James")
    assert ("family", "windsor", exact_hash("Windsor")) in values.strings
    assert ("identifier", "urn:oid:1.2.36.146.595.217.0.1", "12345") in values.tokens
    assert ("phone", "phone", "0355556473") in values.tokens
    assert (values.patient.birth_start, values.patient.active, values.patient.deceased) == (
        "1974-12-25",
        True,
        False,
    )

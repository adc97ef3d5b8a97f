"""Chains lead to what a resource refers to, `_has` to what refers to it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from patients.fhir.criteria import ChainLink, Criterion, ReverseChain
from patients.fhir.outcomes import (
    FhirError,
    InvalidRequest,
    InvalidSearchParameter,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_parameters import parameters_of
from patients.fhir.search_request import parse


def _criterion(resource_type: str, key: str, text: str) -> Criterion | ReverseChain:
    (criterion,) = parse(resource_type, [(key, text)]).criteria
    return criterion


def _links(criterion: Criterion) -> list[tuple[str, tuple[str, ...]]]:
    return [(link.parameter.name, link.target_types) for link in criterion.chain]


class TestChain:
    @pytest.mark.parametrize(
        ("resource_type", "key", "links", "canonical"),
        [
            ("Observation", "subject:Patient.name", [("subject", ("Patient",))], "subject:Patient.name"),
            ("Observation", "patient.name", [("patient", ("Patient",))], "patient:Patient.name"),
            ("Observation", "patient.name:exact", [("patient", ("Patient",))], "patient:Patient.name:exact"),
            ("Observation", "patient.birthdate", [("patient", ("Patient",))], "patient:Patient.birthdate"),
            ("Observation", "patient._id", [("patient", ("Patient",))], "patient:Patient._id"),
            ("Observation", "subject.name", [("subject", ("Location", "Patient"))], "subject.name"),
            (
                "Observation",
                "subject.identifier",
                [("subject", ("Device", "Group", "Location", "Patient"))],
                "subject.identifier",
            ),
            (
                "DiagnosticReport",
                "subject:Patient.general-practitioner:Organization.name",
                [("subject", ("Patient",)), ("general-practitioner", ("Organization",))],
                "subject:Patient.general-practitioner:Organization.name",
            ),
            (
                "DiagnosticReport",
                "result.subject:Patient.identifier",
                [("result", ("Observation",)), ("subject", ("Patient",))],
                "result:Observation.subject:Patient.identifier",
            ),
            (
                "DiagnosticReport",
                "result.encounter.service-provider.name",
                [
                    ("result", ("Observation",)),
                    ("encounter", ("Encounter",)),
                    ("service-provider", ("Organization",)),
                ],
                "result:Observation.encounter:Encounter.service-provider:Organization.name",
            ),
        ],
    )
    def test_names_each_step_and_where_it_leads(self, resource_type, key, links, canonical):
        text = "1980" if key.endswith("birthdate") else "peter"
        criterion = _criterion(resource_type, key, text)

        found = [(name, tuple(sorted(types))) for name, types in _links(criterion)]
        assert found == links
        assert criterion.query() == f"{canonical}={text}"

    def test_ends_with_a_criterion_on_what_it_leads_to(self):
        criterion = _criterion("Observation", "subject:Patient.name:exact", "Peter")
        plain = _criterion("Patient", "name:exact", "Peter")

        link = ChainLink(parameters_of("Observation")["subject"], ("Patient",))
        assert criterion == Criterion(plain.parameter, "exact", plain.values, (link,))

    @pytest.mark.parametrize(
        ("key", "canonical"),
        [
            ("patient._has:Group:member:_id", "patient:Patient._has:Group:member:_id"),
            ("subject._has:Group:member:_id", "subject._has:Group:member:_id"),
            (
                "encounter.subject:Patient._has:Observation:patient:performer:Organization.name",
                "encounter:Encounter.subject:Patient._has:Observation:patient:performer:Organization.name",
            ),
            (
                "_has:Observation:encounter:subject:Patient._has:Group:member:code",
                "_has:Observation:encounter:subject:Patient._has:Group:member:code",
            ),
        ],
    )
    def test_may_end_with_what_refers_to_its_end(self, key, canonical):
        resource_type = "Encounter" if key.startswith("_has") else "Observation"
        criterion = _criterion(resource_type, key, "23")

        assert criterion.query() == f"{canonical}=23"
        assert _criterion(resource_type, canonical, "23") == criterion

    def test_may_end_with_a_reference_and_its_type(self):
        criterion = _criterion("Observation", "encounter.subject:Patient", "23")

        assert criterion.query() == "encounter:Encounter.subject=Patient/23"

    @pytest.mark.parametrize(
        ("key", "error", "sentence"),
        [
            ("foo.name", UnknownSearchParameter, "Unknown search parameter 'foo'."),
            (
                "patient.foo",
                UnknownSearchParameter,
                "Nothing that 'patient' refers to has a search parameter 'foo'.",
            ),
            ("patient:Patient.foo", UnknownSearchParameter, "Unknown search parameter 'foo'."),
            (
                "patient.",
                UnknownSearchParameter,
                "Nothing that 'patient' refers to has a search parameter ''.",
            ),
            (".name", UnknownSearchParameter, "Unknown search parameter ''."),
            (
                "patient.name.family",
                UnknownSearchParameter,
                "Nothing that 'patient' refers to has a reference 'name'.",
            ),
            (
                "code.name",
                InvalidSearchParameter,
                "Search parameter 'code' is no reference; nothing can follow it after a '.'.",
            ),
            (
                "patient:Patient.name.x",
                InvalidSearchParameter,
                "Search parameter 'name' is no reference; nothing can follow it after a '.'.",
            ),
            (
                "subject:Practitioner.name",
                UnsupportedModifier,
                "Search parameter 'subject' does not refer to resources of type 'Practitioner'.",
            ),
            (
                "subject:Pateint.name",
                UnsupportedModifier,
                "Search parameter 'subject' does not refer to resources of type 'Pateint'.",
            ),
            (
                "subject:.name",
                UnsupportedModifier,
                "Search parameter 'subject' does not refer to resources of type ''.",
            ),
            (
                "patient.name:fuzzy",
                UnsupportedModifier,
                "Search parameter 'name' does not take the modifier ':fuzzy', "
                "only :contains, :exact, :missing.",
            ),
            (
                "patient._has:Group",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "patient._has:Observation:encounter:code",
                InvalidSearchParameter,
                "Search parameter '_has' names 'encounter', "
                "which refers to nothing that 'patient' refers to.",
            ),
            (
                "code._has:Group:member:_id",
                InvalidSearchParameter,
                "Search parameter 'code' is no reference; nothing can follow it after a '.'.",
            ),
            (
                "encounter.part-of.part-of.patient._has:Group:member:_id",
                InvalidRequest,
                "A chain may follow at most 3 references.",
            ),
            (
                "_list.title",
                InvalidSearchParameter,
                "Search parameter '_list' is no reference; nothing can follow it after a '.'.",
            ),
            (
                "patient._sort",
                UnknownSearchParameter,
                "Nothing that 'patient' refers to has a search parameter '_sort'.",
            ),
            ("a.b.c.d.e", InvalidRequest, "A chain may follow at most 3 references."),
            ("." * 200, InvalidRequest, "A chain may follow at most 3 references."),
        ],
    )
    def test_is_refused(self, key, error, sentence):
        with pytest.raises(error) as raised:
            _criterion("Observation", key, "peter")

        assert str(raised.value) == sentence

    def test_is_refused_where_it_would_mean_different_things(self):
        with pytest.raises(InvalidSearchParameter) as raised:
            _criterion("Provenance", "target.type", "x")

        assert str(raised.value).startswith("Search parameter 'type' means different things for ")
        assert str(raised.value).endswith("; ask for one type.")

    def test_refuses_a_bad_value_at_its_end(self):
        with pytest.raises(InvalidSearchParameter) as raised:
            _criterion("Observation", "patient.birthdate", "1980-02-30")

        assert str(raised.value) == (
            "Search parameter 'birthdate' has a date that does not exist in the calendar."
        )


class TestReverseChain:
    def test_is_a_criterion_on_what_refers_to_the_resource(self):
        criterion = _criterion("Patient", "_has:Observation:patient:code", "1234-5")

        assert criterion == ReverseChain(
            "Observation",
            parameters_of("Observation")["patient"],
            _criterion("Observation", "code", "1234-5"),
        )

    @pytest.mark.parametrize(
        ("resource_type", "key"),
        [
            ("Patient", "_has:Observation:patient:code"),
            ("Patient", "_has:Group:member:_id"),
            ("Patient", "_has:Observation:subject:code:text"),
            ("Patient", "_has:Observation:patient:_has:AuditEvent:entity:agent"),
            ("Patient", "_has:Observation:patient:encounter:Encounter.class"),
            ("Practitioner", "_has:PractitionerRole:practitioner:organization:Organization.name"),
            (
                "Organization",
                "_has:Patient:organization:_has:Encounter:subject:_has:Observation:encounter:code",
            ),
        ],
    )
    def test_is_read_again_as_it_is_written(self, resource_type, key):
        criterion = _criterion(resource_type, key, "23")

        ((name, text),) = parse_qsl(criterion.query(), strict_parsing=True)
        assert name == key
        assert _criterion(resource_type, name, text) == criterion

    @pytest.mark.parametrize(
        ("key", "error", "sentence"),
        [
            (
                "_has",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "_has:Observation",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "_has:Observation:patient",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "_has:Observation:patient:",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "_has::patient:code",
                InvalidSearchParameter,
                "Search parameter '_has' is written as _has:Type:reference:parameter.",
            ),
            (
                "_has:Obs:patient:code",
                InvalidSearchParameter,
                "Search parameter '_has' names 'Obs', which is no type of resource.",
            ),
            ("_has:Observation:foo:code", UnknownSearchParameter, "Unknown search parameter 'foo'."),
            ("_has:Observation:patient:foo", UnknownSearchParameter, "Unknown search parameter 'foo'."),
            (
                "_has:Observation:code:code",
                InvalidSearchParameter,
                "Search parameter '_has' names 'Observation:code', which is no reference.",
            ),
            (
                "_has:Observation:encounter:code",
                InvalidSearchParameter,
                "Search parameter '_has' names 'Observation:encounter', "
                "which does not refer to what is searched.",
            ),
            (
                "_has:Observation:patient:code:in",
                UnsupportedModifier,
                "Search parameter 'code' does not take the modifier ':in': "
                "a terminology server is needed for it, and there is none here.",
            ),
            ("_has:Observation:patient:code:fuzzy", UnsupportedModifier, None),
            (
                "_has:Observation:patient:" + "_has:Provenance:target:" * 3 + "recorded",
                FhirError,
                None,
            ),
        ],
    )
    def test_is_refused(self, key, error, sentence):
        with pytest.raises(error) as raised:
            _criterion("Patient", key, "1")

        assert sentence is None or str(raised.value) == sentence

    def test_is_not_nested_deeper_than_3(self):
        key = "_has:Provenance:target:" * 4 + "recorded"

        with pytest.raises(InvalidRequest) as raised:
            _criterion("Provenance", key, "2026")

        assert str(raised.value) == "'_has' may be nested at most 3 deep."

    def test_counts_its_values(self):
        pairs = [("_has:Observation:patient:code", ",".join("a" * 501))] * 2

        with pytest.raises(InvalidRequest) as raised:
            parse("Patient", pairs)

        assert str(raised.value) == "A search may look for at most 1000 values."

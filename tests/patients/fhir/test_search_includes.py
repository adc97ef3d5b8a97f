"""Includes name the references to follow, and are refused where they could include nothing."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_includes import Include
from patients.fhir.search_parameters import parameters_of
from patients.fhir.search_request import parse
from patients.fhir.search_scope import is_reference

_PATIENT = parameters_of("Observation")["patient"]
_SUBJECT = parameters_of("Observation")["subject"]
_TARGET = parameters_of("Provenance")["target"]
_LINK = parameters_of("Patient")["link"]
_FORM = "is written as Type:parameter or Type:parameter:TargetType."


def _includes(resource_type: str | None, *pairs: tuple[str, str]) -> tuple[Include, ...]:
    return parse(resource_type, pairs).includes


@pytest.mark.parametrize(
    ("key", "text", "include"),
    [
        ("_include", "Observation:patient", Include("Observation", _PATIENT, None, False, False)),
        (
            "_include",
            "Observation:subject:Patient",
            Include("Observation", _SUBJECT, "Patient", False, False),
        ),
        ("_include", "Observation:*", Include("Observation", None, None, False, False)),
        ("_include", "Observation:*:Patient", Include("Observation", None, "Patient", False, False)),
        ("_include", "*", Include("*", None, None, False, False)),
        ("_include:iterate", "*", Include("*", None, None, True, False)),
        ("_include:iterate", "Patient:link", Include("Patient", _LINK, None, True, False)),
        (
            "_include:iterate",
            "Observation:subject:Patient",
            Include("Observation", _SUBJECT, "Patient", True, False),
        ),
        ("_revinclude", "Provenance:target", Include("Provenance", _TARGET, None, False, True)),
        (
            "_revinclude",
            "Provenance:target:Observation",
            Include("Provenance", _TARGET, "Observation", False, True),
        ),
        ("_revinclude", "Provenance:*", Include("Provenance", None, None, False, True)),
        ("_revinclude", "*", Include("*", None, None, False, True)),
        (
            "_revinclude:iterate",
            "Provenance:target:Patient",
            Include("Provenance", _TARGET, "Patient", True, True),
        ),
    ],
)
def test_is_read_and_written(key, text, include):
    (found,) = _includes("Observation", (key, text))

    assert found == include
    assert parse_qsl(found.query(), strict_parsing=True) == [(key, text)]


def test_is_kept_once():
    pair = ("_include", "Observation:patient")

    assert _includes("Observation", pair, pair) == (Include("Observation", _PATIENT, None, False, False),)


def test_of_one_of_several_types():
    assert _includes(None, ("_include", "Observation:patient"), ("_type", "Patient,Observation")) == (
        Include("Observation", _PATIENT, None, False, False),
    )


@pytest.mark.parametrize(
    ("key", "text", "error", "sentence"),
    [
        ("_include", "", InvalidSearchParameter, _FORM),
        ("_include", "Observation", InvalidSearchParameter, _FORM),
        ("_include", "Observation:", InvalidSearchParameter, _FORM),
        ("_include", ":patient", InvalidSearchParameter, _FORM),
        ("_include", "Observation:patient:", InvalidSearchParameter, _FORM),
        ("_include", "Observation:patient:Patient:x", InvalidSearchParameter, _FORM),
        ("_include", "Observation.subject", InvalidSearchParameter, _FORM),
        ("_include", "Obs:patient", InvalidSearchParameter, "names 'Obs', which is no type of resource."),
        ("_include", "Obs:*", InvalidSearchParameter, "names 'Obs', which is no type of resource."),
        (
            "_include",
            "Observation:*:Pat",
            InvalidSearchParameter,
            "names 'Pat', which is no type of resource.",
        ),
        (
            "_include",
            "Observation:_list",
            InvalidSearchParameter,
            "names 'Observation:_list', which is no reference.",
        ),
        (
            "_include",
            "Observation:code",
            InvalidSearchParameter,
            "names 'Observation:code', which is no reference.",
        ),
        (
            "_include",
            "Patient:organization",
            InvalidSearchParameter,
            "names 'Patient', which is not searched; for what is included add ':iterate'.",
        ),
        ("_include", "a\0:b", InvalidSearchParameter, "has a character that no text may have."),
        (
            "_revinclude",
            "Encounter:service-provider",
            InvalidSearchParameter,
            "names a reference that is not to what is searched; for what is included add ':iterate'.",
        ),
        (
            "_revinclude",
            "Provenance:target:Patient",
            InvalidSearchParameter,
            "names a reference that is not to what is searched; for what is included add ':iterate'.",
        ),
        (
            "_include:recurse",
            "Observation:patient",
            UnsupportedModifier,
            "does not take the modifier ':recurse'; R4 writes it ':iterate'.",
        ),
        (
            "_include:",
            "Observation:patient",
            UnsupportedModifier,
            "does not take the modifier ':', only :iterate.",
        ),
        (
            "_revinclude:exact",
            "Provenance:target",
            UnsupportedModifier,
            "does not take the modifier ':exact', only :iterate.",
        ),
    ],
)
def test_is_refused(key, text, error, sentence):
    with pytest.raises(error) as raised:
        _includes("Observation", (key, text))

    assert str(raised.value) == f"Search parameter '{key.partition(':')[0]}' {sentence}"


def test_refuses_a_parameter_that_the_type_has_not():
    with pytest.raises(UnknownSearchParameter) as raised:
        _includes("Observation", ("_include", "Observation:foo"))

    assert str(raised.value) == "Unknown search parameter 'foo'."


def test_refuses_a_target_that_the_parameter_never_has():
    with pytest.raises(UnsupportedModifier) as raised:
        _includes("Observation", ("_include", "Observation:patient:Group"))

    assert str(raised.value) == "Search parameter 'patient' does not refer to resources of type 'Group'."


def test_refuses_more_than_16():
    references = [each.name for each in parameters_of("Observation").values() if is_reference(each)]
    pairs = [(key, f"Observation:{name}") for key in ("_include", "_include:iterate") for name in references]

    with pytest.raises(InvalidRequest) as raised:
        _includes("Observation", *pairs)

    assert str(raised.value) == "A search may have at most 16 includes."

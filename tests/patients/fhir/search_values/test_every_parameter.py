"""Every parameter of every type finds what it is about, in HL7's examples and in resources made for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir.definitions import RESOURCE_TYPES, search_parameter_table
from patients.fhir.extraction import extract
from patients.fhir.resource import from_value
from patients.fhir.search_keys import parameters_of
from patients.fhir.search_values import extract_values, plans
from tests import published
from tests.patients.fhir.strategies import patients

# Known from elsewhere, or looked up when asked for.
_NOT_EXTRACTED = {"_id", "_lastUpdated", "_list", "near"}

# What examples have the element of, without a value that the parameter could find.
_WITHOUT_VALUE = {
    ("AppointmentResponse", "location"),  # its actors are others
    ("Consent", "source-reference"),  # attachments only
    ("MolecularSequence", "identifier"),  # a use, and nothing else
    ("Provenance", "patient"),  # its targets are others
}
# Parameters, without those of all types, that no example reaches: for them only made resources speak.
_WITHOUT_EXAMPLE = 429

_QUANTITY = {"value": 5, "unit": "mg"}
_SAMPLES: dict[str, Any] = {
    "Address": {"city": "York"},
    "Age": _QUANTITY,
    "CodeableConcept": {"coding": [{"system": "urn:c", "code": "x"}]},
    "Coding": {"system": "urn:c", "code": "x"},
    "ContactPoint": {"system": "phone", "value": "555"},
    "Duration": _QUANTITY,
    "HumanName": {"family": "Smith"},
    "Identifier": {"system": "urn:i", "value": "x"},
    "Money": {"value": 5, "currency": "AUD"},
    "Period": {"start": "2026"},
    "Quantity": _QUANTITY,
    "Range": {"low": _QUANTITY},
    "Timing": {"event": ["2026"]},
    "boolean": False,
    "canonical": "http://example.org/x",
    "code": "x",
    "date": "2026",
    "dateTime": "2026",
    "decimal": 5,
    "id": "x",
    "instant": "2026-01-01T00:00:00Z",
    "integer": 5,
    "markdown": "x",
    "string": "x",
    "uri": "http://example.org/x",
    "url": "http://example.org/x",
}

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=9),
)
_HOSTILE = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("code", "coding", "value", "start", "reference", "x")), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def _has(value: Any, steps: list[Any]) -> bool:
    if not steps:
        return value is not None
    if isinstance(value, list):
        return any(_has(each, steps) for each in value)
    name = steps[0] if isinstance(steps[0], str) else steps[0][0]
    return isinstance(value, dict) and name in value and _has(value[name], steps[1:])


def _parameters() -> set[tuple[str, str]]:
    table = search_parameter_table()
    return {(type, name) for type, named in table.items() for name in named if name not in _NOT_EXTRACTED}


def _made(steps: list[Any], value: Any) -> Any:
    """Return the elements in which a path leads to the value."""
    if not steps:
        return value
    step, *others = steps
    below = _made(others, value)
    if isinstance(step, str):
        return {step: below if step == "meta" else [below]}
    if step[1] == 0:
        return {step[0]: [below, {"resource": {}}]}
    return {step[0]: [{"type": "other"}, {**below, step[1]: step[2]}]}


def _sample(parameter: dict[str, Any], datatype: str, target: str) -> Any:
    if datatype == "Resource":
        return {"resourceType": parameter["targets"][0], "id": "1"}
    if datatype == "Reference":
        return {"reference": f"{target or 'Basic'}/1"}
    return _SAMPLES[datatype]


def _is_taken(parameter: dict[str, Any], datatype: str) -> bool:
    return datatype == "Resource" or (parameter["type"], datatype) in plans.TAKEN


class TestMade:
    @pytest.mark.parametrize("resource_type", sorted(RESOURCE_TYPES))
    def test_each_parameter_finds_each_element_that_it_is_about(self, resource_type):
        lost = []
        for name, parameter in search_parameter_table()[resource_type].items():
            if name in _NOT_EXTRACTED or parameter["components"]:
                continue
            for steps, datatype, target in parameter["selections"]:
                if steps and _is_taken(parameter, datatype):
                    elements = _made(steps, _sample(parameter, datatype, target))
                    found = extract_values(from_value({**elements, "resourceType": resource_type}))
                    if name not in parameters_of(found):
                        lost.append((name, steps))
        assert lost == []

    @pytest.mark.parametrize("resource_type", sorted(RESOURCE_TYPES))
    def test_each_composite_finds_its_components(self, resource_type):
        for name, parameter in search_parameter_table()[resource_type].items():
            for steps, _, _ in parameter["selections"] if parameter["components"] else ():
                element: dict[str, Any] = {}
                root: dict[str, Any] = {}
                for component in parameter["components"]:
                    path, datatype, target = component["selections"][0]
                    made = _made(path, _sample(component, datatype, target))
                    (root if path[0] == "%resource" else element).update(made.get("%resource", [made])[0])
                elements = {**_made(steps, element), **root, "resourceType": resource_type}
                found = extract_values(from_value(elements)).composites
                assert [row[0] for row in found if row[0] == name] == [name]


@published.needs_published_data
class TestExamples:
    def test_what_holds_the_element_is_found(self):
        held, found = set(), set()
        for value in published.hl7_examples():
            type = value["resourceType"]
            found |= {(type, name) for name in parameters_of(extract_values(from_value(value)))}
            for name, parameter in search_parameter_table()[type].items():
                is_held = any(_has(value, steps) for steps, _, _ in parameter["selections"])
                if is_held and not parameter["components"]:
                    held.add((type, name))

        assert (held & _parameters()) - found == _WITHOUT_VALUE
        unreached = {name for name in _parameters() - found if not name[1].startswith("_")}
        assert len(unreached) == _WITHOUT_EXAMPLE


class TestDatatypes:
    def test_all_that_parameters_select_are_read_but_these(self):
        unread = {
            (each["type"], datatype)
            for named in search_parameter_table().values()
            for parameter in named.values()
            for each in (*parameter["components"], parameter)
            if not each["components"]
            for _, datatype, _ in each["selections"]
            if datatype != "Resource" and (each["type"], datatype) not in plans.TAKEN
        }

        assert unread == {
            ("date", "Age"),
            ("date", "Range"),
            ("date", "string"),
            ("quantity", "SampledData"),
            ("reference", "Attachment"),
            ("token", "Quantity"),
            ("token", "Range"),
            ("token", "Reference"),
        }


class TestAnything:
    @given(patients())
    def test_a_patient_is_found_by_what_its_own_search_finds_it_by(self, patient):
        resource = from_value(patient)

        found, native = extract_values(resource), extract(resource)

        assert found.strings >= native.strings
        assert found.tokens >= native.tokens

    @pytest.mark.parametrize("resource_type", sorted(RESOURCE_TYPES))
    def test_of_any_type_an_empty_resource_has_none(self, resource_type):
        found = extract_values(from_value({"resourceType": resource_type}))

        assert parameters_of(found) == ({"deceased"} if resource_type == "Patient" else set())

    @given(st.data())
    def test_what_no_validation_has_seen_is_survived(self, data):
        resource_type = data.draw(st.sampled_from(sorted(RESOURCE_TYPES)))
        members = [name for name in plans.plan(resource_type).members if name != "meta"]
        elements = (
            data.draw(st.dictionaries(st.sampled_from(members), _HOSTILE, max_size=5)) if members else {}
        )

        hash(extract_values(from_value({**elements, "resourceType": resource_type})))

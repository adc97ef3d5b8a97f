"""The cases of HL7's tests of FHIRPath Patch, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir import resource
from patients.fhir.outcomes import FhirError, InvalidPatch, NotApplicable
from patients.fhir.patches import fhirpath_patch, patched


def operation(type: str, path: str, **parts: object) -> dict:
    """One operation; each part is its value[x] as a pair, or a whole number."""
    given = [{"name": "type", "valueCode": type}, {"name": "path", "valueString": path}]
    for name, value in parts.items():
        if name == "name":
            given.append({"name": name, "valueString": value})
        elif isinstance(value, int):
            given.append({"name": name, "valueInteger": value})
        else:
            given.append({"name": name, **value})
    return {"name": "operation", "part": given}


def parsed(*operations: dict) -> fhirpath_patch.FhirPathPatch:
    return fhirpath_patch.parse(
        resource.parse(json.dumps({"resourceType": "Parameters", "parameter": list(operations)}))
    )


def applied(elements: dict, *operations: dict, type: str = "Patient") -> dict:
    made = parsed(*operations).applied({"resourceType": type, **elements})
    return {name: value for name, value in made.items() if name != "resourceType"}


IDENTIFIERS = [{"system": "http://example.org", "value": f"value {number}"} for number in (1, 2, 3)]
NAME = {"valueHumanName": {"text": "a name"}}

CASES = {
    "no difference": ({"birthDate": "1920-01-01"}, [], {"birthDate": "1920-01-01"}),
    "add a primitive": (
        {},
        [operation("add", "Patient", name="birthDate", value={"valueDate": "1930-01-01"})],
        {"birthDate": "1930-01-01"},
    ),
    "replace a primitive": (
        {"birthDate": "1920-01-01"},
        [operation("replace", "Patient.birthDate", value={"valueDate": "1930-01-01"})],
        {"birthDate": "1930-01-01"},
    ),
    "delete a primitive": ({"birthDate": "1920-01-01"}, [operation("delete", "Patient.birthDate")], {}),
    "delete what is not there": ({}, [operation("delete", "Patient.birthDate")], {}),
    "add a nested primitive": (
        {"contact": [{"name": {"text": "a name"}}]},
        [operation("add", "Patient.contact[0]", name="gender", value={"valueCode": "male"})],
        {"contact": [{"name": {"text": "a name"}, "gender": "male"}]},
    ),
    "replace a nested primitive": (
        {"contact": [{"gender": "female"}]},
        [operation("replace", "Patient.contact[0].gender", value={"valueCode": "male"})],
        {"contact": [{"gender": "male"}]},
    ),
    "delete a nested primitive": (
        {"contact": [{"name": {"text": "a name"}, "gender": "male"}]},
        [operation("delete", "Patient.contact[0].gender")],
        {"contact": [{"name": {"text": "a name"}}]},
    ),
    "add a complex element": (
        {},
        [
            operation(
                "add", "Patient", name="maritalStatus", value={"valueCodeableConcept": {"text": "married"}}
            )
        ],
        {"maritalStatus": {"text": "married"}},
    ),
    "delete a complex element": (
        {"maritalStatus": {"text": "married"}},
        [operation("delete", "Patient.maritalStatus")],
        {},
    ),
    "add an element of a type without a name": (
        {},
        [operation("add", "Patient", name="contact", value={"part": [{"name": "name", **NAME}]})],
        {"contact": [{"name": {"text": "a name"}}]},
    ),
    "insert at the start": (
        {"identifier": IDENTIFIERS[1:]},
        [operation("insert", "Patient.identifier", index=0, value={"valueIdentifier": IDENTIFIERS[0]})],
        {"identifier": IDENTIFIERS},
    ),
    "insert in the middle": (
        {"identifier": IDENTIFIERS[::2]},
        [operation("insert", "Patient.identifier", index=1, value={"valueIdentifier": IDENTIFIERS[1]})],
        {"identifier": IDENTIFIERS},
    ),
    "insert at the end": (
        {"identifier": IDENTIFIERS[:2]},
        [operation("insert", "Patient.identifier", index=2, value={"valueIdentifier": IDENTIFIERS[2]})],
        {"identifier": IDENTIFIERS},
    ),
    "delete from a list": (
        {"identifier": IDENTIFIERS},
        [operation("delete", "Patient.identifier[1]")],
        {"identifier": IDENTIFIERS[::2]},
    ),
    "delete the last of a list": (
        {"identifier": IDENTIFIERS[:1]},
        [operation("delete", "Patient.identifier[0]")],
        {},
    ),
    "move": (
        {"identifier": IDENTIFIERS},
        [operation("move", "Patient.identifier", source=2, destination=0)],
        {"identifier": [IDENTIFIERS[2], *IDENTIFIERS[:2]]},
    ),
    "where": (
        {"name": [{"use": "usual", "family": "A"}, {"use": "official", "family": "B"}]},
        [operation("delete", "Patient.name.where(use='usual')")],
        {"name": [{"use": "official", "family": "B"}]},
    ),
    "where with a quote and two conditions": (
        {"name": [{"use": "old", "family": "O'Hara"}, {"use": "usual", "family": "O'Hara"}]},
        [
            operation(
                "replace",
                r"Patient.name.where(family = 'O\'Hara' and use = 'old').family",
                value={"valueString": "C"},
            )
        ],
        {"name": [{"use": "old", "family": "C"}, {"use": "usual", "family": "O'Hara"}]},
    ),
    "first and last": (
        {"name": [{"given": ["A", "B"]}, {"given": ["C"]}]},
        [
            operation("delete", "Patient.name.first().given.last()"),
            operation("add", "Patient.name.last()", name="given", value={"valueString": "D"}),
        ],
        {"name": [{"given": ["A"]}, {"given": ["C", "D"]}]},
    ),
    "replace a choice by another type": (
        {"deceasedBoolean": True, "active": True},
        [operation("replace", "Patient.deceased", value={"valueDateTime": "2020"})],
        {"active": True, "deceasedDateTime": "2020"},
    ),
    "add a choice": (
        {},
        [operation("add", "Patient", name="deceased", value={"valueBoolean": False})],
        {"deceasedBoolean": False},
    ),
    "extensions of a primitive go with it": (
        {"birthDate": "1920-01-01", "_birthDate": {"id": "x"}},
        [operation("delete", "Patient.birthDate")],
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_applies(case):
    elements, operations, result = CASES[case]

    if operations:
        assert applied(elements, *operations) == result
    else:
        assert elements == result


@pytest.mark.parametrize(
    ("elements", "refused", "sentence"),
    [
        (
            {"birthDate": "1920"},
            operation("add", "Patient", name="birthDate", value={"valueDate": "1930"}),
            "Operation 0 (add Patient): there is birthDate already; replace it.",
        ),
        (
            {"deceasedBoolean": True},
            operation("add", "Patient", name="deceased", value={"valueDateTime": "1930"}),
            "Operation 0 (add Patient): there is deceasedBoolean already; replace it.",
        ),
        (
            {},
            operation("add", "Patient", name="deceased", value={"valueQuantity": {"value": 1}}),
            "Patient.deceased may be deceasedBoolean or deceasedDateTime, not deceasedQuantity.",
        ),
        (
            {},
            operation("replace", "Patient.birthDate", value={"valueDate": "1930"}),
            "Operation 0 (replace Patient.birthDate): the path names no elements of the resource, not one.",
        ),
        (
            {"identifier": IDENTIFIERS},
            operation("delete", "Patient.identifier"),
            "Operation 0 (delete Patient.identifier): the path names 3 elements of the resource, not one.",
        ),
        (
            {"identifier": IDENTIFIERS},
            operation("move", "Patient.identifier", source=0, destination=3),
            "Operation 0 (move Patient.identifier): there are 3 items; source and destination must be among"
            " them.",
        ),
        (
            {"identifier": IDENTIFIERS},
            operation("insert", "Patient.identifier", index=4, value={"valueIdentifier": IDENTIFIERS[0]}),
            "Operation 0 (insert Patient.identifier): there are 3 items; index 4 is beyond their end.",
        ),
        (
            {},
            operation("insert", "Patient.birthDate", index=0, value={"valueDate": "1930"}),
            "Operation 0 (insert Patient.birthDate): birthDate is no element of Patient that repeats.",
        ),
        ({}, operation("delete", "Patient.nmae"), "Patient has no element 'nmae'."),
        ({}, operation("delete", "Observation.status"), "The path Observation.status is not one of Patient."),
        (
            {"birthDate": "1920"},
            operation("delete", "Patient.birthDate.year"),
            "A value of type date has no elements that can be patched.",
        ),
        (
            {"name": [{"given": ["A", "B"], "_given": [None, {"id": "x"}]}]},
            operation("delete", "Patient.name.given[0]"),
            "Operation 0 (delete Patient.name.given[0]): items of given have ids or extensions;"
            " change that list by a JSON Patch.",
        ),
        (
            {},
            operation("delete", "Patient"),
            "Operation 0 (delete Patient): the whole resource cannot be deleted by a patch.",
        ),
    ],
)
def test_refuses_what_cannot_be_applied(elements, refused, sentence):
    with pytest.raises(NotApplicable) as error:
        applied(elements, refused)

    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".name",
        "Patient.name[x]",
        "Patient.name.where(use!='a')",
        "Patient.name.where(use='a",
        "Patient.name.exists()",
        "Patient.name | Patient.contact",
        "Patient.name[-1]",
        "Patient.name.given.first().trace('x')",
        "Patient" + ".name" * 300,
    ],
)
def test_refuses_other_paths(path):
    with pytest.raises(InvalidPatch):
        parsed(operation("delete", path))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ([], "A FHIRPath Patch is a Parameters resource with parameters named 'operation'."),
        ([{"name": "x"}], "Parameter 0 of a FHIRPath Patch must be named 'operation'."),
        (
            [{"name": "operation"}],
            "Operation 0 must have a type (valueCode) of add, insert, delete, replace, move.",
        ),
        (
            [{"name": "operation", "part": [{"name": "type", "valueCode": "add"}]}],
            "Operation 0 (add) needs a path (valueString).",
        ),
        ([operation("add", "Patient", name="x")], "Operation 0 (add) needs 'value'."),
        (
            [operation("move", "Patient.name", source=-1, destination=0)],
            "Operation 0 needs a valueInteger that is not negative in 'source'.",
        ),
        (
            [operation("add", "Patient", name="x", value={})],
            "A value of a FHIRPath Patch needs one of value[x], part and resource.",
        ),
    ],
)
def test_refuses_what_is_no_patch(parameters, sentence):
    with pytest.raises(InvalidPatch) as error:
        parsed(*parameters)

    assert str(error.value) == sentence


def test_keeps_digits():
    stored = (
        '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},'
        '"valueQuantity":{"value":72.50},"component":[{"code":{"text":"y"},"valueQuantity":{"value":1.0E+2}}]}'
    )
    patch = fhirpath_patch.parse(
        resource.parse(
            '{"resourceType":"Parameters","parameter":[{"name":"operation","part":['
            '{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value"},'
            '{"name":"value","valueQuantity":{"value":3.10}}]}]}'
        )
    )

    _, text = patched(resource.parse(stored), patch).stored_text(id="o", version_id=2)

    assert '"valueQuantity":{"value":3.10}' in text
    assert '"valueQuantity":{"value":1.0E+2}' in text


_PATHS = st.lists(
    st.sampled_from(
        [
            *("name", "given", "contact", "deceased", "contained", "extension", "value", "birthDate", "id"),
            *("[0]", "[1]", "first()", "last()", "where(use='a')", "link", "other"),
        ]
    ),
    max_size=4,
).map(lambda steps: "Patient" + "".join(step if step[0] == "[" else f".{step}" for step in steps))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text("a1", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "given", "_given", "use", "resourceType"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
_VALUES = st.fixed_dictionaries(
    {}, optional={"valueString": _JSON, "valueHumanName": _JSON, "resource": _JSON}
)
_OPERATIONS = st.builds(
    operation,
    st.sampled_from(["add", "insert", "delete", "replace", "move"]),
    _PATHS,
    name=st.sampled_from(["name", "given", "contact", "deceased", "contained", "id", "nothing"]),
    value=_VALUES,
    index=st.integers(-1, 3),
    source=st.integers(0, 2),
    destination=st.integers(0, 2),
)
_ELEMENTS = st.dictionaries(
    st.sampled_from(["name", "contact", "deceasedBoolean", "contained", "birthDate", "_birthDate", "id"]),
    _JSON,
)


@given(_ELEMENTS, st.lists(_OPERATIONS, min_size=1, max_size=4))
def test_any_patch_is_applied_or_refused(elements, operations):
    before = json.dumps(elements)

    with suppress(FhirError):
        applied(elements, *operations)

    assert json.dumps(elements) == before

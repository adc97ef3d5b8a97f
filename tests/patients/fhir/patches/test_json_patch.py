"""RFC 6902's own cases, and what keeps a patch from harming what it does not touch."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir import exact_json, resource
from patients.fhir.outcomes import FhirError, InvalidJson, InvalidPatch, NotApplicable
from patients.fhir.patches import documents, json_patch, patched

# Appendix A: number, document, patch, result.
APPENDIX = [
    ("A.1", '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"baz":"qux","foo":"bar"}'),
    (
        "A.2",
        '{"foo":["bar","baz"]}',
        '[{"op":"add","path":"/foo/1","value":"qux"}]',
        '{"foo":["bar","qux","baz"]}',
    ),
    ("A.3", '{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'),
    ("A.4", '{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'),
    (
        "A.5",
        '{"baz":"qux","foo":"bar"}',
        '[{"op":"replace","path":"/baz","value":"boo"}]',
        '{"baz":"boo","foo":"bar"}',
    ),
    (
        "A.6",
        '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
        '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
        '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
    ),
    (
        "A.7",
        '{"foo":["all","grass","cows","eat"]}',
        '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
        '{"foo":["all","cows","eat","grass"]}',
    ),
    (
        "A.8",
        '{"baz":"qux","foo":["a",2,"c"]}',
        '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
        '{"baz":"qux","foo":["a",2,"c"]}',
    ),
    (
        "A.10",
        '{"foo":"bar"}',
        '[{"op":"add","path":"/child","value":{"grandchild":{}}}]',
        '{"foo":"bar","child":{"grandchild":{}}}',
    ),
    (
        "A.11",
        '{"foo":"bar"}',
        '[{"op":"add","path":"/baz","value":"qux","xyz":123}]',
        '{"foo":"bar","baz":"qux"}',
    ),
    ("A.14", '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'),
    (
        "A.16",
        '{"foo":["bar"]}',
        '[{"op":"add","path":"/foo/-","value":["abc","def"]}]',
        '{"foo":["bar",["abc","def"]]}',
    ),
]
REFUSED_BY_APPENDIX = [
    ("A.9", '{"baz":"qux"}', '[{"op":"test","path":"/baz","value":"bar"}]', NotApplicable),
    ("A.12", '{"foo":"bar"}', '[{"op":"add","path":"/baz/bat","value":"qux"}]', NotApplicable),
    ("A.13", "{}", '[{"op":"add","path":"/baz","value":"qux","op":"remove"}]', InvalidJson),
    ("A.15", '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":"10"}]', NotApplicable),
]


def applied(document: str, patch: str) -> object:
    return json_patch.parse(patch.encode()).applied(exact_json.decode(document.encode()))


@pytest.mark.parametrize(("number", "document", "patch", "result"), APPENDIX, ids=[it[0] for it in APPENDIX])
def test_does_what_the_appendix_says(number, document, patch, result):
    assert applied(document, patch) == json.loads(result)


@pytest.mark.parametrize(
    ("number", "document", "patch", "error"), REFUSED_BY_APPENDIX, ids=[it[0] for it in REFUSED_BY_APPENDIX]
)
def test_refuses_what_the_appendix_refuses(number, document, patch, error):
    with pytest.raises(error):
        applied(document, patch)


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ("{}", "A JSON Patch is a list of operations."),
        ("[1]", "Operation 0 must be an object."),
        (
            '[{"op":"set","path":"/a"}]',
            "Operation 0 must have an 'op' of add, remove, replace, move, copy, test.",
        ),
        (
            '[{"op":["add"],"path":"/a"}]',
            "Operation 0 must have an 'op' of add, remove, replace, move, copy, test.",
        ),
        ('[{"op":"add","path":"/a"}]', "Operation 0 (add) needs 'value'."),
        (
            '[{"op":"remove","path":"a"}]',
            "Operation 0 needs a 'path' that is a JSON Pointer, such as '/name/0'.",
        ),
        (
            '[{"op":"move","path":"/a","from":"/~2"}]',
            "Operation 0 needs a 'from' that is a JSON Pointer, such as '/name/0'.",
        ),
    ],
)
def test_refuses_what_is_no_patch(patch, sentence):
    with pytest.raises(InvalidPatch) as error:
        json_patch.parse(patch.encode())

    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "path", ["/foo/01", "/foo/-1", "/foo/3", "/foo/-", "/foo/1e0", "/foo/x", "/bar", "/foo/0/x"]
)
def test_refuses_a_place_that_is_not_there(path):
    with pytest.raises(NotApplicable):
        applied('{"foo":[1,2,3]}', json.dumps([{"op": "remove", "path": path}]))


@pytest.mark.parametrize(("one", "other"), [("true", "1"), ("false", "0"), ("null", "false"), ('"1"', "1")])
def test_a_test_keeps_types_apart(one, other):
    with pytest.raises(NotApplicable):
        applied(f'{{"a":{one}}}', f'[{{"op":"test","path":"/a","value":{other}}}]')


def test_a_test_takes_numbers_by_their_value():
    assert applied('{"a":[1.0]}', '[{"op":"test","path":"/a","value":[1]}]') == {"a": [1]}


def test_refuses_to_move_a_value_into_itself():
    with pytest.raises(NotApplicable):
        applied('{"a":{"b":{}}}', '[{"op":"move","from":"/a","path":"/a/b/c"}]')


def test_refuses_copies_of_copies_without_end():
    patch = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 100

    with pytest.raises(NotApplicable):
        applied('{"a":[1]}', json.dumps(patch))


def test_refuses_to_nest_without_end():
    patch = [{"op": "move", "from": "/a", "path": "/b"}, {"op": "add", "path": "/a", "value": {}}] + [
        {"op": "move", "from": "/b", "path": "/a/b"},
        {"op": "move", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/a", "value": {}},
    ] * 150

    with pytest.raises(NotApplicable, match="nest the resource deeper than 200 levels"):
        applied(f'{{"a":{"[" * 60 + "]" * 60}}}', json.dumps(patch))


OBSERVATION = (
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"caf\\u00e9"},'
    '"valueQuantity":{"value":72.50,"unit":"kg"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.0E+2}}]}'
)


def text_of(patched_resource) -> str:
    return "|".join(patched_resource.stored_text(id="o", version_id=2))


def test_what_is_not_touched_stays_letter_for_letter():
    patch = json_patch.parse(b'[{"op":"add","path":"/valueQuantity/id","value":"kg"}]')

    text = text_of(patched(resource.parse(OBSERVATION), patch))

    assert '"code":{"text":"caf\\u00e9"}' in text
    assert '"valueQuantity":{"value":72.50,"unit":"kg","id":"kg"}' in text
    assert '"value":1.0E+2' in text


@pytest.mark.parametrize("path", ["/id", "/resourceType"])
def test_refuses_to_make_another_resource_of_it(path):
    patch = json_patch.parse(json.dumps([{"op": "replace", "path": path, "value": "Basic"}]).encode())

    with pytest.raises(NotApplicable) as error:
        patched(resource.parse(OBSERVATION), patch)

    assert str(error.value) == "A patch may change neither resourceType nor id."


_PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "-", "", "~1", "01"]), max_size=4).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab01"), inner, max_size=3),
    max_leaves=8,
)
_OPERATIONS = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": _PATHS,
        "from": _PATHS,
        "value": _VALUES,
    }
)


@given(st.dictionaries(st.sampled_from("ab"), _VALUES), st.lists(_OPERATIONS, max_size=6))
def test_a_patch_is_applied_or_refused_and_changes_nothing_given(document, operations):
    before = json.dumps(document)
    patch = json_patch.parse(json.dumps(operations).encode())

    with suppress(NotApplicable):
        patch.applied(document)

    assert json.dumps(document) == before


@given(st.lists(_OPERATIONS, max_size=4))
def test_no_patch_loses_digits(operations):
    # Its paths cannot name what the Observation holds: whatever can be applied touches only new members.
    patch = json_patch.parse(json.dumps(operations).encode())
    original = resource.parse(OBSERVATION)

    try:
        made = resource.changed(original, patch.applied(original.value))
    except FhirError:
        return

    assert '"value":72.50' in text_of(made)
    assert '"value":1.0E+2' in text_of(made)


@given(_VALUES, _VALUES)
def test_equality_is_that_of_json(one, other):
    # Canonical text tells booleans, numbers and strings apart; -0 and fractions are not drawn.
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert documents.is_equal(one, other) == same

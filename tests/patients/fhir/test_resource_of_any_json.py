"""What is parsed is stored letter for letter, whatever it is."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.fhir.outcomes import FhirError
from patients.fhir.resource import from_value, parse
from tests.patients.fhir.test_resource import STORED, patient, stored

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WRITTEN_NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})", fullmatch=True),
    st.from_regex(r"-?(0|[1-9][0-9]{0,10})\.[0-9]{1,40}([eE][+-]?[1-4]?[0-9])?", fullmatch=True).filter(
        lambda written: "e" in written.lower() or len(written) < 60
    ),
)
SPACES = st.sampled_from(["", "", " ", "\n", "\t \r\n"])


def _written_string(text):
    """JSON for the text, with escapes or without."""
    return st.sampled_from([json.dumps(text), json.dumps(text, ensure_ascii=False)])


@st.composite
def _written(draw, values):
    """The text of an array or object, compact and with whitespace anywhere between its tokens."""
    items = draw(st.lists(values, max_size=4))
    if draw(st.booleans()):
        names = draw(st.lists(TEXTS, min_size=len(items), max_size=len(items), unique=True))
        keys = [draw(_written_string(name)) for name in names]
        compact = "{" + ",".join(f"{k}:{c}" for k, (c, _) in zip(keys, items, strict=True)) + "}"
        members = [f"{k}{draw(SPACES)}:{draw(SPACES)}{w}" for k, (_, w) in zip(keys, items, strict=True)]
        return compact, "{" + draw(SPACES) + f"{draw(SPACES)},{draw(SPACES)}".join(members) + "}"
    compact = "[" + ",".join(c for c, _ in items) + "]"
    return compact, f"[{draw(SPACES)}" + f",{draw(SPACES)}".join(w for _, w in items) + f"{draw(SPACES)}]"


def _twice(strategy):
    return strategy.map(lambda text: (text, text))


VALUES = st.recursive(
    st.one_of(
        _twice(st.sampled_from(["true", "false", "null"])),
        _twice(WRITTEN_NUMBERS),
        _twice(TEXTS.flatmap(_written_string)),
    ),
    _written,
    max_leaves=12,
)


class TestAnyJson:
    @settings(max_examples=200)
    @given(VALUES)
    def test_is_stored_letter_for_letter(self, texts):
        compact, with_whitespace = texts

        assert stored(parse(patient(f'"x":{with_whitespace}'))) == STORED + f'}},"x":{compact}}}'

    @settings(max_examples=200)
    @given(VALUES)
    def test_says_the_same_through_a_value(self, texts):
        resource = parse(patient(f'"x":{texts[1]}'))
        again = parse(stored(from_value(resource.value)))

        assert again.value["x"] == resource.value["x"]
        assert numbers(again.value) == numbers(resource.value)

    @settings(max_examples=300)
    @given(st.one_of(st.binary(), st.text().map(lambda text: text.encode(errors="surrogatepass"))))
    def test_or_anything_else_raises_nothing_but_our_errors(self, body):
        with pytest.raises(FhirError):
            parse(body)

    @settings(max_examples=300)
    @given(st.text(st.sampled_from('{}[]":,\\u0dD8eE+-.19 \nntfr'), max_size=40))
    def test_or_nearly_json_raises_nothing_but_our_errors(self, text):
        with suppress(FhirError):
            stored(parse(patient(text)))


def numbers(value):
    """The texts of all numbers, in order."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    return [] if isinstance(value, str | bool | None) else [str(value)]

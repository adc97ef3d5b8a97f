from hashlib import blake2b

import pytest

from patients.fhir import search_keys
from patients.fhir.resource import from_value
from patients.fhir.search_keys import (
    coding_key,
    identifier_key,
    key,
    keys_of,
    present_key,
    reference_key,
    system_key,
    token_key,
    uri_key,
)
from patients.fhir.search_parameters import SEARCH_PARAMETERS
from patients.fhir.search_values import IndexValues, extract_values
from tests import published


def _hex(*keys):
    return tuple(sorted(each.hex for each in keys))


class TestKey:
    def test_tells_parts_apart_however_they_are_divided(self):
        keys = {
            key("A", "b", "token", "xy"),
            key("A", "b", "token", "x", "y"),
            key("A", "bt", "oken", "xy"),
            key("A", "b", "token", "1:x"),
            key("A", "b", "token", "1", "x"),
            key("A", "b", "token", ""),
        }

        assert len(keys) == 6

    def test_tells_kinds_apart(self):
        keys = {
            token_key("A", "b", "c"),
            coding_key("A", "b", "", "c"),
            system_key("A", "b", "c"),
            reference_key("A", "b", "", "c"),
            identifier_key("A", "b", None, "c"),
            identifier_key("A", "b", "", "c"),
            uri_key("A", "b", "c"),
            present_key("A", "b"),
        }

        assert len(keys) == 8

    def test_stays_what_is_stored(self):
        assert str(token_key("Observation", "code", "1234-5")) == "a2e5d50c-7bb8-d58d-3ed9-130c43b22e69"


class TestKeysOf:
    def test_a_coding(self):
        keys = keys_of("A", IndexValues(tokens=frozenset({("b", "urn:s", "c")})))

        assert keys.listed == _hex(token_key("A", "b", "c"))
        assert keys.unlisted == _hex(
            coding_key("A", "b", "urn:s", "c"), system_key("A", "b", "urn:s"), present_key("A", "b")
        )

    def test_a_system_without_a_code_is_not_listed(self):
        keys = keys_of("A", IndexValues(tokens=frozenset({("b", "urn:s", "")})))

        assert keys.listed == ()
        assert keys.unlisted == _hex(system_key("A", "b", "urn:s"), present_key("A", "b"))

    def test_a_code_in_two_systems_is_listed_once(self):
        keys = keys_of("A", IndexValues(tokens=frozenset({("b", "urn:s", "c"), ("b", "urn:t", "c")})))

        assert keys.listed == _hex(token_key("A", "b", "c"))

    def test_references_identifiers_and_uris_are_listed_and_composites_only_present(self):
        values = IndexValues(
            references=frozenset({("r", "Patient", "1")}),
            identifiers=frozenset({("r", "urn:s", "v")}),
            uris=frozenset({("u", "urn:x")}),
            composites=frozenset({("k", (("urn:s", "c"), ("urn:t", "d")))}),
        )

        keys = keys_of("A", values)

        assert keys.listed == _hex(
            reference_key("A", "r", "Patient", "1"),
            identifier_key("A", "r", "urn:s", "v"),
            identifier_key("A", "r", None, "v"),
            uri_key("A", "u", "urn:x"),
        )
        assert keys.unlisted == _hex(*(present_key("A", name) for name in "ruk"))


class TestComposites:
    """They have no lists: the first component is a token parameter, whose list has their resources."""

    def test_begin_with_a_token_parameter_of_the_type(self):
        composites = [
            (parameters, each)
            for parameters in SEARCH_PARAMETERS.values()
            for each in parameters.values()
            if each.type == "composite"
        ]

        firsts = {
            parameters[each.components[0].name].type if each.components[0].name in parameters else None
            for parameters, each in composites
        }

        assert len(composites) > 60
        assert firsts == {"token"}

    @published.needs_published_data
    def test_of_the_published_are_in_that_list(self):
        seen = 0
        for example in published.hl7_examples():
            resource = from_value(example)
            values = extract_values(resource)
            codes = {(parameter, code) for parameter, _, code in values.tokens}
            for name, components in values.composites:
                first = SEARCH_PARAMETERS[resource.resource_type][name].components[0].name
                assert (first, components[0][1]) in codes
                seen += 1

        assert seen > 400


class TestDigests:
    @pytest.fixture
    def worked_out(self, monkeypatch):
        """How many digests were worked out so far."""
        texts = []

        def counted(text, **options):
            texts.append(text)
            return blake2b(text, **options)

        monkeypatch.setattr(search_keys, "blake2b", counted)
        return texts

    def test_of_codes_that_come_again_are_worked_out_once(self, worked_out):
        first = IndexValues(
            tokens=frozenset({("again", "urn:s", "c")}), references=frozenset({("r", "Patient", "first")})
        )
        second = IndexValues(
            tokens=frozenset({("again", "urn:s", "c")}), references=frozenset({("r", "Patient", "second")})
        )

        one = keys_of("Again", first)
        assert len(worked_out) == 6
        other = keys_of("Again", second)

        assert len(worked_out) == 7
        assert set(one.listed) & set(other.listed) == {token_key("Again", "again", "c").hex}

    @pytest.mark.parametrize(
        "values",
        [
            IndexValues(uris=frozenset({("long", "urn:" + "x" * 1_000)})),
            IndexValues(tokens=frozenset({("long", "urn:" + "x" * 1_000, "")})),
        ],
    )
    def test_of_long_values_are_not_remembered(self, worked_out, values):
        assert keys_of("Long", values) == keys_of("Long", values)

        first, second = (text for text in worked_out if len(text) > 1_000)
        assert first == second

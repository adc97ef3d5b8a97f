"""Searches are parsed strictly, and written back canonically."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.fhir.outcomes import (
    FhirError,
    InvalidRequest,
    InvalidSearchParameter,
    TooLarge,
    UnknownResourceType,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.search_request import Criterion, SearchRequest, SortKey, parse
from patients.fhir.values.strings import StringValue, fold
from patients.fhir.values.tokens import TokenValue
from tests.patients.fhir import strategies

_ASKED = parse("Patient", [(f"{name}:missing", "true") for name in NATIVE_PATIENT_PARAMETERS])
_PATIENT = {criterion.parameter.name: criterion.parameter for criterion in _ASKED.criteria}
_SORTABLE = "_id, _lastUpdated, birthdate, family, given, name"


class TestParse:
    def test_gives_the_criteria_in_their_order(self):
        request = parse("Patient", [("name", "smi"), ("gender", "female"), ("name:exact", "Jo")])

        assert request == SearchRequest(
            "Patient",
            (
                Criterion(_PATIENT["name"], None, (StringValue("smi", "smi"),)),
                Criterion(_PATIENT["gender"], None, (TokenValue(None, "female"),)),
                Criterion(_PATIENT["name"], "exact", (StringValue("Jo", "jo"),)),
            ),
        )

    def test_without_parameters_is_the_search_for_all(self):
        assert parse("Patient", []) == SearchRequest("Patient", (), (), 50, "none", None)

    @pytest.mark.parametrize(("text", "key"), [("birthdate", False), ("-birthdate", True)])
    def test_reads_the_sort_key(self, text, key):
        assert parse("Patient", [("_sort", text)]).sort == (SortKey(_PATIENT["birthdate"], key),)

    @pytest.mark.parametrize(("text", "count"), [("0", 0), ("1", 1), ("1000", 1000), ("007", 7)])
    def test_reads_the_count(self, text, count):
        assert parse("Patient", [("_count", text)]).count == count

    @pytest.mark.parametrize("total", ["none", "accurate", "estimate"])
    def test_reads_the_total(self, total):
        assert parse("Patient", [("_total", total)]).total == total

    def test_keeps_the_cursor_as_it_is(self):
        assert parse("Patient", [("_cursor", "a,b|c\\=")]).cursor == "a,b|c\\="


class TestRefusal:
    @pytest.mark.parametrize(
        ("key", "shown"),
        [
            ("nmae", "'nmae'"),
            ("Name", "'Name'"),
            ("", "''"),
            ("a\0b", r"'a\x00b'"),
            pytest.param("x" * 60_000, f"'{'x' * 64}'", id="60,000 letters"),
        ],
    )
    def test_of_an_unknown_parameter(self, key, shown):
        with pytest.raises(UnknownSearchParameter) as raised:
            parse("Patient", [(key, "smi")])

        assert str(raised.value) == f"Unknown search parameter {shown}."

    @pytest.mark.parametrize(
        ("name", "modifier", "sentence"),
        [
            ("name", "fuzzy", "does not take the modifier ':fuzzy', only :contains, :exact, :missing."),
            ("birthdate", "", "does not take the modifier ':', only :missing."),
            ("_count", "exact", "takes no modifier."),
        ],
    )
    def test_of_a_modifier_that_is_not_offered(self, name, modifier, sentence):
        with pytest.raises(UnsupportedModifier) as raised:
            parse("Patient", [(f"{name}:{modifier}", "5")])

        assert str(raised.value) == f"Search parameter '{name}' {sentence}"

    @pytest.mark.parametrize(
        ("name", "text", "sentence"),
        [
            ("_sort", "", "has no value."),
            ("_cursor", "", "has no value."),
            ("_cursor", "\0", "has a character that no text may have."),
            ("_total", "exact", "takes one of none, accurate, estimate."),
        ],
    )
    def test_of_what_results_cannot_be_like(self, name, text, sentence):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [(name, text)])

        assert str(raised.value) == f"Search parameter '{name}' {sentence}"

    @pytest.mark.parametrize("text", ["1e9", "1001", "-1", "+5", "5.0", "ten", "\u0665", " 5", "9" * 99])
    def test_of_another_count(self, text):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [("_count", text)])

        assert str(raised.value) == "Search parameter '_count' takes a number from 0 to 1000."

    @pytest.mark.parametrize(
        ("name", "text"), [("_count", "5"), ("_cursor", "a"), ("_sort", "name"), ("_total", "none")]
    )
    def test_of_what_can_be_asked_only_once(self, name, text):
        with pytest.raises(InvalidSearchParameter) as raised:
            parse("Patient", [(name, text), (name, text)])

        assert str(raised.value) == f"Search parameter '{name}' is given more than once."

    def test_of_more_than_100_parameters(self):
        with pytest.raises(InvalidRequest) as raised:
            parse("Patient", [("name", "a")] * 101)

        assert str(raised.value) == "A search may have at most 100 parameters."

    def test_of_more_than_1000_values(self):
        with pytest.raises(InvalidRequest) as raised:
            parse("Patient", [("_id", ",".join("a" * 501)), ("_id", ",".join("b" * 500))])

        assert str(raised.value) == "A search may look for at most 1000 values."

    def test_counts_what_lies_above_a_uri(self):
        uris = [f"http://a.test/{'a/' * 16}{number}" for number in range(50)]

        assert parse("Observation", [("_profile:above", ",".join(uris))]).criteria[0].size == 1000
        with pytest.raises(InvalidRequest, match=r"^A search may look for at most 1000 values\.$"):
            parse("Observation", [("_profile:above", ",".join([*uris, "a"]))])

    def test_of_more_than_64_kilobytes(self):
        with pytest.raises(TooLarge) as raised:
            parse("Patient", [("name", "a" * 65_536)])

        assert str(raised.value) == "A search may be at most 65536 characters long."

    def test_of_a_type_that_r4_does_not_know(self):
        with pytest.raises(UnknownResourceType) as raised:
            parse("Pateint", [])

        assert str(raised.value) == "Resources of type 'Pateint' cannot be searched here."

    @given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=3))
    def test_is_the_only_failure_of_unknown_names(self, parameters):
        with suppress(FhirError):
            parse("Patient", parameters)

    @given(st.sampled_from([*_PATIENT, "_count", "_sort", "_total"]), st.text(max_size=20))
    def test_is_the_only_failure_of_any_value(self, name, text):
        with suppress(InvalidSearchParameter):
            parse("Patient", [(name, text)])


def _parsed(query: str) -> SearchRequest:
    return parse("Patient", parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9)
_results = st.fixed_dictionaries(
    {},
    optional={
        "_sort": st.sampled_from(("name", "-_lastUpdated", "-birthdate", "given")),
        "_count": st.integers(0, 1000).map(str),
        "_total": st.sampled_from(("none", "accurate", "estimate")),
        "_cursor": _texts,
    },
)


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "canonical"),
        [
            ("", ""),
            ("name=smi", "name=smi"),
            ("name=M%c3%bcller", "name=M%C3%BCller"),
            ("name=a+b", "name=a%20b"),
            ("n%61me:exact=a", "name:exact=a"),
            ("birthdate=eq1980", "birthdate=1980"),
            ("_count=20&name=a&_sort=-birthdate", "name=a&_sort=-birthdate&_count=20"),
            ("_count=50&_total=none", ""),
            ("_total=accurate&_count=0", "_count=0&_total=accurate"),
            ("identifier=urn:x%7C1%5C%7C2,3", "identifier=urn:x%7C1%5C%7C2,3"),
            ("_cursor=a%3D&name=a", "name=a&_cursor=a%3D"),
            ("name=b&name=a", "name=b&name=a"),
        ],
    )
    def test_is_canonical(self, query, canonical):
        assert _parsed(query).query() == canonical

    def test_names_the_page_that_is_asked_for(self):
        request = _parsed("name=a&_cursor=first")

        assert request.query(cursor="second") == "name=a&_cursor=second"

    @given(strategies.searches(), _results)
    def test_parses_to_an_equal_request(self, parameters, results):
        request = parse("Patient", [*parameters, *results.items()])

        assert _parsed(request.query()) == request

    @given(strategies.searches(), _results)
    def test_is_its_own_canonical_form(self, parameters, results):
        query = parse("Patient", [*results.items(), *parameters]).query()

        assert _parsed(query).query() == query
        assert query.isascii()

    @given(_texts)
    def test_carries_any_text(self, text):
        criterion = Criterion(_PATIENT["name"], "exact", (StringValue(text, fold(text)),))
        request = SearchRequest("Patient", (criterion,))

        assert _parsed(request.query()) == request

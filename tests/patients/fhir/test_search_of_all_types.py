"""Searches of any type, and of several, are parsed strictly or leniently, and written back canonically."""

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
    UnknownResourceType,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_parameters import parameters_of
from patients.fhir.search_request import SearchRequest, parse
from tests.patients.fhir import any_searches

_OBSERVATION = parameters_of("Observation")


def _parsed(resource_type: str | None, query: str, *, lenient: bool = False) -> SearchRequest:
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    return parse(resource_type, pairs, lenient=lenient)


class TestResults:
    @pytest.mark.parametrize(
        ("text", "keys"),
        [
            ("date", [("date", False)]),
            ("-date", [("date", True)]),
            ("encounter,-date,_id", [("encounter", False), ("date", True), ("_id", False)]),
            ("-_lastUpdated,_id", [("_lastUpdated", True), ("_id", False)]),
            ("subject,value-quantity", [("subject", False), ("value-quantity", False)]),
        ],
    )
    def test_are_sorted_by_several_keys(self, text, keys):
        sort = _parsed("Observation", f"_sort={text}").sort

        assert [(key.parameter.name, key.is_descending) for key in sort] == keys
        assert [key.parameter for key in sort] == [_OBSERVATION[name] for name, _ in keys]

    @pytest.mark.parametrize("text", ["true", "text", "data", "count"])
    def test_are_summarised(self, text):
        assert _parsed("Observation", f"_summary={text}").summary == text

    def test_are_whole_without_a_summary(self):
        assert _parsed("Observation", "_summary=false").summary is None

    @pytest.mark.parametrize(
        ("resource_type", "text", "elements"),
        [
            ("Patient", "identifier,active,link", ("identifier", "active", "link")),
            ("Patient", "name,name", ("name",)),
            ("Patient", "deceased", ("deceasedBoolean", "deceasedDateTime")),
            ("Patient", "deceased[x]", ("deceasedBoolean", "deceasedDateTime")),
            ("Patient", "deceasedDateTime", ("deceasedDateTime",)),
            ("Patient", "id,meta,text", ("id", "meta", "text")),
            (None, "gender,status", ("gender", "status")),
        ],
    )
    def test_have_some_elements(self, resource_type, text, elements):
        assert _parsed(resource_type, f"_elements={text}").elements == elements

    @pytest.mark.parametrize(
        ("query", "error", "sentence"),
        [
            ("_sort=date,-date", InvalidSearchParameter, "Search parameter '_sort' has a key twice."),
            (
                "_sort=a,b,c,d,e,f,g,h,i",
                InvalidSearchParameter,
                "Search parameter '_sort' takes at most 8 keys.",
            ),
            (
                "_summary=all",
                InvalidSearchParameter,
                "Search parameter '_summary' takes one of true, text, data, count, false.",
            ),
            ("_summary=", InvalidSearchParameter, "Search parameter '_summary' has no value."),
            (
                "_summary=true&_summary=text",
                InvalidSearchParameter,
                "Search parameter '_summary' is given more than once.",
            ),
            ("_summary:exact=true", UnsupportedModifier, "Search parameter '_summary' takes no modifier."),
            (
                "_elements=nmae",
                InvalidSearchParameter,
                "Search parameter '_elements' names 'nmae', which is no element.",
            ),
            (
                "_elements=code,",
                InvalidSearchParameter,
                "Search parameter '_elements' names '', which is no element.",
            ),
            (
                "_elements=code.text",
                InvalidSearchParameter,
                "Search parameter '_elements' names 'code.text', which is no element.",
            ),
            (
                "_elements=code&_summary=true",
                InvalidRequest,
                "'_summary' and '_elements' cannot be asked for together.",
            ),
            (
                "_summary=text&_include=*",
                InvalidRequest,
                "'_summary=text' cannot be asked for together with '_include' or '_revinclude'.",
            ),
            (
                "_type=Patient",
                InvalidSearchParameter,
                "Search parameter '_type' cannot change the type 'Observation'.",
            ),
        ],
    )
    def test_are_refused(self, query, error, sentence):
        with pytest.raises(error) as raised:
            _parsed("Observation", query)

        assert str(raised.value) == sentence

    @pytest.mark.parametrize("text", ["nmae", "_text", "code-value-quantity", "", "--date", "date,"])
    def test_have_no_order_by_what_has_none(self, text):
        with pytest.raises(InvalidSearchParameter) as raised:
            _parsed("Observation", f"_sort={text}")

        sentence = str(raised.value)
        assert sentence.startswith("Search parameter '_sort' ")
        assert text == "" or sentence.endswith(", each also after a '-'.")


class TestTypes:
    def test_are_all_without_any(self):
        request = _parsed(None, "_lastUpdated=gt2020")

        assert (request.resource_type, request.types) == (None, ())
        assert request.searched_types == any_searches.TYPES

    def test_are_those_that_are_named(self):
        request = _parsed(None, "_id=3&_type=Patient,Observation,Patient")

        assert request.types == request.searched_types == ("Patient", "Observation")
        assert request.query() == "_type=Patient,Observation&_id=3"

    def test_have_the_parameters_that_they_share(self):
        request = _parsed(None, "_type=Observation,DiagnosticReport&code=x&patient=23")

        assert [criterion.parameter.name for criterion in request.criteria] == ["code", "patient"]

    @pytest.mark.parametrize(
        ("query", "error", "sentence"),
        [
            (
                "_type=Patient,Observation&birthdate=1980",
                UnknownSearchParameter,
                "Unknown search parameter 'birthdate'.",
            ),
            ("code=x", UnknownSearchParameter, "Unknown search parameter 'code'."),
            (
                "_type=Pateint",
                InvalidSearchParameter,
                "Search parameter '_type' names 'Pateint', which is no type of resource.",
            ),
            (
                "_type=Patient,",
                InvalidSearchParameter,
                "Search parameter '_type' names '', which is no type of resource.",
            ),
            ("_type=", InvalidSearchParameter, "Search parameter '_type' has no value."),
            (
                "_type=Patient&_type=Group",
                InvalidSearchParameter,
                "Search parameter '_type' is given more than once.",
            ),
            ("_type:not=Patient", UnsupportedModifier, "Search parameter '_type' takes no modifier."),
        ],
    )
    def test_are_refused(self, query, error, sentence):
        with pytest.raises(error) as raised:
            _parsed(None, query)

        assert str(raised.value) == sentence

    @pytest.mark.parametrize("name", ["Pateint", "", "patient", "x" * 99])
    def test_are_those_of_r4(self, name):
        with pytest.raises(UnknownResourceType) as raised:
            _parsed(name, "")

        assert str(raised.value) == f"Resources of type {name[:64]!r} cannot be searched here."


class TestLenient:
    @pytest.mark.parametrize(
        ("query", "canonical", "ignored"),
        [
            ("nmae=x&code=a", "code=a", ("nmae",)),
            ("nmae=x&nmae=y", "", ("nmae",)),
            ("foo.name=x", "", ("foo.name",)),
            ("patient.foo=x&code=a", "code=a", ("patient.foo",)),
            ("_has:Provenance:target:foo=x", "", ("_has:Provenance:target:foo",)),
            ("_filter=x&_query=y", "", ("_filter", "_query")),
            ("_include=Observation:foo", "", ("_include",)),
            ("foo:exact=x", "", ("foo:exact",)),
        ],
    )
    def test_drops_what_is_not_known(self, query, canonical, ignored):
        request = _parsed("Observation", query, lenient=True)

        assert request.query() == canonical
        assert request.ignored == ignored

    @pytest.mark.parametrize(
        "query", ["date=1980-02-30", "code:fuzzy=x", "code=", "_count=x", "_sort=nmae", "patient.birthdate=x"]
    )
    def test_drops_nothing_that_is_known(self, query):
        with pytest.raises(FhirError):
            _parsed("Observation", query, lenient=True)

    def test_is_equal_to_the_search_without_what_it_drops(self):
        assert _parsed("Observation", "x=1&code=a", lenient=True) == _parsed("Observation", "code=a")

    def test_shows_no_more_than_64_characters_of_a_name(self):
        assert _parsed("Patient", f"{'x' * 99}=1", lenient=True).ignored == ("x" * 64,)


@st.composite
def _searches(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    resource_type, pairs = draw(any_searches.searches())
    results = draw(any_searches.results(resource_type))
    if results.get("_summary") == "text":
        pairs = [pair for pair in pairs if not pair[0].startswith("_include")]
    return resource_type, [*pairs, *results.items()]


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "canonical"),
        [
            ("value-quantity=eq5.40||mg", "value-quantity=5.40%7C%7Cmg"),
            ("value-quantity=1e2", "value-quantity=1E%2B2"),
            ("subject:Patient=1,2", "subject=Patient/1,Patient/2"),
            ("patient=1", "patient=Patient/1"),
            ("_summary=false&_sort=-date,subject&code=a", "code=a&_sort=-date,subject"),
            ("_elements=value[x]", None),
            ("_include=*&code=a", "code=a&_include=%2A"),
            ("_elements=status,code&_count=5", "_count=5&_elements=status,code"),
        ],
    )
    def test_is_canonical(self, query, canonical):
        request = _parsed("Observation", query)

        assert canonical is None or request.query() == canonical
        assert _parsed("Observation", request.query()) == request

    @given(_searches())
    def test_parses_to_an_equal_request(self, search):
        resource_type, pairs = search
        request = parse(resource_type, pairs)

        assert _parsed(resource_type, request.query()) == request
        assert _parsed(resource_type, request.query()).query() == request.query()
        assert request.query().isascii()

    @given(_searches())
    def test_is_the_same_whether_strict_or_lenient(self, search):
        resource_type, pairs = search
        request = parse(resource_type, pairs, lenient=True)

        assert request.ignored == ()
        assert request == parse(resource_type, pairs)


_keys = st.one_of(
    st.text(max_size=20),
    st.lists(
        st.sampled_from(
            (
                *("_has", "_include", "_type", "_sort", "_elements", "subject", "patient", "code", "Patient"),
                *("Observation", "name", ":", ".", "*", "iterate", "missing", "identifier", "of-type", ""),
            )
        ),
        max_size=8,
    ).map("".join),
)
_values = st.text(st.one_of(st.sampled_from("|$,\\.:*/-0123456789eE "), st.characters()), max_size=20)


class TestRefusal:
    @given(
        st.sampled_from((None, *any_searches.TYPES)),
        st.lists(st.tuples(_keys, _values), max_size=3),
        st.booleans(),
    )
    def test_is_the_only_failure_of_any_text(self, resource_type, pairs, lenient):
        with suppress(FhirError):
            parse(resource_type, pairs, lenient=lenient)

    @given(st.sampled_from(any_searches.TYPES), st.data())
    def test_is_the_only_failure_of_any_value(self, resource_type, data):
        name = data.draw(st.sampled_from(sorted(parameters_of(resource_type)) or ["_id"]))
        with suppress(FhirError):
            parse(resource_type, [(name, data.draw(_values))])

"""Whatever the grammar accepts is answered, or refused with a sentence: never a fault of the database."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patients.fhir.outcomes import FhirError
from patients.fhir.search_request import parse
from patients.search.resources import engine
from tests.patients.fhir import any_searches

_leisurely = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def _searches(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    resource_type, pairs = draw(any_searches.searches())
    results = draw(any_searches.results(resource_type))
    return resource_type, [*pairs, *((name, text) for name, text in results.items() if name == "_sort")]


@_leisurely
@given(search=_searches())
def test_is_answered(database, search):
    resource_type, pairs = search

    page = engine.find(parse(resource_type, pairs), principal="test")

    assert isinstance(page.rows, tuple)


@pytest.mark.parametrize("name", ["_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"])
@_leisurely
@given(types=st.lists(st.sampled_from(any_searches.TYPES), max_size=3).map(",".join), data=st.data())
def test_of_several_types_is_answered(database, name, types, data):
    pairs = data.draw(any_searches.of_parameter(name))
    request = parse(None, [*([("_type", types)] if types else []), pairs])

    with suppress(FhirError):
        engine.find(request, principal="test")

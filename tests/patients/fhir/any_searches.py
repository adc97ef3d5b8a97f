"""Searches of any type for Hypothesis, made from the table of search parameters itself.

`searches()` are resource types with the pairs of valid query strings.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.search_parameters import SearchParameter, parameters_of
from patients.fhir.search_scope import is_reference
from patients.fhir.values.dates import PREFIXES
from patients.fhir.values.escaping import escape

TYPES = tuple(sorted(RESOURCE_TYPES))
Pair = tuple[str, str]

_UNSUPPORTED = ("_filter", "_has", "_query", "_type", "near")
_TARGETS = ("Group", "Location", "Observation", "Organization", "Patient", "Practitioner")

_prefixes = st.sampled_from(("", *PREFIXES))
_ids = st.sampled_from(("23", "a.b-C", "x" * 64))
_letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
_texts = _letters.map(lambda text: escape("a" + text))
_systems = st.sampled_from(("http://loinc.org", "urn:x|y", "a,b$c"))
_numbers = st.builds(
    "{}{}".format, _prefixes, st.sampled_from(("100", "1e2", "-5.40", "0.8", "0", "007", "1.0E-3", "1e64"))
)
_dates = st.builds(
    "{}{}".format,
    _prefixes,
    st.sampled_from(("2013", "2013-01", "2013-01-14", "2013-01-14T10:00", "2013-01-14T09:00:00.5+10:00")),
)
_days = st.builds("{}{}".format, _prefixes, st.sampled_from(("2013", "2013-01", "2013-01-14")))
_units = st.builds("|{}|{}".format, st.one_of(st.just(""), _systems.map(escape)), _texts)
_quantities = st.builds("{}{}".format, _numbers, st.one_of(st.just(""), _units))
_identifiers = st.one_of(
    _texts,
    _texts.map("|{}".format),
    st.builds("{}|{}".format, _systems.map(escape), _texts),
)
_tokens = st.one_of(_identifiers, _systems.map(escape).map("{}|".format))
_urls = st.sampled_from(("http://acme.org/fhir/ValueSet/123", "urn:oid:1.2.3", "http://acme.org/x\\|1.0"))


def searches(*, longest: int = 3) -> st.SearchStrategy[tuple[str, list[Pair]]]:
    return st.sampled_from(TYPES).flatmap(
        lambda each: st.tuples(st.just(each), st.lists(_pairs(each), max_size=longest))
    )


def of_parameter(name: str) -> st.SearchStrategy[Pair]:
    """A pair for a parameter that all types have."""
    return _criteria(parameters_of("Basic")[name])


def results(resource_type: str) -> st.SearchStrategy[dict[str, str]]:
    """What the results of a search are to be like."""
    return st.fixed_dictionaries(
        {},
        optional={
            "_count": st.integers(0, 1_000).map(str),
            "_cursor": _texts,
            "_sort": st.permutations(("_id", "-_lastUpdated")).map(",".join),
            "_summary": st.sampled_from(("true", "text", "data", "count", "false")),
            "_total": st.sampled_from(("none", "accurate", "estimate")),
        },
    )


@cache
def _parameters(resource_type: str) -> tuple[SearchParameter, ...]:
    known = parameters_of(resource_type).values()
    return tuple(each for each in known if each.name not in _UNSUPPORTED and each.type != "special")


@cache
def _references(resource_type: str) -> tuple[SearchParameter, ...]:
    return tuple(each for each in _parameters(resource_type) if is_reference(each))


@cache
def _referring(resource_type: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (source, reference.name)
        for source in TYPES
        for reference in _references(source)
        if resource_type in reference.targets
    )


@cache
def _pairs(resource_type: str, depth: int = 1) -> st.SearchStrategy[Pair]:
    kinds = [_plain(resource_type)]
    if depth and _references(resource_type):
        kinds += [_chained(resource_type, depth), _included(resource_type)]
    if depth and _referring(resource_type):
        kinds.append(_reversed(resource_type, depth))
    return st.one_of(kinds)


def _plain(resource_type: str) -> st.SearchStrategy[Pair]:
    return st.sampled_from(_parameters(resource_type)).flatmap(_criteria)


def _chained(resource_type: str, depth: int) -> st.SearchStrategy[Pair]:
    def chained(reference: SearchParameter) -> st.SearchStrategy[Pair]:
        target = st.sampled_from(reference.targets or _TARGETS)
        return target.flatmap(
            lambda each: _conditions(each, depth - 1).map(
                lambda pair: (f"{reference.name}:{each}.{pair[0]}", pair[1])
            )
        )

    return st.sampled_from(_references(resource_type)).flatmap(chained)


def _conditions(resource_type: str, depth: int) -> st.SearchStrategy[Pair]:
    return _pairs(resource_type, depth).filter(
        lambda pair: "_has" not in pair[0] and "include" not in pair[0]
    )


def _reversed(resource_type: str, depth: int) -> st.SearchStrategy[Pair]:
    return st.sampled_from(_referring(resource_type)).flatmap(
        lambda each: (
            _pairs(each[0], depth - 1)
            .filter(lambda pair: "include" not in pair[0])
            .map(lambda pair: (f"_has:{each[0]}:{each[1]}:{pair[0]}", pair[1]))
        )
    )


def _included(resource_type: str) -> st.SearchStrategy[Pair]:
    names = st.sampled_from([*(each.name for each in _references(resource_type)), "*"])
    keys = st.sampled_from(("_include", "_include:iterate"))
    return st.tuples(keys, names.map(f"{resource_type}:{{}}".format))


def _criteria(parameter: SearchParameter) -> st.SearchStrategy[Pair]:
    name = parameter.name
    several = st.lists(_values(parameter), min_size=1, max_size=3).map(",".join)
    kinds = [st.tuples(st.just(name), several)]
    for modifier in parameter.modifiers:
        values = {
            "missing": st.sampled_from(("true", "false")),
            "identifier": _identifiers,
            "text": _texts,
            "of-type": st.builds("{}|{}|{}".format, _systems.map(escape), _texts, _texts),
        }.get(modifier, several)
        kinds.append(st.tuples(st.just(f"{name}:{modifier}"), values))
    return st.one_of(kinds)


def _values(parameter: SearchParameter) -> st.SearchStrategy[str]:
    if parameter.name in ("_text", "_content"):
        return _texts
    if parameter.name == "_list":
        return _ids
    if parameter.type == "composite":
        return st.tuples(*map(_values, parameter.components)).map("$".join)
    if parameter.datatype in ("boolean", "code", "id"):
        return st.just("true") if parameter.datatype == "boolean" else st.sampled_from(("a", "b-1"))
    return {
        "date": _days if parameter.datatype == "date" else _dates,
        "number": _numbers,
        "quantity": _quantities,
        "reference": st.one_of(
            _ids, _urls, *(st.builds(f"{each}/{{}}".format, _ids) for each in parameter.targets[:3])
        ),
        "string": _texts,
        "token": _tokens,
        "uri": _urls,
    }[parameter.type]

"""Which search parameters a search knows: those of its type, or those that all of its types have.

A search of several types, and a chain that leads to several, knows what is common to them. Where nothing is
said of types (`()`), all types of R4 are meant.

Specification: https://hl7.org/fhir/R4/search.html#searchcontexts
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache

from patients.fhir.criterion_values import takes_any_target
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidSearchParameter, UnknownSearchParameter
from patients.fhir.search_parameters import SearchParameter, parameters_of

Types = tuple[str, ...]

_LONGEST_NAME_SHOWN = 64


@lru_cache(maxsize=4_096)
def parameter_of(types: Types, name: str) -> SearchParameter:
    """Return what the name means for resources of each of the types.

    :raises UnknownSearchParameter: if one of the types has no such search parameter.
    :raises InvalidSearchParameter: if it means values of different kinds.
    """
    found = [parameters_of(each).get(name) for each in types or all_types()]
    parameters = [each for each in found if each is not None]
    if not parameters or len(parameters) < len(found):
        raise UnknownSearchParameter(f"Unknown search parameter {name[:_LONGEST_NAME_SHOWN]!r}.")
    if len({parameter.type for parameter in parameters}) > 1:
        raise InvalidSearchParameter(
            f"Search parameter {name!r} means different things for {', '.join(types) or 'all types'}; "
            "ask for one type."
        )
    return _common(parameters)


@lru_cache(maxsize=256)
def parameters_of_types(types: Types) -> Mapping[str, SearchParameter]:
    """Return, by name, the search parameters that mean the same for all of the types."""
    first, *others = types or all_types()
    known = {}
    for name, parameter in parameters_of(first).items():
        meanings = [parameters_of(each).get(name) for each in others]
        if all(each is not None and each.type == parameter.type for each in meanings):
            known[name] = parameter_of(types, name)
    return known


def is_reference(parameter: SearchParameter) -> bool:
    """Tell whether resources refer to others by the parameter; `_list` finds those that a List refers to."""
    return parameter.type == "reference" and parameter.name != "_list"


def targets_with(parameter: SearchParameter, name: str, *, to_follow: bool) -> Types:
    """Return the types that a reference may lead to and that have a search parameter of this name.

    If it is `to_follow`, that parameter must itself be a reference.
    """
    targets = all_types() if takes_any_target(parameter) else parameter.targets
    return tuple(each for each in targets if _has(each, name, to_follow=to_follow))


@cache
def all_types() -> Types:
    return tuple(sorted(RESOURCE_TYPES))


def _has(resource_type: str, name: str, *, to_follow: bool) -> bool:
    parameter = parameters_of(resource_type).get(name)
    return parameter is not None and (is_reference(parameter) or not to_follow)


def _common(parameters: list[SearchParameter]) -> SearchParameter:
    """Return one search parameter for several of the same name: it takes what each of them takes."""
    first, *others = parameters
    if all(each == first for each in others):
        return first
    is_any = any(takes_any_target(each) for each in parameters)
    targets = dict.fromkeys(target for each in parameters for target in each.targets)
    return replace(
        first,
        datatype=first.datatype if len({each.datatype for each in parameters}) == 1 else "",
        modifiers=tuple(it for it in first.modifiers if all(it in each.modifiers for each in others)),
        is_sortable=all(each.is_sortable for each in parameters),
        system=first.system if len({each.system for each in parameters}) == 1 else None,
        targets=() if is_any else tuple(targets),
    )

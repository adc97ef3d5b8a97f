"""Chains: conditions on the resources that a resource refers to (`.`), or that refer to it (`_has`).

Specification: https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from __future__ import annotations

from dataclasses import replace

from patients.fhir.criteria import (
    LONGEST_NAME_SHOWN,
    ChainLink,
    Criterion,
    ReverseChain,
    check_target,
    parse_criterion,
)
from patients.fhir.criterion_values import takes_any_target
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    UnknownSearchParameter,
)
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_scope import Types, all_types, is_reference, parameter_of, targets_with

MAXIMUM_CHAIN_LINKS = 3
MAXIMUM_REVERSE_CHAINS = 3

_REVERSE = "_has"


def parse_condition(types: Types, key: str, text: str, *, depth: int = 0) -> Criterion | ReverseChain:
    """Parse one pair of a query string as a condition on resources of these types.

    :raises UnknownSearchParameter: if a type has no search parameter that is named.
    :raises UnsupportedModifier: if a parameter is not offered with the modifier, or never leads to the type.
    :raises InvalidSearchParameter: if a value or a chain cannot be understood, or makes no sense.
    :raises InvalidRequest: if the chain is longer than is followed.
    """
    if key == _REVERSE or key.startswith(f"{_REVERSE}:"):
        return _reverse_chain(types, key, text, depth)
    before, is_reverse, _ = key.partition(f".{_REVERSE}:")
    if is_reverse:
        chain = _chain(types, before.split("."), key[len(before) + 1 :])
        reverse = _reverse_chain(chain[-1].target_types, key[len(before) + 1 :], text, depth)
        return replace(reverse, chain=chain)
    *links, last = key.split(".")
    name, colon, modifier = last.partition(":")
    chain = _chain(types, links, name)
    parameter = parameter_of(chain[-1].target_types if chain else types, name)
    return parse_criterion(parameter, modifier if colon else None, text, chain=chain)


def refers_to(reference: SearchParameter, types: Types) -> bool:
    """Tell whether the references that a parameter finds may be to a resource of one of the types."""
    return takes_any_target(reference) or not types or any(each in reference.targets for each in types)


def reference_of(resource_type: str, name: str, *, of: str) -> SearchParameter:
    """Return the reference that one type has under this name, which `of` (`_has`, `_include`) names.

    :raises UnknownSearchParameter: if the type has no such search parameter.
    :raises InvalidSearchParameter: if there is no such type, or its parameter is no reference.
    """
    if resource_type not in RESOURCE_TYPES:
        raise InvalidSearchParameter(
            f"Search parameter {of!r} names {resource_type[:LONGEST_NAME_SHOWN]!r}, "
            "which is no type of resource."
        )
    parameter = parameter_of((resource_type,), name)
    if not is_reference(parameter):
        raise InvalidSearchParameter(
            f"Search parameter {of!r} names '{resource_type}:{name}', which is no reference."
        )
    return parameter


def _chain(types: Types, links: list[str], last: str) -> tuple[ChainLink, ...]:
    if len(links) > MAXIMUM_CHAIN_LINKS:
        raise InvalidRequest(f"A chain may follow at most {MAXIMUM_CHAIN_LINKS} references.")
    chain: list[ChainLink] = []
    for position, link in enumerate(links):
        name, colon, target = link.partition(":")
        parameter = parameter_of(types, name)
        if not is_reference(parameter):
            raise InvalidSearchParameter(
                f"Search parameter {name!r} is no reference; nothing can follow it after a '.'."
            )
        is_last = position + 1 == len(links)
        if colon:
            check_target(parameter, target)
            types = (target,)
        else:
            following = last if is_last else links[position + 1].partition(":")[0]
            is_reverse = following.startswith(f"{_REVERSE}:")
            types = (
                _referred_to(parameter, following)
                if is_reverse
                else _targets(parameter, following, to_follow=not is_last)
            )
        chain.append(ChainLink(parameter, types))
    return tuple(chain)


def _targets(parameter: SearchParameter, name: str, *, to_follow: bool) -> Types:
    types = targets_with(parameter, name, to_follow=to_follow)
    if not types:
        kind = "reference" if to_follow else "search parameter"
        raise UnknownSearchParameter(
            f"Nothing that {parameter.name!r} refers to has a {kind} {name[:LONGEST_NAME_SHOWN]!r}."
        )
    return types


def _referred_to(parameter: SearchParameter, reverse: str) -> Types:
    """Return what the reference may lead to that the one of a `_has` may refer to as well."""
    reference = _reference_of_reverse(reverse)
    targets = all_types() if takes_any_target(parameter) else parameter.targets
    types = tuple(each for each in targets if refers_to(reference, (each,)))
    if not types:
        raise InvalidSearchParameter(
            f"Search parameter '_has' names {reference.name!r}, which refers to nothing that "
            f"{parameter.name!r} refers to."
        )
    return types


def _reverse_chain(types: Types, key: str, text: str, depth: int) -> ReverseChain:
    if depth == MAXIMUM_REVERSE_CHAINS:
        raise InvalidRequest(f"'_has' may be nested at most {MAXIMUM_REVERSE_CHAINS} deep.")
    reference = _reference_of_reverse(key)
    _, resource_type, name, rest = key.split(":", 3)
    if not refers_to(reference, types):
        raise InvalidSearchParameter(
            f"Search parameter '_has' names '{resource_type}:{name}', "
            "which does not refer to what is searched."
        )
    return ReverseChain(
        resource_type, reference, parse_condition((resource_type,), rest, text, depth=depth + 1)
    )


def _reference_of_reverse(key: str) -> SearchParameter:
    parts = key.split(":", 3)
    if len(parts) < 4 or "" in parts:
        raise InvalidSearchParameter("Search parameter '_has' is written as _has:Type:reference:parameter.")
    return reference_of(parts[1], parts[2], of=_REVERSE)

"""The criteria of a search: search parameters, perhaps with modifiers and chains, and the values to look for.

Specification: https://hl7.org/fhir/R4/search.html#modifiers, https://hl7.org/fhir/R4/search.html#combining,
https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from patients.fhir.criterion_values import Value, read_value, takes_any_target, written_value
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidSearchParameter, UnsupportedModifier
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.values.escaping import split

LONGEST_NAME_SHOWN = 64

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SAFE_IN_QUERY = ":,/@"
_OF_TERMINOLOGY = ("above", "below", "in", "not-in")


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A step of a chain: the reference to follow, and the types of resources that it may lead to."""

    parameter: SearchParameter
    target_types: tuple[str, ...]

    def query(self) -> str:
        # Of several types each is found again by what comes after; one type alone may have been asked for.
        of_type = f":{self.target_types[0]}" if len(self.target_types) == 1 else ""
        return f"{self.parameter.name}{of_type}."


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition on a search parameter, met when any of the values matches, or for `:not` when none does.

    With a chain, outermost link first, the condition is on the resources that the last link leads to.
    """

    parameter: SearchParameter
    modifier: str | None
    values: tuple[Value, ...]
    chain: tuple[ChainLink, ...] = ()

    @property
    def size(self) -> int:
        """How many values are looked for; of a URI with `:above`, as many as lie above it."""
        if self.modifier == "above":
            return sum(written_value(value).count("/") + 1 for value in self.values)
        return len(self.values)

    @property
    def further_types(self) -> frozenset[str]:
        """The types, besides those searched, whose resources decide what meets it."""
        lists = {"List"} if self.parameter.name == "_list" else set()
        return _targets_of(self.chain) | lists

    def query_parts(self) -> tuple[str, str]:
        """Return the name and the text of its pair in a query string."""
        chain = "".join(link.query() for link in self.chain)
        modifier = f":{self.modifier}" if self.modifier else ""
        return chain + self.parameter.name + modifier, ",".join(map(written_value, self.values))

    def query(self) -> str:
        return query_pair(*self.query_parts())


@dataclass(frozen=True, slots=True)
class ReverseChain:
    """A condition on the resources of a type that refer, by a parameter, to those that are searched.

    With a chain they refer to what its last link leads to.
    """

    resource_type: str
    reference: SearchParameter
    criterion: Criterion | ReverseChain
    chain: tuple[ChainLink, ...] = ()

    @property
    def size(self) -> int:
        return self.criterion.size

    @property
    def further_types(self) -> frozenset[str]:
        """The types, besides those searched, whose resources decide what meets it."""
        return _targets_of(self.chain) | {self.resource_type} | self.criterion.further_types

    def query_parts(self) -> tuple[str, str]:
        name, text = self.criterion.query_parts()
        chain = "".join(link.query() for link in self.chain)
        return f"{chain}_has:{self.resource_type}:{self.reference.name}:{name}", text

    def query(self) -> str:
        return query_pair(*self.query_parts())


def parse_criterion(
    parameter: SearchParameter, modifier: str | None, text: str, *, chain: tuple[ChainLink, ...] = ()
) -> Criterion:
    """Parse what a query string gives for a search parameter.

    The type in `subject:Patient=23` is not kept as a modifier: it is the same as `subject=Patient/23`.

    :raises UnknownSearchParameter: if parameters of this type are not supported.
    :raises UnsupportedModifier: if the parameter is not offered with the modifier.
    :raises InvalidSearchParameter: if a value cannot be understood, or makes no sense for the parameter.
    """
    name = parameter.name
    is_type = parameter.type == "reference" and modifier in RESOURCE_TYPES
    if is_type:
        check_target(parameter, modifier or "")
    elif modifier is not None:
        _check_modifier(parameter, modifier)
    check_characters(name, text)
    texts = split(text, ",")
    if "" in texts:
        raise InvalidSearchParameter(
            f"Search parameter {name!r} has {'no value' if not text else 'an empty value in its list'}."
        )
    if modifier == "missing":
        return Criterion(parameter, modifier, (_missing_value(parameter, text),), chain)
    reading = replace(parameter, targets=(modifier or "",)) if is_type else parameter
    kept = None if is_type else modifier
    return Criterion(parameter, kept, tuple(read_value(reading, kept, each) for each in texts), chain)


def query_pair(name: str, text: str) -> str:
    """Return one percent-encoded pair of a query string."""
    return f"{name}={quote(text, safe=_SAFE_IN_QUERY)}"


def check_characters(name: str, text: str) -> None:
    """Refuse what neither JSON nor the database could hold.

    :raises InvalidSearchParameter: if there is a NUL or half of a surrogate pair.
    """
    if "\0" in text or _LONE_SURROGATE.search(text):
        raise InvalidSearchParameter(f"Search parameter {name!r} has a character that no text may have.")


def check_target(parameter: SearchParameter, resource_type: str) -> None:
    """Refuse a type that the references found by the parameter are never to.

    :raises UnsupportedModifier: if it is no type of resource, or not one of the targets.
    """
    is_target = takes_any_target(parameter) or resource_type in parameter.targets
    if not is_target or resource_type not in RESOURCE_TYPES:
        raise UnsupportedModifier(
            f"Search parameter {parameter.name!r} does not refer to resources of type "
            f"{resource_type[:LONGEST_NAME_SHOWN]!r}."
        )


def _targets_of(chain: tuple[ChainLink, ...]) -> frozenset[str]:
    return frozenset(type for link in chain for type in link.target_types)


def _check_modifier(parameter: SearchParameter, modifier: str) -> None:
    if modifier in parameter.modifiers:
        return
    shown = f"Search parameter {parameter.name!r} does not take the modifier {_shown(modifier)}"
    if parameter.type == "token" and modifier in _OF_TERMINOLOGY:
        raise UnsupportedModifier(f"{shown}: a terminology server is needed for it, and there is none here.")
    if not parameter.modifiers:
        raise UnsupportedModifier(f"Search parameter {parameter.name!r} takes no modifier.")
    offered = ", ".join(f":{each}" for each in parameter.modifiers)
    raise UnsupportedModifier(f"{shown}, only {offered}.")


def _shown(modifier: str) -> str:
    return repr(":" + modifier[:LONGEST_NAME_SHOWN])


def _missing_value(parameter: SearchParameter, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidSearchParameter(f"Search parameter '{parameter.name}:missing' takes true or false.")
    return text == "true"

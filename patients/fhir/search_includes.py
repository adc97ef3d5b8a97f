"""Includes: the resources to answer beside those found, which they refer to or which refer to them.

Specification: https://hl7.org/fhir/R4/search.html#include and https://hl7.org/fhir/R4/search.html#revinclude
"""

from __future__ import annotations

from dataclasses import dataclass

from patients.fhir.criteria import LONGEST_NAME_SHOWN, check_characters, check_target, query_pair
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidSearchParameter, UnsupportedModifier
from patients.fhir.search_chains import reference_of, refers_to
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_scope import Types

MAXIMUM_INCLUDES = 16
INCLUDES = ("_include", "_revinclude")

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Include:
    """The references to follow: those of a parameter, or all (None) of a type, to a type, or to any (None).

    The source type "*" is any, and then all references are followed.

    If reverse, from the resources found back to those of the source type that refer to them. If iterated,
    from the resources included too.
    """

    source_type: str
    parameter: SearchParameter | None
    target_type: str | None
    is_iterated: bool
    is_reverse: bool

    def query(self) -> str:
        name = INCLUDES[self.is_reverse] + (":iterate" if self.is_iterated else "")
        parameter = self.parameter.name if self.parameter else _ALL
        parts = [self.source_type, parameter, self.target_type or ""]
        return query_pair(name, _ALL if self.source_type == _ALL else ":".join(filter(None, parts)))


def parse_include(types: Types, key: str, text: str) -> Include:
    """Parse an `_include` or `_revinclude`.

    :raises UnknownSearchParameter: if the source type has no such search parameter.
    :raises UnsupportedModifier: if it has another modifier than `:iterate`, or its target is never one.
    :raises InvalidSearchParameter: if it cannot be understood, or could include nothing.
    """
    name, colon, modifier = key.partition(":")
    if colon and modifier != "iterate":
        raise _unsupported(name, modifier)
    check_characters(name, text)
    is_reverse = name == "_revinclude"
    if text == _ALL:
        return Include(_ALL, None, None, is_iterated=bool(colon), is_reverse=is_reverse)
    parts = text.split(":")
    if len(parts) not in (2, 3) or "" in parts:
        raise _invalid(name, "is written as Type:parameter or Type:parameter:TargetType.")
    include = Include(
        parts[0],
        _parameter(name, parts[0], parts[1]),
        parts[2] if len(parts) == 3 else None,
        is_iterated=bool(colon),
        is_reverse=is_reverse,
    )
    _check(name, types, include)
    return include


def _parameter(of: str, source_type: str, name: str) -> SearchParameter | None:
    if name == _ALL and source_type in RESOURCE_TYPES:
        return None
    return reference_of(source_type, name, of=of)


def _check(name: str, types: Types, include: Include) -> None:
    """Refuse what could never include anything."""
    if include.target_type and include.parameter:
        check_target(include.parameter, include.target_type)
    elif include.target_type and include.target_type not in RESOURCE_TYPES:
        shown = include.target_type[:LONGEST_NAME_SHOWN]
        raise _invalid(name, f"names {shown!r}, which is no type of resource.")
    if include.is_iterated or not types:
        return
    if not include.is_reverse and include.source_type not in types:
        raise _invalid(
            name,
            f"names {include.source_type!r}, which is not searched; for what is included add ':iterate'.",
        )
    if include.is_reverse and not _finds_its_way_back(include, types):
        raise _invalid(
            name, "names a reference that is not to what is searched; for what is included add ':iterate'."
        )


def _finds_its_way_back(include: Include, types: Types) -> bool:
    if include.target_type:
        return include.target_type in types
    return include.parameter is None or refers_to(include.parameter, types)


def _unsupported(name: str, modifier: str) -> UnsupportedModifier:
    if modifier == "recurse":
        return UnsupportedModifier(
            f"Search parameter {name!r} does not take the modifier ':recurse'; R4 writes it ':iterate'."
        )
    shown = ":" + modifier[:LONGEST_NAME_SHOWN]
    return UnsupportedModifier(
        f"Search parameter {name!r} does not take the modifier {shown!r}, only :iterate."
    )


def _invalid(name: str, sentence: str) -> InvalidSearchParameter:
    return InvalidSearchParameter(f"Search parameter {name!r} {sentence}")

"""What HL7 defines, compiled from its own files (see SOURCES.md) and packaged beside this module."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_PACKAGE = resources.files(__name__)

RESOURCE_TYPES: frozenset[str] = frozenset(_PACKAGE.joinpath("resource_types.txt").read_text().split())


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The codes an element must be from."""

    systems: dict[str, frozenset[str]]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Element:
    """What may stand in one member of a type."""

    type: str
    is_list: bool = False
    is_required: bool = False
    value_set: ValueSet | None = None
    targets: tuple[str, ...] = ()
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The members of which only one may be given (`value[x]`)."""

    name: str
    members: tuple[str, ...]
    is_required: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """The members of a type, a resource type or a backbone element (`Patient.contact`)."""

    name: str
    elements: dict[str, Element]
    choices: tuple[Choice, ...]


@cache
def definition(name: str) -> Definition:
    """Return the definition of a type that R4 knows."""
    compiled = tables()["types"][name]
    elements = {member: _element(element) for member, element in compiled["elements"].items()}
    choices = tuple(
        Choice(choice, tuple(it["members"]), it["required"]) for choice, it in compiled["choices"].items()
    )
    return Definition(name, elements, choices)


def is_complex(name: str) -> bool:
    """Tell whether the type has elements of its own."""
    return name in tables()["types"]


@cache
def tables() -> dict[str, Any]:
    """Return the tables as `build` has made them."""
    tables: dict[str, Any] = json.loads(gzip.decompress(_PACKAGE.joinpath("elements.json.gz").read_bytes()))
    return tables


@cache
def search_parameter_table() -> dict[str, Any]:
    """Return the search parameters of each type as `build_search_parameters` has made them."""
    packed = _PACKAGE.joinpath("search_parameters.json.gz").read_bytes()
    table: dict[str, Any] = json.loads(gzip.decompress(packed))
    return table


def _element(compiled: dict[str, Any]) -> Element:
    return Element(
        type=compiled["type"],
        is_list=compiled.get("list", False),
        is_required=compiled.get("required", False),
        value_set=_value_set(compiled["codes"]) if "codes" in compiled else None,
        targets=tuple(compiled.get("targets", ())),
        is_summary=compiled.get("summary", False),
    )


@cache
def _value_set(name: str) -> ValueSet:
    systems = {system: frozenset(codes) for system, codes in tables()["value_sets"][name].items()}
    return ValueSet(systems, frozenset().union(*systems.values()))

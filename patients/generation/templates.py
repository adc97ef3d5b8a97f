"""Observations and Patients of the demo, from which the generated ones are made."""

import bz2
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from patients.demo import BUNDLES
from patients.fhir import exact_json

Template = dict[str, Any]

# As many values of a code as the demo has, but no more: each has a stencil of some kilobytes.
_MOST_VALUES = 40


@dataclass(frozen=True, slots=True, eq=False)
class CodeTemplates:
    """The Observations of one code in one category, each with another value."""

    category: str
    code: str
    templates: tuple[Template, ...]


@cache
def observations() -> tuple[CodeTemplates, ...]:
    """By category, the most frequent code of the demo first."""
    found: dict[tuple[str, str], list[Template]] = defaultdict(list)
    for resource in _of_demo()["Observation"]:
        category = resource["category"][0]["coding"][0]["code"]
        found[category, resource["code"]["coding"][0]["code"]].append(resource)
    in_order = sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    return tuple(
        CodeTemplates(category, code, _different(templates)) for (category, code), templates in in_order
    )


@cache
def patients() -> tuple[Template, ...]:
    return tuple(sorted(_of_demo()["Patient"], key=lambda patient: str(patient["id"])))


@cache
def _of_demo() -> dict[str, list[Template]]:
    """The demo's resources by type; to read them all takes seconds."""
    found: dict[str, list[Template]] = {"Observation": [], "Patient": []}
    for path in sorted(BUNDLES.glob("*.json.bz2")):
        for entry in exact_json.decode(bz2.decompress(path.read_bytes()))["entry"]:
            found.get(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def _different(templates: list[Template]) -> tuple[Template, ...]:
    """The first of each value."""
    by_value: dict[str, Template] = {}
    for template in templates:
        value = {
            name: part for name, part in template.items() if name.startswith("value") or name == "component"
        }
        by_value.setdefault(exact_json.encode(value), template)
    return tuple(by_value.values())[:_MOST_VALUES]

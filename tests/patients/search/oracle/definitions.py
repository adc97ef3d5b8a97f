"""R4's search parameters and the types of its elements, as HL7 published them.

https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests import published

_PARAMETER = "http://hl7.org/fhir/SearchParameter/"
_NO_DOMAIN_RESOURCES = ("Binary", "Bundle", "Parameters")
# HL7 itself has the two the wrong way round: relatesTo is the reference, relation the code.
_SWAPPED = {
    f"{_PARAMETER}DocumentReference-relatesto": f"{_PARAMETER}DocumentReference-relation",
    f"{_PARAMETER}DocumentReference-relation": f"{_PARAMETER}DocumentReference-relatesto",
}


@dataclass(frozen=True)
class Parameter:
    """A search parameter of one type of resource; of a composite, its components with their expressions."""

    name: str
    type: str
    expression: str
    targets: tuple[str, ...] = ()
    components: tuple[Parameter, ...] = ()


@cache
def parameters(resource_type: str) -> dict[str, Parameter]:
    """All by their names, but those that have no meaning of their own here (`_query`)."""
    found = {}
    for source in _sources().values():
        if set(source["base"]) & set(_bases(resource_type)) and source["code"] != "_query":
            found[source["code"]] = _parameter(source, resource_type)
    found["_list"] = Parameter("_list", "special", "")
    return found


@cache
def elements() -> dict[str, tuple[str, ...]]:
    """The types of each element by its path; of one defined elsewhere (#Observation.component) that path."""
    found = {}
    for name in ("profiles-types", "profiles-resources"):
        for entry in published.definition(name)["entry"]:
            for element in entry["resource"].get("snapshot", {}).get("element", ()):
                types = tuple(each["code"] for each in element.get("type", ()))
                reference = element.get("contentReference")
                found.setdefault(element["path"], (reference,) if reference else types)
    return found


@cache
def binding_systems(path: str) -> frozenset[str]:
    """The code systems of the value set that the code at this path is bound to."""
    return _systems().get(_bindings().get(path, ""), frozenset())


@cache
def compartment_parameters() -> dict[str, tuple[str, ...]]:
    """By type of resource, the parameters that put one into the compartment of a Patient."""
    # The copy that stands by itself has Tasks too, which 4.0.1 has not.
    (source,) = (
        entry["resource"]
        for entry in published.definition("profiles-resources")["entry"]
        if entry["resource"]["resourceType"] == "CompartmentDefinition"
        and entry["resource"]["code"] == "Patient"
    )
    return {each["code"]: tuple(each.get("param", ())) for each in source["resource"]}


def resource_types() -> frozenset[str]:
    """All that can be searched."""
    return frozenset(compartment_parameters())


@cache
def _sources() -> dict[str, Any]:
    entries = published.definition("search-parameters")["entry"]
    return {entry["resource"]["url"]: entry["resource"] for entry in entries}


def _bases(resource_type: str) -> tuple[str, ...]:
    domain = () if resource_type in _NO_DOMAIN_RESOURCES else ("DomainResource",)
    return (resource_type, "Resource", *domain)


def _parameter(source: Any, resource_type: str) -> Parameter:
    return Parameter(
        source["code"],
        source["type"],
        _of_type(source.get("expression", ""), resource_type),
        tuple(source.get("target", ())),
        tuple(_component(each) for each in source.get("component", ())),
    )


def _component(component: Any) -> Parameter:
    url = component["definition"]
    source = _sources()[_SWAPPED.get(url, url)]
    return Parameter(source["code"], source["type"], component["expression"], tuple(source.get("target", ())))


def _of_type(expression: str, resource_type: str) -> str:
    """The alternatives that are about this type."""
    own = []
    for alternative in expression.split("|"):
        first = re.match(r"\s*\(?\s*(\w+)", alternative)
        if first and first[1] in _bases(resource_type):
            own.append(alternative.strip())
    return "|".join(own)


@cache
def _bindings() -> dict[str, str]:
    found = {}
    for entry in published.definition("profiles-resources")["entry"]:
        for element in entry["resource"].get("snapshot", {}).get("element", ()):
            value_set = element.get("binding", {}).get("valueSet")
            if value_set and element.get("binding", {}).get("strength") == "required":
                found[element["path"]] = value_set.partition("|")[0]
    return found


@cache
def _systems() -> dict[str, frozenset[str]]:
    found = {}
    for entry in published.definition("valuesets")["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "ValueSet":
            included = resource.get("compose", {}).get("include", ())
            found[resource["url"]] = frozenset(each["system"] for each in included if "system" in each)
    return found

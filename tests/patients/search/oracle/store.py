"""The resources that are searched, and what each parameter selects of them, worked out when first asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.patients.search.oracle import dates, numbers, references, tokens, words
from tests.patients.search.oracle.definitions import Parameter, parameters
from tests.patients.search.oracle.expressions import Element, select
from tests.patients.search.oracle.strings import texts

Resource = dict[str, Any]
Name = tuple[str, str]

# Where a choice has others too, those are not looked at: https://hl7.org/fhir/R4/search.html#ptypes
_DATATYPES = {
    "date": ("date", "dateTime", "instant", "Period", "Timing"),
    "number": ("decimal", "integer", "positiveInt", "unsignedInt", "Range"),
    "quantity": ("Age", "Count", "Distance", "Duration", "Money", "Quantity", "Range"),
    "string": ("string", "markdown", "HumanName", "Address"),
    "token": (
        *("CodeableConcept", "Coding", "ContactPoint", "Identifier"),
        *("boolean", "code", "id", "string", "uri"),
    ),
    "uri": ("canonical", "oid", "uri", "url", "uuid"),
}


class Store:
    """Resources by type and id."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: dict[str, dict[str, Resource]] = defaultdict(dict)
        for resource in resources:
            self.resources[resource["resourceType"]][resource["id"]] = resource
        self._elements: dict[Name, dict[str, list[Element]]] = {}
        self._targets: dict[Name, dict[str, frozenset[Name]]] = {}
        self._words: dict[str, dict[str, tuple[str, str]]] = {}

    @property
    def types(self) -> list[str]:
        return sorted(self.resources)

    def elements(self, resource_type: str, name: str) -> dict[str, list[Element]]:
        """What the parameter selects of each resource that has a value of it."""
        key = resource_type, name
        if key not in self._elements:
            parameter = parameters(resource_type)[name]
            selected = {
                id: [each for each in select(parameter.expression, it) if has_value(parameter, each, it)]
                for id, it in self.resources[resource_type].items()
            }
            self._elements[key] = {id: found for id, found in selected.items() if found}
        return self._elements[key]

    def targets(self, resource_type: str, name: str) -> dict[str, frozenset[Name]]:
        """The resources of this server to which each refers by the parameter."""
        key = resource_type, name
        if key not in self._targets:
            self._targets[key] = {
                id: frozenset(filter(None, map(references.target, found)))
                for id, found in self.elements(resource_type, name).items()
            }
        return self._targets[key]

    def words(self, resource_type: str, name: str, *, may_be: bool) -> dict[str, str]:
        """What `_text` or `_content` looks at: what surely is prose, or all that may be."""
        read = words.narrative if name == "_text" else words.everything if may_be else words.prose
        key = f"{resource_type} {read.__name__}"
        if key not in self._words:
            self._words[key] = {id: read(it) for id, it in self.resources[resource_type].items()}
        return self._words[key]


def has_value(parameter: Parameter, element: Element, resource: Resource) -> bool:
    """Whether there is anything by which it could be found."""
    value, kind = element.value, parameter.type
    if element.type not in _DATATYPES.get(kind, (element.type,)):
        return False
    if kind == "token":
        return any(code for _, code in tokens.codings(element)) or _has_system_or_text(element)
    if kind == "reference":
        if isinstance(value, dict) and "resourceType" in value:
            # The first resource of a Bundle, if it is of the type that is asked for.
            return element.type in parameter.targets and "id" in value
        is_named = isinstance(value, dict) and any(each in value for each in ("identifier", "display"))
        return is_named or bool(references.is_written(element))
    if kind == "date":
        return dates.period(element) is not None
    if kind in ("number", "quantity"):
        return numbers.bounds(element) is not None
    if kind == "string":
        return any(texts(element))
    if kind == "composite":
        return all(components(parameter, element, resource))
    return True


def components(parameter: Parameter, element: Element, resource: Resource) -> list[list[Element]]:
    """Of each component what it selects of the element that the composite is about, if it can be compared.

    A concept of words only cannot be.
    """
    return [
        [
            each
            for each in select(component.expression, resource, element)
            if has_value(component, each, resource)
            and (component.type != "token" or any(any(it) for it in tokens.codings(each)))
        ]
        for component in parameter.components
    ]


def _has_system_or_text(element: Element) -> bool:
    if element.type == "ContactPoint":
        return False
    return any(system for system, _ in tokens.codings(element)) or any(words.shown(element))

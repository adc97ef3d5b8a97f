"""Resources to draw queries around: what finds them, what they refer to, and who refers to them."""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cached_property

from tests.patients.search.oracle.definitions import (
    Parameter,
    compartment_parameters,
    parameters,
    resource_types,
)
from tests.patients.search.oracle.store import Store

Name = tuple[str, str]

WORDS = ("_content", "_text")
_RARE = ("composite", "number", "quantity")
_SORTABLE = ("date", "number", "quantity", "reference", "string", "token", "uri")


class Witnesses:
    """The resources of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.types = [each for each in store.types if each in resource_types()]

    def any(self, chance: random.Random) -> Name:
        """Of any type as likely as of the frequent ones."""
        if chance.random() < 0.7:
            resource_type = chance.choice(self.types)
        else:
            weights = [len(self.store.resources[each]) for each in self.types]
            (resource_type,) = chance.choices(self.types, weights)
        return resource_type, chance.choice(self.ids(resource_type))

    def rare(self, chance: random.Random) -> tuple[str, str, str]:
        """A parameter of a kind that few resources have, with one that has it."""
        resource_type, name, ids = chance.choice(self._rare[chance.choice(sorted(self._rare))])
        return resource_type, name, chance.choice(ids)

    @cached_property
    def _rare(self) -> dict[str, list[tuple[str, str, list[str]]]]:
        """By kind, types and parameters with the ids of those that have a value."""
        found = defaultdict(list)
        for resource_type in self.types:
            for each in parameters(resource_type).values():
                if each.type in _RARE:
                    ids = list(self.store.elements(resource_type, each.name))
                    found[each.type].append((resource_type, each.name, ids))
                elif each.name == "identifier":
                    identified = self.store.elements(resource_type, each.name)
                    ids = [id for id in identified if self._is_typed(resource_type, id)]
                    found["of-type"].append((resource_type, each.name, ids))
        return {kind: [each for each in some if each[2]] for kind, some in found.items()}

    def _is_typed(self, resource_type: str, id: str) -> bool:
        identifiers = [each.value for each in self.store.elements(resource_type, "identifier")[id]]
        return any("coding" in each.get("type", ()) and "value" in each for each in identifiers)

    def ids(self, resource_type: str) -> list[str]:
        return list(self.store.resources[resource_type])

    def named(self, resource_type: str, id: str) -> list[Parameter]:
        """The parameters by which the resource can be found."""
        return [
            each
            for each in parameters(resource_type).values()
            if self._can_find(resource_type, id, each.name)
        ]

    def _can_find(self, resource_type: str, id: str, name: str) -> bool:
        if name == "_list":
            return bool(self.lists(resource_type, id))
        return name in WORDS or (name != "near" and id in self.store.elements(resource_type, name))

    def lists(self, resource_type: str, id: str) -> list[str]:
        """The ids of the Lists that hold the resource."""
        referring = self.referring(resource_type, id)
        return [each for source, name, each in referring if (source, name) == ("List", "item")]

    def referred(self, resource_type: str, id: str) -> list[tuple[Parameter, Name]]:
        """What the resource refers to that is stored."""
        return [
            (each, target)
            for each in parameters(resource_type).values()
            if each.type == "reference"
            for target in sorted(self.store.targets(resource_type, each.name).get(id, ()))
            if target[1] in self.store.resources.get(target[0], ())
            and (not each.targets or "Resource" in each.targets or target[0] in each.targets)
        ]

    def referring(self, resource_type: str, id: str) -> list[tuple[str, str, str]]:
        """Type, parameter and id of what refers to the resource."""
        return self._referring.get((resource_type, id), [])

    @cached_property
    def _referring(self) -> dict[Name, list[tuple[str, str, str]]]:
        found = defaultdict(list)
        for source in self.types:
            for each in parameters(source).values():
                if each.type == "reference":
                    for id, targets in self.store.targets(source, each.name).items():
                        for target in sorted(targets):
                            if not each.targets or target[0] in each.targets:
                                found[target].append((source, each.name, id))
        return found

    @cached_property
    def compartments(self) -> dict[str, list[Name]]:
        """By id of a Patient, what is in its compartment."""
        found = defaultdict(list)
        for resource_type in self.types:
            for name in compartment_parameters()[resource_type]:
                for id, targets in self.store.targets(resource_type, name).items():
                    for target_type, target_id in targets:
                        if target_type == "Patient" and resource_type != "Patient":
                            found[target_id].append((resource_type, id))
        return {id: sorted(set(members)) for id, members in found.items()}

    def sortable(self, resource_type: str) -> list[str]:
        """The parameters by which resources of the type can be put in order."""
        return [
            each.name
            for each in parameters(resource_type).values()
            if each.type in _SORTABLE and each.name != "_id" and self.store.elements(resource_type, each.name)
        ]

"""Random queries over what is stored, most of which find something: each is drawn around a witness.

A witness is a resource that most criteria are true of. What is drawn follows from the seed and number alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from tests.patients.search import random_values
from tests.patients.search.oracle import words
from tests.patients.search.oracle.definitions import (
    Parameter,
    compartment_parameters,
    parameters,
    resource_types,
)
from tests.patients.search.oracle.store import Store, components

Pair = tuple[str, str]
Name = tuple[str, str]

_OF_ALL_TYPES = (
    "_content",
    "_id",
    "_lastUpdated",
    "_list",
    "_profile",
    "_security",
    "_source",
    "_tag",
    "_text",
)
_WORDS = ("_content", "_text")
_SPECIAL = (*_WORDS, "_list")
_RARE = ("composite", "number", "quantity")
_UNSEARCHED = (*_SPECIAL, "near")
_SORTABLE = ("date", "number", "quantity", "reference", "string", "uri")
_SIZES = (1, 2, 3, 5, 7, 10, 20, 33, 50, 100, 250, 1000)
_MOST_PAGES = 12


@dataclass(frozen=True)
class RandomQuery:
    """A search of a type, of several (`_type` is one of the pairs) or within a Patient's compartment."""

    resource_type: str | None
    pairs: tuple[Pair, ...]
    compartment: str | None = None
    types: tuple[str, ...] = ()
    sort: str = ""
    includes: tuple[Pair, ...] = ()
    # Datatype and modifier or prefix of each criterion, and what else it is made of.
    features: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def searched(self) -> tuple[str, ...]:
        return (self.resource_type,) if self.resource_type else self.types


class RandomQueries:
    """Draws from one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._types = [each for each in store.types if each in resource_types()]

    def draw(self, seed: str) -> RandomQuery:
        """The query of this seed."""
        chance = random.Random(seed)
        while True:
            form = chance.random()
            query = (
                self._of_types(chance)
                if form < 0.06
                else self._in_compartment(chance)
                if form < 0.12
                else self._of_type(chance)
            )
            if query is not None:
                return query

    def size(self, seed: str, number: int) -> int:
        """Of a page, so that as many results do not take too many of them."""
        fitting = [each for each in _SIZES if number <= each * _MOST_PAGES]
        return random.Random(f"{seed} size").choice(fitting or [1000])

    def _of_type(self, chance: random.Random) -> RandomQuery | None:
        drawn = _Drawn(self, chance)
        if chance.random() < 0.15:
            resource_type, name, id = self._rare(chance)
            pairs = (
                *filter(None, [drawn.plain(resource_type, id, name)]),
                *drawn.pairs(resource_type, id)[:2],
            )
        else:
            resource_type, id = self._witness(chance)
            pairs = drawn.pairs(resource_type, id)
        if not pairs:
            return None
        sort = self._sort(chance, resource_type)
        includes = self._includes(chance, resource_type, id)
        features = drawn.features | ({"_sort"} if sort else set()) | {each[0] for each in includes}
        return RandomQuery(resource_type, pairs, sort=sort, includes=includes, features=frozenset(features))

    def _in_compartment(self, chance: random.Random) -> RandomQuery | None:
        patient_id = chance.choice(sorted(self._store.resources["Patient"]))
        members = self._compartments.get(patient_id)
        if not members:
            return None
        resource_type, id = chance.choice(members)
        drawn = _Drawn(self, chance)
        pairs = drawn.pairs(resource_type, id) if chance.random() < 0.8 else ()
        return RandomQuery(
            resource_type,
            pairs,
            compartment=patient_id,
            sort=self._sort(chance, resource_type),
            features=frozenset(drawn.features | {"compartment"}),
        )

    def _of_types(self, chance: random.Random) -> RandomQuery | None:
        resource_type, id = self._witness(chance)
        types = tuple(
            dict.fromkeys([resource_type, *chance.sample(self._types, k=chance.choice([0, 1, 2, 4]))])
        )
        drawn = _Drawn(self, chance)
        names = [each for each in _OF_ALL_TYPES if all(each in parameters(it) for it in types)]
        chosen = chance.sample(names, k=chance.choice([1, 1, 2]))
        pairs = [pair for each in chosen if (pair := drawn.plain(resource_type, id, each))]
        if not pairs:
            return None
        sort = chance.choice(["", "_id", "-_id", "_lastUpdated", "-_lastUpdated,_id"])
        features = frozenset({*drawn.features, "_type"})
        return RandomQuery(None, (("_type", ",".join(types)), *pairs), None, types, sort, features=features)

    def _witness(self, chance: random.Random) -> Name:
        """Of any type as likely as of the frequent ones."""
        if chance.random() < 0.7:
            resource_type = chance.choice(self._types)
        else:
            weights = [len(self._store.resources[each]) for each in self._types]
            (resource_type,) = chance.choices(self._types, weights)
        return resource_type, chance.choice(self.ids(resource_type))

    def _rare(self, chance: random.Random) -> tuple[str, str, str]:
        """A parameter of a kind that few resources have, with one that has it."""
        resource_type, name = chance.choice(self._rare_parameters)
        return resource_type, name, chance.choice(list(self._store.elements(resource_type, name)))

    @cached_property
    def _rare_parameters(self) -> list[Name]:
        return [
            (resource_type, each.name)
            for resource_type in self._types
            for each in parameters(resource_type).values()
            if each.type in _RARE and self._store.elements(resource_type, each.name)
        ]

    def ids(self, resource_type: str) -> list[str]:
        return list(self._store.resources[resource_type])

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
        return name in _WORDS or (name != "near" and id in self._store.elements(resource_type, name))

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
            for target in sorted(self._store.targets(resource_type, each.name).get(id, ()))
            if target[1] in self._store.resources.get(target[0], ())
            and (not each.targets or "Resource" in each.targets or target[0] in each.targets)
        ]

    def referring(self, resource_type: str, id: str) -> list[tuple[str, str, str]]:
        """Type, parameter and id of what refers to the resource."""
        return self._referring.get((resource_type, id), [])

    @property
    def store(self) -> Store:
        return self._store

    @cached_property
    def _referring(self) -> dict[Name, list[tuple[str, str, str]]]:
        found = defaultdict(list)
        for source in self._types:
            for each in parameters(source).values():
                if each.type == "reference":
                    for id, targets in self._store.targets(source, each.name).items():
                        for target in sorted(targets):
                            if not each.targets or target[0] in each.targets:
                                found[target].append((source, each.name, id))
        return found

    @cached_property
    def _compartments(self) -> dict[str, list[Name]]:
        found = defaultdict(list)
        for resource_type in self._types:
            for name in compartment_parameters()[resource_type]:
                for id, targets in self._store.targets(resource_type, name).items():
                    for target_type, target_id in targets:
                        if target_type == "Patient" and resource_type != "Patient":
                            found[target_id].append((resource_type, id))
        return {id: sorted(set(members)) for id, members in found.items()}

    def _sort(self, chance: random.Random, resource_type: str) -> str:
        if chance.random() < 0.6:
            return ""
        names = [
            each.name
            for each in parameters(resource_type).values()
            if each.type in _SORTABLE and self._store.elements(resource_type, each.name)
        ]
        names = chance.sample([*names, "_id"], k=min(len(names), chance.choice([1, 1, 2, 3])))
        return ",".join(chance.choice(["", "-"]) + each for each in names)

    def _includes(self, chance: random.Random, resource_type: str, id: str) -> tuple[Pair, ...]:
        if chance.random() < 0.85:
            return ()
        found: list[Pair] = []
        forwards, backwards = self.referred(resource_type, id), self.referring(resource_type, id)
        for _ in range(chance.choice([1, 1, 2])):
            iterate = chance.choice(["", "", ":iterate"])
            if forwards and chance.random() < 0.6:
                parameter, target = chance.choice(forwards)
                plain = f"{resource_type}:{parameter.name}"
                form = chance.choice([plain, plain, f"{plain}:{target[0]}", f"{resource_type}:*", "*"])
                found.append((f"_include{iterate}", form))
            elif backwards:
                source, name, _ = chance.choice(backwards)
                form = chance.choice(["", "", f":{resource_type}"])
                found.append((f"_revinclude{iterate}", f"{source}:{name}{form}"))
        return tuple(found)


class _Drawn:
    """The criteria of one query, and what they are made of."""

    def __init__(self, queries: RandomQueries, chance: random.Random) -> None:
        self._queries = queries
        self._chance = chance
        self.features: set[str] = set()

    def pairs(self, resource_type: str, id: str) -> tuple[Pair, ...]:
        pairs = []
        for _ in range(self._chance.choice([1, 1, 1, 2, 2, 3, 4])):
            # Now and then of another resource: together with the rest that may find nothing.
            is_other = pairs and self._chance.random() < 0.05
            about = self._chance.choice(self._queries.ids(resource_type)) if is_other else id
            pairs += filter(None, [self._pair(resource_type, about, depth=2)])
        return tuple(pairs)

    def _pair(self, resource_type: str, id: str, *, depth: int) -> Pair | None:
        form = self._chance.random()
        if depth and form < 0.12 and (forwards := self._queries.referred(resource_type, id)):
            return self._chained(*self._chance.choice(forwards), depth)
        if depth and form < 0.2 and (backwards := self._queries.referring(resource_type, id)):
            source, name, source_id = self._chance.choice(backwards)
            below = self._pair(source, source_id, depth=depth - 1)
            if below is None:
                return None
            self.features |= {"_has", "deep"} if "." in below[0] or "_has" in below[0] else {"_has"}
            return f"_has:{source}:{name}:{below[0]}", below[1]
        known = self._queries.named(resource_type, id)
        if form > 0.96:
            # One that the resource has no value of, perhaps: asked for with :missing.
            known = [each for each in parameters(resource_type).values() if each.name not in _UNSEARCHED]
            parameter = self._chance.choice(known)
            self.features.add(f"{parameter.type} missing")
            return f"{parameter.name}:missing", self._chance.choice(["true", "false"])
        # Of any kind as likely as of the frequent ones.
        kind = self._chance.choice(sorted({each.type for each in known}))
        return self.plain(
            resource_type, id, self._chance.choice([it for it in known if it.type == kind]).name
        )

    def _chained(self, parameter: Parameter, target: Name, depth: int) -> Pair | None:
        below = self._pair(*target, depth=depth - 1)
        if below is None or below[0].startswith("_has"):
            return None
        self.features |= {"chain", "deep"} if "." in below[0] else {"chain"}
        needs_type = _means_several(parameter, *below) or self._chance.random() < 0.4
        return f"{parameter.name}{f':{target[0]}' if needs_type else ''}.{below[0]}", below[1]

    def plain(self, resource_type: str, id: str, name: str) -> Pair | None:
        """A criterion on one parameter, mostly one that the resource meets."""
        parameter = parameters(resource_type)[name]
        if name in _SPECIAL:
            return self._special(resource_type, id, name)
        if self._chance.random() < 0.06:
            self.features.add(f"{parameter.type} missing")
            return f"{name}:missing", self._chance.choice(["true", "false"])
        found = self._queries.store.elements(resource_type, name)
        if id not in found:
            return None
        value = self._value(parameter, resource_type, id)
        if value is None:
            return None
        texts = [value.text]
        while self._chance.random() < 0.2:
            other = self._value(parameter, resource_type, self._chance.choice(list(found)))
            texts += [other.text] if other and other.modifier == value.modifier else []
        self.features.add(f"{parameter.type} {value.modifier or _prefix(parameter, value.text)}".strip())
        return name + (f":{value.modifier}" if value.modifier else ""), ",".join(texts)

    def _value(self, parameter: Parameter, resource_type: str, id: str) -> random_values.Value | None:
        element = self._chance.choice(self._queries.store.elements(resource_type, parameter.name)[id])
        if parameter.type != "composite":
            return random_values.draw(self._chance, parameter, element)
        resource = self._queries.store.resources[resource_type][id]
        texts = []
        for component, elements in zip(
            parameter.components, components(parameter, element, resource), strict=True
        ):
            values = [
                random_values.draw(self._chance, component, self._chance.choice(elements)) for _ in range(9)
            ]
            plain = [each.text for each in values if each and not each.modifier]
            if not plain:
                return None
            texts.append(plain[0])
        return random_values.Value("", "$".join(texts))

    def _special(self, resource_type: str, id: str, name: str) -> Pair | None:
        if name == "_list":
            self.features.add(name)
            lists = self._queries.lists(resource_type, id)
            return (name, self._chance.choice(lists)) if lists else None
        store = self._queries.store
        known = sorted(words.words(store.words(resource_type, name, may_be=False)[id]))
        if not known:
            return None
        self.features.add(name)
        chosen = self._chance.sample(known, k=min(len(known), self._chance.choice([1, 1, 2, 3])))
        return name, " ".join(chosen)


def _means_several(link: Parameter, key: str, text: str) -> bool:
    """Whether what follows could be refused where the type is not given: it is not the same for all."""
    name, _, rest = key.partition(":")
    following = [
        parameters(each).get(name) for each in link.targets or resource_types() if each in resource_types()
    ]
    kinds = {(each.type, each.targets) for each in following if each is not None}
    return "." in key or rest not in ("", "missing", "exact", "contains") or "|" in text or len(kinds) > 1


def _kind(parameter: Parameter) -> str:
    return parameter.name if parameter.name in _SPECIAL else parameter.type


def _prefix(parameter: Parameter, text: str) -> str:
    is_compared = parameter.type in ("date", "number", "quantity")
    return text[:2] if is_compared and text[:2].isalpha() else ""

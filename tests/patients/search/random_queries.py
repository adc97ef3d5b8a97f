"""Random queries over what is stored, most of which find something: each is drawn around a witness.

A witness is a resource that most criteria are true of. What is drawn follows from the seed and number alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.patients.search.oracle.definitions import parameters
from tests.patients.search.oracle.store import Store
from tests.patients.search.random_criteria import Pair, RandomCriteria
from tests.patients.search.witnesses import Witnesses

_OF_ALL_TYPES = (
    *("_content", "_id", "_lastUpdated", "_list", "_profile"),
    *("_security", "_source", "_tag", "_text"),
)
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
        self._witnesses = Witnesses(store)

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
        drawn = RandomCriteria(self._witnesses, chance)
        if chance.random() < 0.2:
            resource_type, name, id = self._witnesses.rare(chance)
            pairs = (
                *filter(None, [drawn.plain(resource_type, id, name)]),
                *drawn.pairs(resource_type, id)[:2],
            )
        else:
            resource_type, id = self._witnesses.any(chance)
            pairs = drawn.pairs(resource_type, id)
        if not pairs:
            return None
        sort = self._sort(chance, resource_type)
        includes = self._includes(chance, resource_type, id)
        features = drawn.features | ({"_sort"} if sort else set()) | {each[0] for each in includes}
        return RandomQuery(resource_type, pairs, sort=sort, includes=includes, features=frozenset(features))

    def _in_compartment(self, chance: random.Random) -> RandomQuery | None:
        patient_id = chance.choice(sorted(self._witnesses.store.resources["Patient"]))
        members = self._witnesses.compartments.get(patient_id)
        if not members:
            return None
        resource_type, id = chance.choice(members)
        drawn = RandomCriteria(self._witnesses, chance)
        pairs = drawn.pairs(resource_type, id) if chance.random() < 0.8 else ()
        return RandomQuery(
            resource_type,
            pairs,
            compartment=patient_id,
            sort=self._sort(chance, resource_type),
            features=frozenset(drawn.features | {"compartment"}),
        )

    def _of_types(self, chance: random.Random) -> RandomQuery | None:
        resource_type, id = self._witnesses.any(chance)
        types = tuple(
            dict.fromkeys(
                [resource_type, *chance.sample(self._witnesses.types, k=chance.choice([0, 1, 2, 4]))]
            )
        )
        drawn = RandomCriteria(self._witnesses, chance)
        names = [each for each in _OF_ALL_TYPES if all(each in parameters(it) for it in types)]
        chosen = chance.sample(names, k=chance.choice([1, 1, 2]))
        pairs = [pair for each in chosen if (pair := drawn.plain(resource_type, id, each))]
        if not pairs:
            return None
        sort = chance.choice(["", "_id", "-_id", "_lastUpdated", "-_lastUpdated,_id"])
        features = frozenset({*drawn.features, "_type"})
        return RandomQuery(None, (("_type", ",".join(types)), *pairs), None, types, sort, features=features)

    def _sort(self, chance: random.Random, resource_type: str) -> str:
        if chance.random() < 0.6:
            return ""
        names = self._witnesses.sortable(resource_type)
        names = chance.sample([*names, "_id"], k=min(len(names), chance.choice([1, 1, 2, 3])))
        return ",".join(chance.choice(["", "-"]) + each for each in names)

    def _includes(self, chance: random.Random, resource_type: str, id: str) -> tuple[Pair, ...]:
        if chance.random() < 0.85:
            return ()
        found: list[Pair] = []
        forwards = self._witnesses.referred(resource_type, id)
        backwards = self._witnesses.referring(resource_type, id)
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

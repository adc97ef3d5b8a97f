"""Random criteria, most of which a witness meets: of any parameter, also at the end of a chain or `_has`."""

from __future__ import annotations

import random

from tests.patients.search import random_values
from tests.patients.search.oracle import words
from tests.patients.search.oracle.definitions import Parameter, parameters, resource_types
from tests.patients.search.oracle.store import components
from tests.patients.search.witnesses import WORDS, Name, Witnesses

Pair = tuple[str, str]

_SPECIAL = (*WORDS, "_list")
_UNSEARCHED = (*_SPECIAL, "near")


class RandomCriteria:
    """The criteria of one query, and what they are made of."""

    def __init__(self, witnesses: Witnesses, chance: random.Random) -> None:
        self._witnesses = witnesses
        self._chance = chance
        self.features: set[str] = set()

    def pairs(self, resource_type: str, id: str) -> tuple[Pair, ...]:
        pairs = []
        for _ in range(self._chance.choice([1, 1, 1, 2, 2, 3, 4])):
            # Now and then of another resource: together with the rest that may find nothing.
            is_other = pairs and self._chance.random() < 0.05
            about = self._chance.choice(self._witnesses.ids(resource_type)) if is_other else id
            pairs += filter(None, [self._pair(resource_type, about, depth=2)])
        return tuple(pairs)

    def _pair(self, resource_type: str, id: str, *, depth: int) -> Pair | None:
        form = self._chance.random()
        if depth and form < 0.12 and (forwards := self._witnesses.referred(resource_type, id)):
            return self._chained(*self._chance.choice(forwards), depth)
        if depth and form < 0.2 and (backwards := self._witnesses.referring(resource_type, id)):
            return self._reversed(*self._chance.choice(backwards), depth)
        if form > 0.96:
            return self._missing(resource_type)
        known = self._witnesses.named(resource_type, id)
        # Of any kind as likely as of the frequent ones.
        kind = self._chance.choice(sorted(set(map(_kind, known))))
        chosen = self._chance.choice([each for each in known if _kind(each) == kind])
        return self.plain(resource_type, id, chosen.name)

    def _chained(self, parameter: Parameter, target: Name, depth: int) -> Pair | None:
        below = self._pair(*target, depth=depth - 1)
        if below is None:
            return None
        self.features |= {"chain", "deep"} if "." in below[0] or "_has" in below[0] else {"chain"}
        needs_type = _means_several(parameter, *below) or self._chance.random() < 0.4
        return f"{parameter.name}{f':{target[0]}' if needs_type else ''}.{below[0]}", below[1]

    def _reversed(self, source: str, name: str, source_id: str, depth: int) -> Pair | None:
        below = self._pair(source, source_id, depth=depth - 1)
        if below is None:
            return None
        self.features |= {"_has", "deep"} if "." in below[0] or "_has" in below[0] else {"_has"}
        return f"_has:{source}:{name}:{below[0]}", below[1]

    def _missing(self, resource_type: str) -> Pair:
        """Of a parameter that the witness, perhaps, has no value of."""
        known = [each for each in parameters(resource_type).values() if each.name not in _UNSEARCHED]
        parameter = self._chance.choice(known)
        self.features.add(f"{parameter.type} missing")
        return f"{parameter.name}:missing", self._chance.choice(["true", "false"])

    def plain(self, resource_type: str, id: str, name: str) -> Pair | None:
        """A criterion on one parameter, mostly one that the resource meets."""
        parameter = parameters(resource_type)[name]
        if name in _SPECIAL:
            return self._special(resource_type, id, name)
        if self._chance.random() < 0.06:
            self.features.add(f"{parameter.type} missing")
            return f"{name}:missing", self._chance.choice(["true", "false"])
        found = self._witnesses.store.elements(resource_type, name)
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
        element = self._chance.choice(self._witnesses.store.elements(resource_type, parameter.name)[id])
        if parameter.type != "composite":
            return random_values.draw(self._chance, parameter, element)
        resource = self._witnesses.store.resources[resource_type][id]
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
            lists = self._witnesses.lists(resource_type, id)
            return (name, self._chance.choice(lists)) if lists else None
        store = self._witnesses.store
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
    is_simple = rest in ("", "missing", "exact", "contains") and "|" not in text
    return not is_simple or "." in key or name == "_has" or len(kinds) > 1


def _kind(parameter: Parameter) -> str:
    return parameter.name if parameter.name in _SPECIAL else parameter.type


def _prefix(parameter: Parameter, text: str) -> str:
    is_compared = parameter.type in ("date", "number", "quantity")
    return text[:2] if is_compared and text[:2].isalpha() else ""

"""A query string against the store: which resources meet all its criteria."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.patients.search.oracle import dates, numbers, references, strings, tokens, words
from tests.patients.search.oracle.definitions import (
    Parameter,
    compartment_parameters,
    parameters,
    resource_types,
)
from tests.patients.search.oracle.escapes import plain, split
from tests.patients.search.oracle.expressions import Element
from tests.patients.search.oracle.store import Store, components

Pair = tuple[str, str]
Found = frozenset[str]

_MOST_KEPT = 5_000


class Searches:
    """Finds ids by criteria; answers that are asked for again are kept.

    With `may_be` words are found wherever they may be, without where they surely are (`words`).
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, str, str, bool], Found] = {}

    def matching(self, resource_type: str, pairs: Sequence[Pair], *, may_be: bool = False) -> Found:
        """The ids of those that meet all."""
        found = frozenset(self._store.resources[resource_type])
        for key, text in pairs:
            found &= self.meeting(resource_type, key, text, may_be=may_be)
        return found

    def members(self, patient_id: str, resource_type: str) -> Found:
        """The ids of those in the compartment of a Patient."""
        patient, found = ("Patient", patient_id), set()
        for name in compartment_parameters()[resource_type]:
            targets = self._store.targets(resource_type, name)
            found |= {id for id, referred in targets.items() if patient in referred}
        return frozenset(found)

    def meeting(self, resource_type: str, key: str, text: str, *, may_be: bool) -> Found:
        kept = resource_type, key, text, may_be
        if kept not in self._kept:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            self._kept[kept] = self._meeting(resource_type, key, text, may_be)
        return self._kept[kept]

    def _meeting(self, resource_type: str, key: str, text: str, may_be: bool) -> Found:
        if key.startswith("_has:"):
            return self._referred_to(resource_type, key, text, may_be)
        link, dot, rest = key.partition(".")
        if dot:
            return self._chained(resource_type, link, rest, text, may_be)
        name, _, modifier = key.partition(":")
        return self._plain(resource_type, parameters(resource_type)[name], modifier, text, may_be)

    def _referred_to(self, resource_type: str, key: str, text: str, may_be: bool) -> Found:
        _, source, name, rest = key.split(":", 3)
        referring = self.meeting(source, rest, text, may_be=may_be)
        return frozenset(
            id
            for source_id, targets in self._store.targets(source, name).items()
            if source_id in referring
            for target_type, id in targets
            if target_type == resource_type and id in self._store.resources[resource_type]
        )

    def _chained(self, resource_type: str, link: str, rest: str, text: str, may_be: bool) -> Found:
        name, _, target_type = link.partition(":")
        types = [target_type] if target_type else self._leads_to(parameters(resource_type)[name], rest)
        ends = {(each, id) for each in types for id in self.meeting(each, rest, text, may_be=may_be)}
        targets = self._store.targets(resource_type, name)
        return frozenset(id for id, referred in targets.items() if not referred.isdisjoint(ends))

    def _leads_to(self, link: Parameter, rest: str) -> list[str]:
        """Where no type is given, any to which the reference may lead and that has what follows."""
        following = rest.partition(".")[0].partition(":")[0]
        is_any = not link.targets or "Resource" in link.targets
        types = self._store.types if is_any else link.targets
        return [each for each in types if each in resource_types() and following in parameters(each)]

    def _plain(
        self, resource_type: str, parameter: Parameter, modifier: str, text: str, may_be: bool
    ) -> Found:
        everything = self._store.resources[resource_type]
        if parameter.name == "_list":
            return self._listed(resource_type, split(text, ","))
        if parameter.name in ("_text", "_content"):
            written = self._store.words(resource_type, parameter.name, may_be=may_be)
            return frozenset(
                id
                for id, whole in written.items()
                if any(words.has_words(whole, each, may_be=may_be) for each in split(text, ","))
            )
        selected = self._store.elements(resource_type, parameter.name)
        if modifier == "missing":
            return frozenset(everything.keys() - selected.keys() if text == "true" else selected)
        found = frozenset(
            id
            for id, elements in selected.items()
            if any(
                self._matches(parameter, element, modifier, each, everything[id], may_be)
                for each in split(text, ",")
                for element in elements
            )
        )
        return frozenset(everything.keys() - found) if modifier == "not" else found

    def _matches(
        self,
        parameter: Parameter,
        element: Element,
        modifier: str,
        text: str,
        resource: dict[str, Any],
        may_be: bool,
    ) -> bool:
        if modifier == "text":
            return words.matches(element, text, may_be=may_be)
        if parameter.type == "composite":
            parts = zip(
                parameter.components,
                components(parameter, element, resource),
                split(text, "$"),
                strict=True,
            )
            return all(
                any(_KINDS[component.type](each, "", wanted) for each in elements)
                for component, elements, wanted in parts
            )
        if parameter.name == "_id":
            return bool(element.value == plain(text))
        return _KINDS[parameter.type](element, modifier, text)

    def _listed(self, resource_type: str, lists: list[str]) -> Found:
        items = self._store.targets("List", "item")
        ids = [plain(each).removeprefix("List/") for each in lists]
        return frozenset(
            id
            for list_id in ids
            for target_type, id in items.get(list_id, ())
            if target_type == resource_type and id in self._store.resources[resource_type]
        )


_KINDS: dict[str, Callable[[Element, str, str], bool]] = {
    "date": dates.matches,
    "number": numbers.matches,
    "quantity": numbers.matches,
    "reference": references.matches,
    "string": strings.matches,
    "token": tokens.matches,
    "uri": references.matches_uri,
}

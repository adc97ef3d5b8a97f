"""The codes of the value sets to which R4 binds elements with strength `required`."""

from typing import Any

Codes = dict[str, list[str]]
"""The codes of a value set, by code system."""


class ValueSets:
    """The value sets of the specification, expanded when an element asks for them."""

    def __init__(self, resources: list[dict[str, Any]]) -> None:
        self._value_sets = {r["url"]: r for r in resources if r["resourceType"] == "ValueSet"}
        self._code_systems = {r["url"]: r for r in resources if r["resourceType"] == "CodeSystem"}
        self.used: dict[str, Codes] = {}

    def required_by(self, element: dict[str, Any]) -> str | None:
        """Return the name of the value set that the element's codes must be from, if its codes are known."""
        binding = element.get("binding", {})
        url = binding.get("valueSet", "").partition("|")[0]
        if binding.get("strength") != "required" or url not in self._value_sets:
            return None
        name: str = url.rpartition("/")[2]
        if name not in self.used and (codes := self._expansion(self._value_sets[url])):
            self.used[name] = codes
        return name if name in self.used else None

    def _expansion(self, value_set: dict[str, Any]) -> Codes | None:
        """Return the codes, or nothing if the specification does not have them all (UCUM, MIME types)."""
        codes: Codes = {}
        for include in value_set["compose"]["include"]:
            included = self._included(include)
            if included is None:
                return None
            codes.setdefault(include["system"], []).extend(included)
        return {system: sorted(set(found)) for system, found in codes.items()}

    def _included(self, include: dict[str, Any]) -> list[str] | None:
        if "concept" in include:
            return [concept["code"] for concept in include["concept"]]
        system = self._code_systems.get(include.get("system", ""))
        if system is None or system["content"] != "complete" or "filter" in include:
            return None
        return _all_codes(system["concept"])


def _all_codes(concepts: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for concept in concepts:
        found += [concept["code"], *_all_codes(concept.get("concept", []))]
    return found

"""Parts of resources, where a client asks for less than the whole: `_summary` and `_elements`.

https://hl7.org/fhir/R4/search.html#summary. Chosen are members of the resource itself, with all that is in
them: what is sent is the text as it is stored, and none of it is encoded anew. What R4 requires, the id, the
meta and whatever changes the meaning of others always remain, and a tag says that the rest is missing.
"""

import hashlib
from dataclasses import dataclass
from functools import cache

from patients.fhir import exact_json
from patients.fhir.definitions import definition
from patients.fhir.outcomes import InvalidSearchParameter, UnknownSearchParameter
from patients.fhir.search_results import Summary, parse_elements, parse_summary

SUBSETTED = '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}'

_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})


@dataclass(frozen=True, slots=True)
class Representation:
    """How much of a resource is answered; without anything, the whole."""

    summary: Summary | None = None
    elements: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.summary is None and not self.elements

    @property
    def mark(self) -> str:
        """What tells entity tags of this representation from those of others."""
        if self.is_whole:
            return ""
        said = f"{self.summary or ''}:{','.join(sorted(self.elements))}"
        return "-" + hashlib.blake2b(said.encode(), digest_size=6).hexdigest()

    def text(self, content: str, resource_type: str) -> str:
        """Return the part of a resource, from its text."""
        if self.is_whole:
            return content
        chosen = [member for member in exact_json.members(content) if self._has(member.name, resource_type)]
        return "{" + ",".join(map(_written, chosen)) + "}"

    def _has(self, member: str, resource_type: str) -> bool:
        # An id and extensions of a primitive go with it.
        name = member.removeprefix("_")
        if self.summary == "data":
            return name != "text"
        if name in _ALWAYS or name in _required(resource_type):
            return True
        if self.summary == "text":
            return name == "text"
        if self.summary == "true":
            return name in _summary(resource_type)
        return name in self.elements


def parse(resource_type: str, pairs: tuple[tuple[str, str], ...]) -> Representation:
    """Return what the parameters of a read ask for.

    :raises UnknownSearchParameter: if there are others.
    :raises InvalidSearchParameter: if a value cannot be understood, or both are given, or one twice.
    """
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in ("_summary", "_elements"):
            raise UnknownSearchParameter(
                f"Unknown parameter {name[:64]!r}; of one resource, only _summary and _elements may be asked."
            )
        if given:
            raise InvalidSearchParameter("Only one of '_summary' and '_elements' can be asked for, once.")
        given[name] = text
    summary = parse_summary(given.get("_summary"))
    if summary == "count":
        raise InvalidSearchParameter("Parameter '_summary' takes no count where there is one resource.")
    return Representation(summary, parse_elements((resource_type,), given.get("_elements")))


def _written(member: exact_json.Member) -> str:
    value = _tagged(member.written_value) if member.name == "meta" else member.written_value
    return f"{member.written_name}:{value}"


def _tagged(meta: str) -> str:
    """Return the text of the meta with the tag added."""
    members = exact_json.members(meta)
    others = [f"{each.written_name}:{each.written_value}" for each in members if each.name != "tag"]
    tags = "".join(f"{each.written_value[1:-1]}," for each in members if each.name == "tag")
    return "{" + ",".join([*others, f'"tag":[{tags}{SUBSETTED}]']) + "}"


@cache
def _required(resource_type: str) -> frozenset[str]:
    known = definition(resource_type)
    choices = [name for choice in known.choices if choice.is_required for name in choice.members]
    return frozenset(name for name, element in known.elements.items() if element.is_required) | set(choices)


@cache
def _summary(resource_type: str) -> frozenset[str]:
    elements = definition(resource_type).elements
    return frozenset(name for name, element in elements.items() if element.is_summary)

"""The places in a resource that may name another resource of its bundle.

https://hl7.org/fhir/R4/http.html#trules: references, elements of the types uri, url, oid, uuid and canonical,
and links in the narrative. All else, an Identifier's value for one, stays letter for letter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES, definition, is_complex
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition

_URI_TYPES = frozenset({"uri", "url", "oid", "uuid", "canonical"})
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_HYPERLINK = re.compile(r"""(\b(?:href|src)\s*=\s*["'])([^"'<>]*)""")


@dataclass(frozen=True, slots=True)
class Link:
    """A text that names a resource; `holder[key]` is where it stands."""

    holder: Any
    key: str | int
    text: str
    is_reference: bool
    condition: Condition | None = None

    def point_to(self, text: str) -> None:
        self.holder[self.key] = text


ParseCondition = Callable[[str, str], Condition]


def links(
    resource: dict[str, Any], *, parse_condition: ParseCondition = conditions.parse_identifier
) -> list[Link]:
    """Return all references, and those URIs that may be an entry's full URL.

    A Bundle that is stored as a resource is left as it is: its links are its own entries'.

    :raises InvalidRequest: if a conditional reference cannot be understood.
    """
    if resource.get("resourceType") == "Bundle":
        return []
    found: list[Link] = []
    linking = _linking_members()
    waiting: list[tuple[str, Any]] = [("", resource)]
    while waiting:
        name, value = waiting.pop()
        for key, item in value.items() if value.__class__ is dict else enumerate(value):
            # The items of a list bear the list's name.
            item_name = key if key.__class__ is str else name
            if item.__class__ is str:
                if item_name in linking and (link := _link(value, key, item_name, item, parse_condition)):
                    found.append(link)
            elif item.__class__ is dict or item.__class__ is list:
                waiting.append((item_name, item))
    return found


def point_hyperlinks(resource: dict[str, Any], resolve: Callable[[str], str | None]) -> bool:
    """Let the links and images of the narrative name what their URLs resolve to; tell whether any did."""
    narrative = resource.get("text")
    if not isinstance(narrative, dict) or not isinstance(narrative.get("div"), str):
        return False
    text = narrative["div"]
    if "urn:" in text:
        narrative["div"] = _HYPERLINK.sub(lambda found: found[1] + (resolve(found[2]) or found[2]), text)
    return bool(narrative["div"] != text)


def _link(holder: Any, key: str | int, name: str, text: str, parse_condition: ParseCondition) -> Link | None:
    if name == "reference":
        found = _CONDITIONAL.fullmatch(text)
        condition = parse_condition(found[1], found[2]) if found else None
        return Link(holder, key, text, is_reference=True, condition=condition)
    return Link(holder, key, text, is_reference=False) if ":" in text else None


@cache
def _linking_members() -> frozenset[str]:
    """The names of all members that are references or URIs, in whichever type."""
    names = {"reference"}
    seen: set[str] = set()
    waiting = sorted(RESOURCE_TYPES)
    while waiting:
        type_name = waiting.pop()
        if type_name in seen or not is_complex(type_name):
            continue
        seen.add(type_name)
        for name, element in definition(type_name).elements.items():
            waiting.append(element.type)
            if element.type in _URI_TYPES:
                names.add(name)
    return frozenset(names)

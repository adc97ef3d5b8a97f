"""The places in a resource that may name another resource of its bundle.

https://hl7.org/fhir/R4/http.html#trules: references, elements of the types uri, url, oid, uuid and canonical,
and links in the narrative. All else, an Identifier's value for one, stays letter for letter.
"""

import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

from patients.fhir.definitions import RESOURCE_TYPES, definition, is_complex
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition

_URI_TYPES = frozenset({"uri", "url", "oid", "uuid", "canonical"})
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_REFERENCE_ONLY = frozenset({"reference"})
_HYPERLINK = re.compile(r"""(\b(?:href|src)\s*=\s*["'])([^"'<>]*)""")


class Link(NamedTuple):
    """A text that names a resource; `holder[key]` is where it stands."""

    holder: Any
    key: str | int
    text: str
    is_reference: bool
    condition: Condition | None = None

    def point_to(self, text: str) -> None:
        self.holder[self.key] = text


ParseCondition = Callable[[str, str], Condition]


def full_urls_of(entries: Iterable[Any]) -> frozenset[str]:
    """Return what the entries of a bundle are called in it."""
    urls = (entry.get("fullUrl") for entry in entries if isinstance(entry, dict))
    return frozenset(url for url in urls if isinstance(url, str))


def links(
    resource: dict[str, Any],
    *,
    full_urls: Collection[str],
    parse_condition: ParseCondition = conditions.parse_identifier,
) -> list[Link]:
    """Return all references, and those URIs that are one of the bundle's full URLs.

    A Bundle that is stored as a resource is left as it is: its links are its own entries'.

    :raises InvalidRequest: if a conditional reference cannot be understood.
    """
    if resource.get("resourceType") == "Bundle":
        return []
    found: list[Link] = []
    linking = _linking_members() if full_urls else _REFERENCE_ONLY
    # The items of a list bear the list's name.
    waiting: list[tuple[str, Any]] = [("", resource)]
    while waiting:
        name, value = waiting.pop()
        is_list = value.__class__ is list
        members: Iterable[tuple[Any, Any]] = enumerate(value) if is_list else value.items()
        for key, item in members:
            kind = item.__class__
            if kind is str:
                item_name = name if is_list else key
                if item_name not in linking:
                    continue
                if item_name == "reference":
                    found.append(_reference(value, key, item, parse_condition))
                elif item in full_urls:
                    found.append(Link(value, key, item, is_reference=False))
            elif kind is dict or kind is list:
                waiting.append((name if is_list else key, item))
    return found


def point_hyperlinks(resource: dict[str, Any], resolve: Callable[[str], str | None]) -> bool:
    """Let the links and images of the narrative name what their URLs resolve to; tell whether any did."""
    narrative = resource.get("text")
    if not isinstance(narrative, dict) or not isinstance(narrative.get("div"), str):
        return False
    text = narrative["div"]
    if has_hyperlinks(text):
        narrative["div"] = _HYPERLINK.sub(lambda found: found[1] + (resolve(found[2]) or found[2]), text)
    return bool(narrative["div"] != text)


def has_hyperlinks(text: str) -> bool:
    """Whether a narrative may have any: hardly one has, and to look for them takes longer."""
    return "href" in text or "src" in text


def _reference(holder: Any, key: str | int, text: str, parse_condition: ParseCondition) -> Link:
    found = _CONDITIONAL.fullmatch(text) if "?" in text else None
    condition = parse_condition(found[1], found[2]) if found else None
    return Link(holder, key, text, is_reference=True, condition=condition)


@cache
def _linking_members() -> frozenset[str]:
    """The names of all members that are references or URIs, in whichever type."""
    names = set(_REFERENCE_ONLY)
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

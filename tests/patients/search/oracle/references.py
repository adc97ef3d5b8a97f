"""References and URIs. https://hl7.org/fhir/R4/search.html#reference and https://hl7.org/fhir/R4/search.html#uri"""

from __future__ import annotations

import re
from functools import lru_cache

from tests.patients.search.oracle import tokens
from tests.patients.search.oracle.escapes import plain
from tests.patients.search.oracle.expressions import Element

_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}$")
_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_OTHER = ("Reference", "canonical", "uri")


def matches(element: Element, modifier: str, text: str) -> bool:
    if modifier == "identifier":
        identifier = element.value.get("identifier") if isinstance(element.value, dict) else None
        return bool(identifier) and tokens.matches(Element(identifier, "Identifier", "Identifier"), "", text)
    wanted = plain(text)
    if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", wanted):
        return wanted in (_written(element), _written(element).partition("|")[0])
    local = target(element)
    if local is None or (modifier and local[0] != modifier):
        return False
    return wanted in (local[1], "/".join(local))


def target(element: Element) -> tuple[str, str] | None:
    """Type and id of a resource of this server."""
    if element.type not in _OTHER:
        return (element.type, element.value["id"]) if "id" in element.value else None
    return _local(_written(element).partition("|")[0])


@lru_cache(maxsize=200_000)
def _local(text: str) -> tuple[str, str] | None:
    found = _LOCAL.fullmatch(text)
    return (found[1], found[2]) if found else None


def _written(element: Element) -> str:
    """Without the version of a resource: whoever refers to one refers to the resource."""
    value = element.value
    return _VERSION.sub("", value.get("reference", "") if isinstance(value, dict) else value)


def matches_uri(element: Element, modifier: str, text: str) -> bool:
    """A canonical URL matches with its version and without."""
    wanted = plain(text)
    own = {element.value}
    if element.type == "canonical":
        own.add(element.value.partition("|")[0])
    if modifier and "://" not in wanted:
        # What lies above and below is said of URLs only.
        return wanted in own
    if modifier == "below":
        beginning = wanted if wanted.endswith("/") else f"{wanted}/"
        return any(each == wanted or each.startswith(beginning) for each in own)
    if modifier == "above":
        return any(each == wanted or wanted.startswith(each.rstrip("/") + "/") for each in own)
    return wanted in own


def is_written(element: Element) -> bool:
    """Whether it says where to look."""
    if element.type not in _OTHER:
        return "id" in element.value
    return bool(_written(element))


def elsewhere(element: Element) -> list[str]:
    """What is no resource of this server, as it is ordered: after no type."""
    written = _written(element) if element.type in _OTHER else ""
    return [f"/{written}"] if written else []

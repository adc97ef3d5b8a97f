"""Texts of a resource: what its codes are shown as, its narrative, and all that is written in it.

Specification: https://hl7.org/fhir/R4/search.html#token and https://hl7.org/fhir/R4/search.html#content
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

Row = tuple[str]

_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
# No words: XHTML, base64, addresses of machines, and what identifies or is set by a server.
_WITHOUT_WORDS = frozenset(
    {"data", "div", "hash", "id", "lastUpdated", "profile", "reference", "resourceType", "system", "url"}
    | {"versionId"}
)


def of_coding(value: Any) -> Iterable[Row]:
    return _member(value, "display")


def of_concept(value: Any) -> Iterator[Row]:
    yield from _member(value, "text")
    codings = value.get("coding") if value.__class__ is dict else None
    for coding in codings if codings.__class__ is list else ():
        yield from of_coding(coding)


def of_identifier(value: Any) -> Iterable[Row]:
    return _member(value.get("type"), "text") if value.__class__ is dict else ()


def narrative(resource: dict[str, Any]) -> str:
    """Return the narrative without its tags: "" if there is none."""
    text = resource.get("text")
    div = text.get("div") if text.__class__ is dict else None
    return _without_tags(div) if div.__class__ is str else ""


def content(resource: dict[str, Any]) -> str:
    """Return all strings with words in them but the narrative, each once; those of resources within too."""
    found: dict[str, None] = {}
    own = resource.get("text")
    waiting: list[Any] = [resource]
    while waiting:
        value = waiting.pop()
        if value.__class__ is str:
            found[value] = None
        elif value.__class__ is dict:
            if "div" in value and value is not own and value["div"].__class__ is str:
                found[_without_tags(value["div"])] = None
            waiting += [each for name, each in value.items() if name not in _WITHOUT_WORDS]
        elif value.__class__ is list:
            waiting += value
    return " ".join(found)


def _without_tags(div: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", div)).split())


def _member(value: Any, name: str) -> Iterable[Row]:
    text = value.get(name) if value.__class__ is dict else None
    return ((text,),) if text.__class__ is str else ()

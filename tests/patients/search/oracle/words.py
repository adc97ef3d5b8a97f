"""Words of narratives, of all that is written, and of what codes and references are shown as.

What a word is depends on who splits a text: is `a/b` one, or are these two? So each question has two answers:
what surely is there, as words by themselves in what is plainly prose, and what may be, as any sequence of
letters anywhere. https://hl7.org/fhir/R4/search.html#content
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from tests.patients.search.oracle.escapes import plain
from tests.patients.search.oracle.expressions import Element
from tests.patients.search.oracle.strings import folded

_PROSE = ("display", "text", "title", "description", "comment", "family", "given", "city", "valueString")


def shown(element: Element) -> Iterator[str]:
    """What a code, an identifier's type or a reference is shown as."""
    value = element.value
    if element.type == "CodeableConcept":
        yield from [value["text"]] if "text" in value else []
        yield from [each["display"] for each in value.get("coding", ()) if "display" in each]
    elif element.type in ("Coding", "Reference"):
        yield from [value["display"]] if "display" in value else []
    elif element.type == "Identifier" and "text" in value.get("type", {}):
        yield value["type"]["text"]


def matches(element: Element, text: str, *, may_be: bool) -> bool:
    """`:text`: all words in one of the texts; of the last one its beginning, of three letters or more."""
    *whole, last = folded(plain(text)).split()
    if may_be or len(last) < 3:
        return any(has_words(each, text, may_be=may_be) for each in shown(element))
    return any(
        all(it in words(each) for it in whole) and any(it.startswith(last) for it in words(each))
        for each in shown(element)
    )


def has_words(whole: str, text: str, *, may_be: bool) -> bool:
    wanted = [each for each in folded(plain(text)).split() if any(map(str.isalnum, each))]
    if may_be:
        return all(each in folded(whole) for each in wanted)
    return bool(wanted) and all(each in words(whole) for each in wanted)


@lru_cache(maxsize=100_000)
def words(text: str) -> frozenset[str]:
    """Those of letters only that stand by themselves, between spaces."""
    return frozenset(each for each in folded(text).split() if each.isalpha())


def narrative(resource: dict[str, Any]) -> str:
    reader = _Text()
    reader.feed(resource.get("text", {}).get("div", ""))
    reader.close()
    return " ".join(reader.texts)


def prose(resource: dict[str, Any]) -> str:
    """What is written for people to read."""
    return " ".join([narrative(resource), *_texts(resource, _PROSE)])


def everything(resource: dict[str, Any]) -> str:
    return " ".join([narrative(resource), *_texts(resource, None)])


def _texts(value: Any, members: tuple[str, ...] | None, member: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, members, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, members, member)
    elif isinstance(value, str) and (members is None or member in members):
        yield value


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

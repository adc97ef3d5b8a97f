"""Codes and identifiers: system letter for letter, code without case. https://hl7.org/fhir/R4/search.html#token"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.patients.search.oracle.definitions import binding_systems
from tests.patients.search.oracle.escapes import plain, split
from tests.patients.search.oracle.expressions import Element

_TELEPHONE = re.compile(r"\+?[0-9()\s./-]+")


def codings(element: Element) -> Iterator[tuple[str, str]]:
    """System and code, each "" if it is not there."""
    value = element.value
    if element.type == "CodeableConcept":
        for coding in value.get("coding", ()):
            yield coding.get("system", ""), coding.get("code", "")
    elif element.type == "Coding":
        yield value.get("system", ""), value.get("code", "")
    elif element.type in ("Identifier", "ContactPoint"):
        yield value.get("system", ""), value.get("value", "")
    elif isinstance(value, bool):
        yield "", "true" if value else "false"
    else:
        yield "", value


def searched(element: Element) -> Iterator[tuple[str, str]]:
    """System, and each of the codes that find it; a telephone number is found by its digits too."""
    for system, code in codings(element):
        yield system, code.strip().casefold()
        if element.type == "ContactPoint" and (number := _number(code)):
            yield system, number


def matches(element: Element, modifier: str, text: str) -> bool:
    if modifier == "of-type":
        return _is_of_type(element, text)
    system, code = _wanted(text)
    if element.type == "code" and system:
        return system in binding_systems(element.path) and _is_same(element.value, code)
    return any(
        (system is None or system == its_system) and (not code or _is_same(its_code, code, element.type))
        for its_system, its_code in codings(element)
        if its_system or its_code
    )


def _wanted(text: str) -> tuple[str | None, str]:
    parts = [plain(part) for part in split(text, "|")]
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def _is_same(one: str, other: str, type: str = "") -> bool:
    if one.strip().casefold() == other.strip().casefold():
        return True
    return type == "ContactPoint" and _number(one) is not None and _number(one) == _number(other)


def _number(text: str) -> str | None:
    """A telephone number without what only makes it readable."""
    digits = re.sub("[^0-9]", "", text)
    if len(digits) < 3 or not _TELEPHONE.fullmatch(text.strip()):
        return None
    return ("+" if text.strip().startswith("+") else "") + digits


def _is_of_type(element: Element, text: str) -> bool:
    system, code, value = [plain(part) for part in split(text, "|")]
    types = element.value.get("type", {}).get("coding", ())
    is_type = any(each.get("system", "") == system and _is_same(each.get("code", ""), code) for each in types)
    return is_type and _is_same(element.value.get("value", ""), value)

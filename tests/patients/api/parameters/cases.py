"""Search values from a resource's own elements: those that must find it, and near ones that must not.

Each is drawn from the raw value, as https://hl7.org/fhir/R4/search.html#ptypes describes it for its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.patients.api.parameters import ordered_cases
from tests.patients.api.parameters.case import OTHER, Case, escaped, hits, misses
from tests.patients.api.parameters.definitions import Node, Parameter, Resource, below

_LONGEST = 60


def drawn(parameter: Parameter, resource: Resource) -> list[Case]:
    """All cases that can be drawn from the resource, positive ones first; none if it lacks the element."""
    if parameter.name == "_text":
        return list(_of_words(resource.get("text", {}).get("div", "")))
    if parameter.name == "_content":
        return list(_of_words(" ".join(_all_texts(resource))))
    nodes = parameter.nodes_in(resource)
    if parameter.components:
        cases = _of_composite(parameter, nodes, resource)
    else:
        cases = _DRAWERS[parameter.type](nodes)
    known = dict.fromkeys(cases)
    return sorted(known, key=lambda case: not case.is_found)


def _of_tokens(nodes: Iterable[Node]) -> Iterator[Case]:
    nodes = list(nodes)
    codes = [code for type, value in nodes for code in _codes(type, value)]
    for system, code in codes:
        if code:
            yield from _of_code(system, code, codes)
        elif system:
            yield from hits(f"{escaped(system)}|")
    for type, value in nodes:
        for text in _texts(type, value):
            words = text.strip()[:_LONGEST]
            if re.fullmatch(r"\w[\w ]*\w", words):
                yield from hits(escaped(words), modifier="text")
                yield from misses(escaped(words + OTHER), modifier="text")
        if type == "Identifier":
            yield from _of_type(value)


_OPPOSITES = {"true": "false", "false": "true"}


def _of_code(system: str | None, code: str, codes: list[tuple[str | None, str]]) -> Iterator[Case]:
    written = escaped(code)
    yield from hits(written)
    other = _OPPOSITES.get(code) or escaped(code + OTHER)
    if (None, other) not in codes:
        yield from misses(other)
        yield from hits(other, modifier="not")
    yield from misses(written, modifier="not")
    if system:
        yield from hits(f"{escaped(system)}|{written}", f"{escaped(system)}|")
        yield from misses(f"{escaped(system)}|{other}", f"urn:{OTHER}|{written}")
        if not any(code == each and not its for its, each in codes):
            yield from misses(f"|{written}")
    elif system == "":
        yield from hits(f"|{written}")
        yield from misses(f"urn:{OTHER}|{written}")


def _of_type(identifier: Resource) -> Iterator[Case]:
    for coding in identifier.get("type", {}).get("coding", ()):
        if {"system", "code"} <= coding.keys() and "value" in identifier:
            system, code, value = (
                escaped(each) for each in (coding["system"], coding["code"], identifier["value"])
            )
            yield from hits(f"{system}|{code}|{value}", modifier="of-type")
            yield from misses(f"{system}|{code}|{value}{OTHER}", modifier="of-type")
            yield from misses(f"{system}|{code}{OTHER}|{value}", modifier="of-type")


def _codes(type: str, value: Any) -> Iterator[tuple[str | None, str]]:
    """System and code; a system of None goes without saying, one of "" is not there."""
    if type == "CodeableConcept":
        for coding in value.get("coding", ()):
            yield coding.get("system", ""), coding.get("code", "")
    elif type in ("Coding", "Identifier"):
        yield value.get("system", ""), value.get("code" if type == "Coding" else "value", "")
    elif type == "ContactPoint":
        yield None, value.get("value", "")
    elif type == "boolean":
        yield None, "true" if value else "false"
    elif isinstance(value, str):
        yield None, value


def _texts(type: str, value: Any) -> Iterator[str]:
    if type == "CodeableConcept":
        yield from filter(None, [value.get("text")])
        for coding in value.get("coding", ()):
            yield from _texts("Coding", coding)
    elif type == "Coding":
        yield from filter(None, [value.get("display")])
    elif type == "Identifier":
        yield from filter(None, [value.get("type", {}).get("text")])


_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]+)(/_history/.+)?")


def _of_references(nodes: Iterable[Node]) -> Iterator[Case]:
    for type, value in nodes:
        if type == "Reference":
            yield from _of_reference(value.get("reference", "#"))
            identifier = value.get("identifier", {})
            if {"system", "value"} <= identifier.keys():
                text = f"{escaped(identifier['system'])}|{escaped(identifier['value'])}"
                yield from hits(text, modifier="identifier")
                yield from misses(text + OTHER, modifier="identifier")
        elif type in ("canonical", "uri") and re.search("[:/]", value):
            # Without either it would be asked as an id.
            yield from _of_reference(value)
            if "|" in value:
                yield from _of_reference(value.partition("|")[0])
        elif type == "Resource" and "id" in value:
            yield from _of_reference(f"{value['resourceType']}/{value['id']}")


def _of_reference(text: str) -> Iterator[Case]:
    if text.startswith("#"):
        return
    if found := _RELATIVE.fullmatch(text):
        type, id, _ = found.groups()
        yield from hits(f"{type}/{id}", id)
        yield from hits(id, modifier=type)
        yield from misses(f"{type}/{id[:40]}{OTHER}", f"{id[:40]}{OTHER}")
    elif "/_history/" not in text:
        yield from hits(escaped(text))
        yield from misses(escaped(text) + OTHER)


def _of_strings(nodes: Iterable[Node]) -> Iterator[Case]:
    nodes = list(nodes)
    all_texts = {text for type, value in nodes for text in _parts(type, value)}
    for text in all_texts:
        start = " ".join(text[:_LONGEST].split())
        if not re.match(r"\w", start):
            continue
        yield from hits(escaped(start), escaped(start[: len(start) // 2 + 1].upper()))
        yield from misses(escaped(start + OTHER))
        yield from hits(escaped(start[len(start) // 3 :].strip()), modifier="contains")
        yield from misses(escaped(start[len(start) // 3 :].strip() + OTHER), modifier="contains")
        if len(text) < 200 and text == text.strip():
            yield from hits(escaped(text), modifier="exact")
            yield from misses(escaped(text + OTHER), modifier="exact")
            if text.swapcase() not in all_texts:
                yield from misses(escaped(text.swapcase()), modifier="exact")


def _parts(type: str, value: Any) -> Iterator[str]:
    names = {
        "HumanName": ("family", "given", "prefix", "suffix", "text"),
        "Address": ("line", "city", "district", "state", "postalCode", "country", "text"),
    }
    if type not in names:
        yield value
        return
    for name in names[type]:
        found = value.get(name, [])
        yield from filter(None, found if isinstance(found, list) else [found])


def _of_uris(nodes: Iterable[Node]) -> Iterator[Case]:
    for _, value in nodes:
        yield from hits(escaped(value))
        yield from misses(escaped(value) + OTHER)
        parent = value.rpartition("/")[0]
        if re.match(r"https?://[^/]+", parent):
            yield from hits(escaped(parent), escaped(value), modifier="below")
            yield from hits(escaped(value) + "/x", escaped(value), modifier="above")
            yield from misses(escaped(value) + "/x", modifier="below")
            yield from misses(escaped(parent), modifier="above")


def _of_composite(parameter: Parameter, nodes: list[Node], resource: Resource) -> Iterator[Case]:
    sides = [
        [_side(each, [found for node in nodes for found in below(node, each.expression, resource)])]
        for each in parameter.components
    ]
    for node in nodes:
        parts = [_side(each, below(node, each.expression, resource)) for each in parameter.components]
        if any(found is None for found, _ in parts):
            continue
        values = [found for found, _ in parts if found is not None]
        yield from hits("$".join(values))
        for at, [(_, other)] in enumerate(sides):
            if other is not None:
                yield from misses("$".join([*values[:at], other, *values[at + 1 :]]))


def _side(component: Parameter, nodes: list[Node]) -> tuple[str | None, str | None]:
    """A value that a component has, and one that none has."""
    cases = [case for case in _DRAWERS[component.type](nodes) if not case.modifier]
    found = next((case.value for case in cases if case.is_found), None)
    return found, next((case.value for case in cases if not case.is_found), None)


# Words by themselves: what is part of an address or a number is not one.
_WORD = re.compile(r"(?<![^\s])[a-zA-Z]{5,12}(?![^\s,])")


def _of_words(text: str) -> Iterator[Case]:
    if words := _WORD.findall(re.sub(r"<[^>]*>|&\w+;", " ", text)):
        longest = max(words, key=len)
        yield from hits(longest)
        yield from misses(f"{longest}{OTHER}")


def _all_texts(value: Any) -> Iterator[str]:
    """The strings that people read: what is longer than a code or an address."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _all_texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _all_texts(each)
    elif isinstance(value, str) and " " in value:
        yield value


_DRAWERS: dict[str, Callable[[Iterable[Node]], Iterator[Case]]] = {
    "date": ordered_cases.of_dates,
    "number": ordered_cases.of_numbers,
    "quantity": ordered_cases.of_quantities,
    "reference": _of_references,
    "string": _of_strings,
    "token": _of_tokens,
    "uri": _of_uris,
    "special": lambda nodes: iter(()),
}

"""Search values from a resource's own elements: those that must find it, and near ones that must not.

Each is drawn from the raw value, as https://hl7.org/fhir/R4/search.html#ptypes describes it for its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.patients.api.parameters.definitions import Node, Parameter, Resource, below
from tests.patients.api.parameters.exact import Number

OTHER = "zz9"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A criterion on one parameter, and whether the resource meets it."""

    modifier: str
    value: str
    is_found: bool

    def pair(self, name: str) -> tuple[str, str]:
        return (f"{name}:{self.modifier}" if self.modifier else name), self.value


def escaped(text: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return re.sub(r"([\\$,|])", r"\\\1", text)


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


def _found(*values: str, modifier: str = "") -> Iterator[Case]:
    return (Case(modifier, value, True) for value in values)


def _missed(*values: str, modifier: str = "") -> Iterator[Case]:
    return (Case(modifier, value, False) for value in values)


def _of_tokens(nodes: Iterable[Node]) -> Iterator[Case]:
    nodes = list(nodes)
    codes = [code for type, value in nodes for code in _codes(type, value)]
    for system, code in codes:
        if code:
            yield from _of_code(system, code, codes)
        elif system:
            yield from _found(f"{escaped(system)}|")
    for type, value in nodes:
        for text in _texts(type, value):
            words = text.strip()[:_LONGEST]
            if re.fullmatch(r"\w[\w ]*\w", words):
                yield from _found(escaped(words), modifier="text")
                yield from _missed(escaped(words + OTHER), modifier="text")
        if type == "Identifier":
            yield from _of_type(value)


_OPPOSITES = {"true": "false", "false": "true"}


def _of_code(system: str | None, code: str, codes: list[tuple[str | None, str]]) -> Iterator[Case]:
    written = escaped(code)
    yield from _found(written)
    other = _OPPOSITES.get(code) or escaped(code + OTHER)
    if (None, other) not in codes:
        yield from _missed(other)
        yield from _found(other, modifier="not")
    yield from _missed(written, modifier="not")
    if system:
        yield from _found(f"{escaped(system)}|{written}", f"{escaped(system)}|")
        yield from _missed(f"{escaped(system)}|{other}", f"urn:{OTHER}|{written}")
        if not any(code == each and not its for its, each in codes):
            yield from _missed(f"|{written}")
    elif system == "":
        yield from _found(f"|{written}")
        yield from _missed(f"urn:{OTHER}|{written}")


def _of_type(identifier: Resource) -> Iterator[Case]:
    for coding in identifier.get("type", {}).get("coding", ()):
        if {"system", "code"} <= coding.keys() and "value" in identifier:
            system, code, value = (
                escaped(each) for each in (coding["system"], coding["code"], identifier["value"])
            )
            yield from _found(f"{system}|{code}|{value}", modifier="of-type")
            yield from _missed(f"{system}|{code}|{value}{OTHER}", modifier="of-type")
            yield from _missed(f"{system}|{code}{OTHER}|{value}", modifier="of-type")


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
                yield from _found(text, modifier="identifier")
                yield from _missed(text + OTHER, modifier="identifier")
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
        yield from _found(f"{type}/{id}", id)
        yield from _found(id, modifier=type)
        yield from _missed(f"{type}/{id[:40]}{OTHER}", f"{id[:40]}{OTHER}")
    elif "/_history/" not in text:
        yield from _found(escaped(text))
        yield from _missed(escaped(text) + OTHER)


def _of_strings(nodes: Iterable[Node]) -> Iterator[Case]:
    nodes = list(nodes)
    all_texts = {text for type, value in nodes for text in _parts(type, value)}
    for text in all_texts:
        start = " ".join(text[:_LONGEST].split())
        if not re.match(r"\w", start):
            continue
        yield from _found(escaped(start), escaped(start[: len(start) // 2 + 1].upper()))
        yield from _missed(escaped(start + OTHER))
        yield from _found(escaped(start[len(start) // 3 :].strip()), modifier="contains")
        yield from _missed(escaped(start[len(start) // 3 :].strip() + OTHER), modifier="contains")
        if len(text) < 200 and text == text.strip():
            yield from _found(escaped(text), modifier="exact")
            yield from _missed(escaped(text + OTHER), modifier="exact")
            if text.swapcase() not in all_texts:
                yield from _missed(escaped(text.swapcase()), modifier="exact")


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


def _of_dates(nodes: Iterable[Node]) -> Iterator[Case]:
    spans = [span for type, value in nodes for span in _spans(type, value)]
    if not spans:
        return
    for start, end in spans:
        yield from _of_span(start, end)
    years = [int(text[:4]) for span in spans for text in span if text]
    yield from _missed(f"{max(years) + 1}", f"eq{min(years) - 1}")
    if len(spans) == 1:
        yield from _beside(*spans[0])


def _of_span(start: str, end: str) -> Iterator[Case]:
    if start:
        yield from _found(f"ge{start}", f"ge{int(start[:4]) - 1}", "ne0007")
    if end:
        yield from _found(f"le{end}", f"le{int(end[:4]) + 1}")
    if start == end:
        yield from _found(start, f"eq{start}")
        # At the turn of the year the zone decides.
        if not re.match(r"\d{4}-(12-31|01-01)T", start):
            yield from _found(start[:4], f"eq{start[:4]}")
    # What has no bound goes on forever.
    if not end:
        yield from _found("gt9000")
    if not start:
        yield from _found("lt0007")


def _beside(start: str, end: str) -> Iterator[Case]:
    if start:
        yield from _missed(f"eb{start}", f"lt{int(start[:4]) - 1}")
    if end:
        yield from _missed(f"sa{end}", f"gt{int(end[:4]) + 1}")
    if start == end:
        yield from _missed(f"ne{start}", f"gt{start}", f"lt{start}")


def _spans(type: str, value: Any) -> Iterator[tuple[str, str]]:
    """First and last date as they are written, "" for none: the same one for a date that stands alone."""
    if type in ("date", "dateTime", "instant"):
        yield value, value
    elif type == "Period" and (value.get("start") or value.get("end")):
        yield value.get("start", ""), value.get("end", "")
    elif type == "Timing":
        yield from ((each, each) for each in value.get("event", ()))
        yield from _spans("Period", value.get("repeat", {}).get("boundsPeriod", {}))


def _of_numbers(nodes: Iterable[Node]) -> Iterator[Case]:
    numbers = [_number(value) for type, value in nodes if type in ("decimal", "integer")]
    for text in numbers:
        yield from _around(text, numbers)


def _number(value: Any) -> str:
    return value.text if isinstance(value, Number) else str(value)


def _around(text: str, all: list[str], unit: str = "") -> Iterator[Case]:
    """The number, what is at either side of it, and its neighbour at the last digit."""
    number = Decimal(text)
    step = Decimal(1).scaleb(int(number.as_tuple().exponent))
    yield from _found(f"{text}{unit}", f"ge{text}{unit}", f"le{text}{unit}")
    yield from _found(f"gt{number - step}{unit}", f"lt{number + step}{unit}")
    if not any(abs(Decimal(each) - number - step) <= step / 2 for each in all):
        yield from _missed(f"{number + step}{unit}", f"eq{number + step}{unit}")
    if len(all) == 1:
        yield from _missed(f"gt{text}{unit}", f"lt{text}{unit}", f"ne{text}{unit}")


def _of_quantities(nodes: Iterable[Node]) -> Iterator[Case]:
    nodes = [node for node in nodes if node[0] != "SampledData"]
    plain = [value for type, value in nodes if type != "Range"]
    measured = [value for value in plain if "value" in value and "comparator" not in value]
    numbers = [_number(value["value"]) for value in measured]
    is_alone = len(nodes) == len(measured)
    for value in measured:
        number = _number(value["value"])
        others = numbers if is_alone else [*numbers, *numbers]
        system, code = value.get("system", ""), value.get("code", value.get("currency", ""))
        if "currency" in value:
            system = "urn:iso:std:iso:4217"
        yield from _around(number, others)
        if system and code:
            yield from _around(number, others, f"|{escaped(system)}|{escaped(code)}")
            yield from _missed(f"{number}|urn:{OTHER}|{escaped(code)}", f"{number}|{escaped(system)}|{OTHER}")
        for unit in filter(None, {code, value.get("unit", "")}):
            yield from _found(f"{number}||{escaped(unit)}")
        yield from _missed(f"{number}||{OTHER}")
    for low, high in (
        (value.get("low", {}), value.get("high", {})) for type, value in nodes if type == "Range"
    ):
        if "value" in low and "value" in high:
            yield from _found(f"ge{_number(low['value'])}", f"le{_number(high['value'])}")
            yield from _missed(f"ge{Decimal(_number(high['value'])) + 1_000}")


def _of_uris(nodes: Iterable[Node]) -> Iterator[Case]:
    for _, value in nodes:
        yield from _found(escaped(value))
        yield from _missed(escaped(value) + OTHER)
        parent = value.rpartition("/")[0]
        if re.match(r"https?://[^/]+", parent):
            yield from _found(escaped(parent), escaped(value), modifier="below")
            yield from _found(escaped(value) + "/x", escaped(value), modifier="above")
            yield from _missed(escaped(value) + "/x", modifier="below")
            yield from _missed(escaped(parent), modifier="above")


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
        yield from _found("$".join(values))
        for at, [(_, other)] in enumerate(sides):
            if other is not None:
                yield from _missed("$".join([*values[:at], other, *values[at + 1 :]]))


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
        yield from _found(longest)
        yield from _missed(f"{longest}{OTHER}")


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
    "date": _of_dates,
    "number": _of_numbers,
    "quantity": _of_quantities,
    "reference": _of_references,
    "string": _of_strings,
    "token": _of_tokens,
    "uri": _of_uris,
    "special": lambda nodes: iter(()),
}

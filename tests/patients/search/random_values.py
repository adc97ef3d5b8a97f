"""Values for queries, taken from the elements that a parameter selects, some of them changed a little."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.patients.search.oracle import dates, numbers, references, strings, tokens, words
from tests.patients.search.oracle.definitions import Parameter, binding_systems
from tests.patients.search.oracle.escapes import escaped
from tests.patients.search.oracle.expressions import Element
from tests.patients.search.oracle.strings import folded

_IS_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True)
class Value:
    """A modifier ("" for none) and the text of a value, escaped."""

    modifier: str
    text: str


def draw(chance: random.Random, parameter: Parameter, element: Element) -> Value | None:
    """A value that finds the element, or nearly does; None if there is none to ask for."""
    return _MAKERS[parameter.type](chance, parameter, element)


def _string(chance: random.Random, _: Parameter, element: Element) -> Value | None:
    text = chance.choice([*filter(None, strings.texts(element))] or [""])[:200]
    if not folded(text):
        return None
    start = chance.randrange(len(text))
    value = chance.choice(
        [
            Value("", chance.choice([text, text[: start + 1], text[: start + 1].upper(), folded(text)])),
            Value("exact", chance.choice([text, text, text.swapcase(), text[: start + 1]])),
            Value("contains", text[start : start + chance.choice([1, 2, 3, 4, 9])].lower()),
        ]
    )
    return Value(value.modifier, escaped(value.text)) if folded(value.text) else None


def _token(chance: random.Random, parameter: Parameter, element: Element) -> Value | None:
    shown = [word for text in words.shown(element) for word in words.words(text)]
    if shown and chance.random() < 0.25:
        return Value(
            "text", " ".join(chance.sample(sorted(shown), k=min(len(shown), chance.choice([1, 1, 2]))))
        )
    if element.type == "Identifier" and (typed := _typed(element.value)) and chance.random() < 0.6:
        return Value("of-type", typed)
    modifier = "not" if chance.random() < 0.15 else ""
    if parameter.name == "_id":
        return Value(modifier, element.value)
    if element.type == "code":
        # Of codes that others keep (urn:ietf:bcp:13) there is no list to know them by.
        systems = [each for each in binding_systems(element.path) if each.startswith("http")]
        named = f"{escaped(systems[0])}|" if len(systems) == 1 and chance.random() < 0.3 else ""
        return Value(modifier, named + escaped(element.value))
    found = [each for each in tokens.codings(element) if any(each)]
    if not found:
        return None
    system, code = chance.choice(found)
    if element.type in ("boolean", "id"):
        return Value(modifier, code)
    if not code.strip():
        return Value(modifier, f"{escaped(system)}|")
    written = escaped(chance.choice([code, code, code.upper(), code.lower()]))
    forms = [written, written, f"{escaped(system)}|{written}", f"|{written}"]
    return Value(modifier, chance.choice([*forms, f"{escaped(system)}|"] if system else forms))


def _typed(identifier: dict[str, Any]) -> str | None:
    for coding in identifier.get("type", {}).get("coding", ()):
        parts = [coding.get("system", ""), coding.get("code", ""), identifier.get("value", "")]
        if all(part.strip() for part in parts):
            return "|".join(map(escaped, parts))
    return None


def _date(chance: random.Random, _: Parameter, element: Element) -> Value | None:
    value = element.value
    if element.type == "Timing":
        value = [*value.get("event", ()), value.get("repeat", {}).get("boundsPeriod", {})][0]
    if isinstance(value, dict):
        value = chance.choice([each for each in (value.get("start"), value.get("end")) if each] or [None])
    if value is None:
        return None
    if chance.random() < 0.6:
        value = value[: chance.choice([4, 7, 10])]
    elif "T" in value and chance.random() < 0.3:
        zone = re.search(r"(Z|[+-]\d\d:\d\d)$", value)
        value = value[:16] + (zone[0] if zone else "")
    if chance.random() < 0.15:
        value = f"{int(value[:4]) + chance.choice([-1, 1]):04}{value[4:]}"
        value = value if not value[4:].startswith("-02-29") else value[:4]
    return Value("", chance.choice(["", "", *dates.PREFIXES]) + value)


def _number(chance: random.Random, _: Parameter, element: Element) -> Value | None:
    bounds = numbers.bounds(element)
    finite = [each for each in bounds or () if each.is_finite()]
    if not finite:
        return None
    written = str(chance.choice(finite))
    if chance.random() < 0.3 and len(written) > 2 and "E" not in written:
        written = written[:-1].removesuffix(".").removesuffix("-") or "0"
    elif chance.random() < 0.15:
        written = f"{written}{'0' if '.' in written else '.0'}"
    return (
        Value("", chance.choice(["", "", *dates.PREFIXES]) + written) if re.search(r"\d$", written) else None
    )


def _quantity(chance: random.Random, parameter: Parameter, element: Element) -> Value | None:
    number = _number(chance, parameter, element)
    unit = element.value.get("low", element.value.get("high", element.value))
    if number is None or chance.random() < 0.4:
        return number
    system = unit.get("system", "urn:iso:std:iso:4217" if element.type == "Money" else "")
    code = unit.get("code", unit.get("currency", ""))
    named = [(system, code), ("", code), ("", unit.get("unit", "")), (system, ""), ("urn:other", code)]
    chosen = chance.choice([each for each in named if any(each)] or [None])
    return Value("", f"{number.text}|{'|'.join(map(escaped, chosen))}") if chosen else number


def _reference(chance: random.Random, parameter: Parameter, element: Element) -> Value | None:
    value = element.value
    if isinstance(value, dict) and value.get("identifier", {}).get("value") and chance.random() < 0.7:
        identifier = value["identifier"]
        system = f"{escaped(identifier['system'])}|" if "system" in identifier else ""
        return Value("identifier", chance.choice(["", system]) + escaped(identifier["value"]))
    target = references.target(element)
    if target is not None:
        return _local(chance, parameter, *target)
    if not isinstance(value, str):
        value = value.get("reference", "")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", value):
        return None
    return Value("", escaped(chance.choice([value, value.partition("|")[0]])))


def _local(chance: random.Random, parameter: Parameter, target_type: str, id: str) -> Value | None:
    if not _IS_ID.fullmatch(id):
        return None
    is_target = not parameter.targets or target_type in parameter.targets or "Resource" in parameter.targets
    forms = [Value("", id)]
    if is_target:
        forms += [Value("", f"{target_type}/{id}"), Value("", f"{target_type}/{id}"), Value(target_type, id)]
    return chance.choice(forms)


def _uri(chance: random.Random, _: Parameter, element: Element) -> Value | None:
    value = element.value
    if not value.strip():
        return None
    above = chance.choice([value, f"{value}/more", f"{value}/more/still"])
    # Of a URL at least its host.
    parents = ["/".join(value.split("/")[:depth]) for depth in range(3, value.count("/") + 1)]
    below = chance.choice([value, *parents] if "://" in value else [value])
    plain = chance.choice([value, value.partition("|")[0]])
    chosen = chance.choice([Value("", plain), Value("below", below), Value("above", above)])
    return Value(chosen.modifier, escaped(chosen.text))


_MAKERS: dict[str, Callable[[random.Random, Parameter, Element], Value | None]] = {
    "date": _date,
    "number": _number,
    "quantity": _quantity,
    "reference": _reference,
    "string": _string,
    "token": _token,
    "uri": _uri,
}

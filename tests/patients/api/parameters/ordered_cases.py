"""Search values from dates, numbers and quantities: of the same, to either side, and of what is next to them.

https://hl7.org/fhir/R4/search.html#prefix
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from tests.patients.api.parameters.case import OTHER, Case, escaped, hits, misses
from tests.patients.api.parameters.definitions import Node
from tests.patients.api.parameters.exact import Number


def of_dates(nodes: Iterable[Node]) -> Iterator[Case]:
    spans = [span for type, value in nodes for span in _spans(type, value)]
    if not spans:
        return
    for start, end in spans:
        yield from _of_span(start, end)
    years = [int(text[:4]) for span in spans for text in span if text]
    yield from misses(f"{max(years) + 1}", f"eq{min(years) - 1}")
    if len(spans) == 1:
        yield from _beside(*spans[0])


def _of_span(start: str, end: str) -> Iterator[Case]:
    if start:
        yield from hits(f"ge{start}", f"ge{int(start[:4]) - 1}", "ne0007")
    if end:
        yield from hits(f"le{end}", f"le{int(end[:4]) + 1}")
    if start == end:
        yield from hits(start, f"eq{start}")
        # At the turn of the year the zone decides.
        if not re.match(r"\d{4}-(12-31|01-01)T", start):
            yield from hits(start[:4], f"eq{start[:4]}")
    # What has no bound goes on forever.
    if not end:
        yield from hits("gt9000")
    if not start:
        yield from hits("lt0007")


def _beside(start: str, end: str) -> Iterator[Case]:
    if start:
        yield from misses(f"eb{start}", f"lt{int(start[:4]) - 1}")
    if end:
        yield from misses(f"sa{end}", f"gt{int(end[:4]) + 1}")
    if start == end:
        yield from misses(f"ne{start}", f"gt{start}", f"lt{start}")


def _spans(type: str, value: Any) -> Iterator[tuple[str, str]]:
    """First and last date as they are written, "" for none: the same one for a date that stands alone."""
    if type in ("date", "dateTime", "instant"):
        yield value, value
    elif type == "Period" and (value.get("start") or value.get("end")):
        yield value.get("start", ""), value.get("end", "")
    elif type == "Timing":
        yield from ((each, each) for each in value.get("event", ()))
        yield from _spans("Period", value.get("repeat", {}).get("boundsPeriod", {}))


def of_numbers(nodes: Iterable[Node]) -> Iterator[Case]:
    numbers = [_number(value) for type, value in nodes if type in ("decimal", "integer")]
    for text in numbers:
        yield from _around(text, numbers)


def _number(value: Any) -> str:
    return value.text if isinstance(value, Number) else str(value)


def _around(text: str, all: list[str], unit: str = "") -> Iterator[Case]:
    """The number, what is at either side of it, and its neighbour at the last digit."""
    number = Decimal(text)
    step = Decimal(1).scaleb(int(number.as_tuple().exponent))
    yield from hits(f"{text}{unit}", f"ge{text}{unit}", f"le{text}{unit}")
    yield from hits(f"gt{number - step}{unit}", f"lt{number + step}{unit}")
    if not any(abs(Decimal(each) - number - step) <= step / 2 for each in all):
        yield from misses(f"{number + step}{unit}", f"eq{number + step}{unit}")
    if len(all) == 1:
        yield from misses(f"gt{text}{unit}", f"lt{text}{unit}", f"ne{text}{unit}")


def of_quantities(nodes: Iterable[Node]) -> Iterator[Case]:
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
            yield from misses(f"{number}|urn:{OTHER}|{escaped(code)}", f"{number}|{escaped(system)}|{OTHER}")
        for unit in filter(None, {code, value.get("unit", "")}):
            yield from hits(f"{number}||{escaped(unit)}")
        yield from misses(f"{number}||{OTHER}")
    for low, high in (
        (value.get("low", {}), value.get("high", {})) for type, value in nodes if type == "Range"
    ):
        if "value" in low and "value" in high:
            yield from hits(f"ge{_number(low['value'])}", f"le{_number(high['value'])}")
            yield from misses(f"ge{Decimal(_number(high['value'])) + 1_000}")

"""Searches as the application runs them, timed in the database; the first three have limits to keep.

A patient's values of a code, a token that seven of ten rows share, and one that ten share, are to take less
than 5 ms in the middle and less than 25 ms at the 99th percentile, at 2,000,000 Observations
(docs/performance.md#searches-in-the-database).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from patients.access import command_actor
from patients.fhir.search_request import SearchRequest, parse
from patients.generation import population
from patients.interactions.history import history
from patients.management.benchmarks.values import Values
from patients.search.resources import engine
from perf.benchmark.cases import Case, Draw

# Pages that were turned before the first that counts.
_DEEP = 200
_FEW = 20
_LOINC = "http://loinc.org"

Pairs = list[tuple[str, str]]


def cases() -> Sequence[Case]:
    """In the order of the table."""
    values = Values()
    searches = {name: _search("Observation", pairs) for name, pairs in _observations(values).items()}
    searches |= {name: _search("Patient", pairs) for name, pairs in _patients(values).items()}
    return [
        *(Case(name, draw) for name, draw in searches.items()),
        Case("code · page 200 and on", _deep_pages([("code", _common_code())])),
        Case("_sort=-date · page 200 and on", _deep_pages([])),
        Case("history of a type", _history("Observation"), frozenset({"history"})),
        Case("history of the system", _history(None), frozenset({"history"})),
        *(Case(name, _search("Observation", pairs), most_samples=_FEW) for name, pairs in _COUNTS.items()),
    ]


def _observations(values: Values) -> dict[str, Callable[[Random], Pairs]]:
    """Searches of Observations by their names."""

    def patient_and_code(chance: Random) -> Pairs:
        drawn = values.observation(chance)
        return [("patient", drawn.patient), ("code", drawn.code), *_NEWEST]

    def month(chance: Random) -> Pairs:
        first = _moment(values.observation(chance).date)
        return [("date", f"ge{first:%Y-%m-%d}"), ("date", f"lt{first + timedelta(days=30):%Y-%m-%d}")]

    def code_and_value(prefix: str, times: int = 1) -> Callable[[Random], Pairs]:
        def pairs(chance: Random) -> Pairs:
            drawn = values.measured(chance)
            quantity = times * Decimal(drawn.quantity or 0)
            return [("code", drawn.code), ("value-quantity", f"{prefix}{quantity}"), *_NEWEST]

        return pairs

    return {
        "patient & code, newest first": patient_and_code,
        "token of 70 %": lambda _: [_LABORATORY, *_NEWEST],
        "token of ten rows": lambda _: [("code", population.rare().code), *_NEWEST],
        "token of 1 %, long ago": lambda _: [("code", population.ancient().code), *_NEWEST],
        "any code": lambda chance: [("code", f"{_LOINC}|{values.code(chance)}"), *_NEWEST],
        "patient": lambda chance: [("patient", values.observation(chance).patient), *_NEWEST],
        "token of 70 % & month": lambda chance: [_LABORATORY, *month(chance), *_NEWEST],
        "code & month": lambda chance: [("code", values.code(chance)), *month(chance), *_NEWEST],
        "code & token of 70 %": lambda chance: [("code", values.code(chance)), _LABORATORY, *_NEWEST],
        "two tokens that never meet": lambda _: [_LABORATORY, ("code", _common_code()), *_NEWEST],
        "two codes": lambda chance: [("code", f"{values.code(chance)},{values.code(chance)}"), *_NEWEST],
        "code & value above": code_and_value("gt"),
        "code & value": code_and_value(""),
        "code & value that hardly meet": code_and_value("gt", times=10),
        "composite code-value-quantity": lambda chance: _composite(values, chance),
        "composite that hardly any meets": lambda chance: _composite(values, chance, times=10),
        "_lastUpdated, oldest first": lambda chance: [
            ("_lastUpdated", f"gt{values.observation(chance).last_updated}"),
            ("_sort", "_lastUpdated"),
            _PAGE,
        ],
        "newest of the type": lambda _: [*_NEWEST],
        "oldest of the type": lambda _: [("_sort", "date"), _PAGE],
        "month": lambda chance: [*month(chance), *_NEWEST],
        "token of 70 %, _sort=value-quantity": lambda _: [_LABORATORY, ("_sort", "value-quantity"), _PAGE],
        "chain to the patient's name": lambda chance: [
            ("subject:Patient.name", _name(values, chance)),
            *_NEWEST,
        ],
        "chain to the patient's birth date": lambda chance: [
            ("patient.birthdate", values.patient(chance).birth_date),
            *_NEWEST,
        ],
        "code & chain to the name": lambda chance: [
            ("code", values.code(chance)),
            ("subject:Patient.family", _name(values, chance)),
            *_NEWEST,
        ],
        ":not of 70 %": lambda _: [("category:not", "laboratory"), *_NEWEST],
        ":not of nearly all": lambda _: [("status:not", "final"), *_NEWEST],
        ":missing=true": lambda _: [("value-quantity:missing", "true"), *_NEWEST],
        ":missing=true of none": lambda _: [("code:missing", "true"), *_NEWEST],
        "code:text": lambda _: [("code:text", "glucose"), *_NEWEST],
        "_content": lambda _: [("_content", "glucose"), *_NEWEST],
        "any code & _include": lambda chance: [
            ("code", values.code(chance)),
            ("_include", "Observation:patient"),
            *_NEWEST,
        ],
    }


def _patients(values: Values) -> dict[str, Callable[[Random], Pairs]]:
    """Searches of Patients by their Observations."""
    return {
        "_has of any code": lambda chance: [("_has:Observation:patient:code", values.code(chance)), _PAGE],
        "_has of a rare code": lambda _: [("_has:Observation:patient:code", population.rare().code), _PAGE],
        "_has of code & family": lambda chance: [
            ("_has:Observation:patient:code", values.code(chance)),
            ("family", _name(values, chance)),
            _PAGE,
        ],
    }


def _composite(values: Values, chance: Random, times: int = 1) -> Pairs:
    drawn = values.measured(chance)
    quantity = times * Decimal(drawn.quantity or 0)
    return [("code-value-quantity", f"{_LOINC}|{drawn.code}$gt{quantity}"), *_NEWEST]


def _name(values: Values, chance: Random) -> str:
    return values.patient(chance).family


def _common_code() -> str:
    """The most frequent of the vital signs."""
    return next(each.code for each in population.templates.observations() if each.category == "vital-signs")


def _search(resource_type: str, pairs: Callable[[Random], Pairs]) -> Draw:
    def draw(chance: Random) -> Callable[[], object]:
        request = parse(resource_type, pairs(chance))
        return lambda: engine.find(request, principal=_PRINCIPAL)

    return draw


def _deep_pages(pairs: Pairs) -> Draw:
    """One page after another: the first that is asked for is found by turning all before it."""
    at: list[SearchRequest] = []

    def page(request: SearchRequest) -> None:
        cursor = engine.find(request, principal=_PRINCIPAL).next_cursor
        at[:] = [parse("Observation", [*pairs, *_NEWEST, ("_cursor", cursor)])] if cursor else []

    def draw(_: Random) -> Callable[[], object]:
        if not at:
            at.append(parse("Observation", [*pairs, *_NEWEST]))
            for _turn in range(_DEEP - 1):
                if at:
                    page(at[0])
        request = at[0] if at else parse("Observation", [*pairs, *_NEWEST])
        return lambda: page(request)

    return draw


def _history(resource_type: str | None) -> Draw:
    return lambda _: lambda: history(actor=_ACTOR, resource_type=resource_type, count=50)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


_ACTOR = command_actor("benchmark")
_PRINCIPAL = _ACTOR.principal
_PAGE = ("_count", "50")
_NEWEST = (("_sort", "-date"), _PAGE)
_LABORATORY = ("category", "laboratory")
_COUNTS: dict[str, Callable[[Random], Pairs]] = {
    "exact count of 70 %": lambda _: [_LABORATORY, ("_total", "accurate"), ("_count", "0")],
    "exact count of a code": lambda _: [("code", _common_code()), ("_total", "accurate"), ("_count", "0")],
    "exact count of the type": lambda _: [("_total", "accurate"), ("_count", "0")],
}

"""Code and quantity of one element: found by their index where few have both, and exactly those."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from patients.fhir.definitions import search_parameter_table
from patients.fhir.resource import from_value
from patients.fhir.search_request import SearchRequest, parse
from patients.fhir.search_values.composites import MOST_COMBINATIONS
from patients.fhir.search_values.plans import TAKEN
from patients.models import writing
from patients.search.resources import engine
from perf import database
from tests.patients.search.oracle.dates import PREFIXES
from tests.patients.search.oracle.searches import Searches
from tests.patients.search.oracle.store import Store
from tests.patients.search.plans import plan_of, vacuumed

# So many that the list of their code is longer than what is gathered from a list.
NUMBER, QUERIES = 1_100, 60
COMMON, OTHER, LONG = "pairs-Common", "pairs-other", "pairs-long-" + "x" * 200
CODES = (COMMON, OTHER, LONG, LONG + "y")
SYSTEMS = ("http://pairs.test/a", "http://pairs.test/b")
UNITS = ("mg", "g")
OF_MANY_CODES = str(uuid.uuid4())
COMPOSITES = ("code-value-quantity", "component-code-value-quantity", "combo-code-value-quantity")
# What few meet, one of which has more codes than are combined where quantities are several too.
FEW = [
    [("code-value-quantity", f"{COMMON}$gt6999")],
    [("combo-code-value-quantity", f"{SYSTEMS[0]}|{COMMON}$ge7000||mg")],
    [("code", COMMON), ("value-quantity", "gt6999")],
    [("code", f"{OTHER}-none,{SYSTEMS[0]}|{COMMON}"), ("value-quantity", "ge7000,ap9000")],
]


def coding(chance: random.Random) -> dict[str, str]:
    system = {"system": chance.choice(SYSTEMS)} if chance.random() < 0.8 else {}
    return {**system, "code": chance.choice(CODES)}


def quantity(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"value": Decimal(chance.randrange(-50, 200)).scaleb(chance.choice((-1, 0, 1)))}
    if chance.random() < 0.3:
        found["comparator"] = chance.choice(("<", "<=", ">", ">="))
    if chance.random() < 0.8:
        unit = chance.choice(UNITS)
        found |= {"system": "http://unitsofmeasure.org", "code": unit, "unit": chance.choice((unit, "mg"))}
    return found


def odd(chance: random.Random) -> dict[str, Any]:
    """An element with a code, or several, and a quantity, or none."""
    codings = [coding(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
    element: dict[str, Any] = {"code": {"coding": codings}}
    return element if chance.random() < 0.1 else {**element, "valueQuantity": quantity(chance)}


def observation(element: dict[str, Any], components: list[dict[str, Any]]) -> dict[str, Any]:
    more = {"component": components} if components else {}
    id = str(uuid.uuid4())
    return {"resourceType": "Observation", "id": id, "status": "final", **element, **more}


def ordinary(number: int) -> dict[str, Any]:
    value = {"value": number % 100, "system": "http://unitsofmeasure.org", "code": "mg", "unit": "mg"}
    code = {"coding": [{"system": SYSTEMS[0], "code": COMMON}]}
    return observation({"code": code, "valueQuantity": value}, [])


def of_many_codes() -> dict[str, Any]:
    codings = [{"code": f"pairs-{number}"} for number in range(MOST_COMBINATIONS + 20)]
    value = {"value": 7_000, "unit": "mg"}
    element = {"code": {"coding": [*codings, {"system": SYSTEMS[0], "code": COMMON}]}, "valueQuantity": value}
    return {**observation(element, []), "id": OF_MANY_CODES}


@pytest.fixture(scope="module")
def population(database) -> Searches:
    chance = random.Random(5)
    resources = [ordinary(number) for number in range(NUMBER)] + [of_many_codes()]
    resources += [
        observation(odd(chance), [odd(chance) for _ in range(chance.choice((0, 0, 1, 2)))])
        for _ in range(300)
    ]
    changes = [
        writing.change_to(from_value(each), id=each["id"], expected_version=0, method="PUT")
        for each in resources
    ]
    with transaction.atomic():
        assert all(writing.write_all(changes))
    writing.remember_commit("test")
    vacuumed("search_composites", "search_list", "search_quantities", "search_resources")
    return Searches(Store(resources))


def asked_code(chance: random.Random) -> str:
    code = chance.choice((COMMON, COMMON, COMMON.upper(), OTHER, LONG))
    return chance.choice((code, code, f"{SYSTEMS[0]}|{code}", f"|{code}"))


def asked_quantity(chance: random.Random) -> str:
    number = chance.choice((str(chance.randrange(-60, 210)), f"{chance.randrange(900)}e-1", "7e3", "1e3"))
    unit = chance.choice(
        ("", "", "||mg", "||g", "|http://unitsofmeasure.org|mg", "|http://unitsofmeasure.org|")
    )
    return f"{chance.choice(('', *PREFIXES))}{number}{unit}"


def asked(chance: random.Random) -> list[tuple[str, str]]:
    """Both in one criterion, or in two."""
    several = chance.choice((1, 1, 1, 2))
    name = chance.choice(["", *COMPOSITES])
    if name:
        values = [f"{asked_code(chance)}${asked_quantity(chance)}" for _ in range(several)]
        return [(name, ",".join(values))]
    codes = ",".join(asked_code(chance) for _ in range(several))
    return [("code", codes), ("value-quantity", ",".join(asked_quantity(chance) for _ in range(several)))]


def request_of(pairs: Sequence[tuple[str, str]]) -> SearchRequest:
    return parse("Observation", [*pairs, ("_count", "1000"), ("_total", "accurate")])


def found(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of all that match, as many as the total says."""
    request = request_of(pairs)
    page = engine.find(request, principal="test")
    ids, total = [row.id for row in page.rows], page.total
    while page.next_cursor:
        page = engine.find(replace(request, cursor=page.next_cursor), principal="test")
        ids += [row.id for row in page.rows]
    assert len(ids) == total
    return ids


def is_by_index(pairs: Sequence[tuple[str, str]]) -> bool:
    statement = engine.statement(request_of(pairs), principal="test")
    return statement is not None and "'combo-code-value-quantity'" in statement.sql


class TestPairs:
    def test_find_what_the_oracle_finds(self, population):
        chance, by_index, hits = random.Random(9), 0, 0

        for number in range(QUERIES):
            pairs = asked(chance)
            expected = population.matching("Observation", pairs)
            assert sorted(found(pairs)) == sorted(expected), (number, pairs)
            hits += bool(expected)
            by_index += is_by_index(pairs) and bool(expected)

        assert hits > QUERIES / 2
        assert by_index > QUERIES / 4

    @pytest.mark.parametrize("pairs", FEW)
    def test_are_met_by_one_of_very_many_codes(self, population, pairs):
        expected = population.matching("Observation", pairs)

        assert is_by_index(pairs)
        assert sorted(found(pairs)) == sorted(expected)
        assert OF_MANY_CODES in expected

    @pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
    @pytest.mark.parametrize("pairs", FEW)
    def test_are_found_by_their_indexes(self, population, pairs, mode):
        statement = engine.statement(request_of(pairs), principal="test")

        plan = plan_of(statement, mode=mode)
        assert plan.scanned == set()
        assert {"search_composites_low", "search_composites_wide"} <= plan.indexes
        assert plan.rows_removed + plan.rows_read < NUMBER / 2, plan

    @pytest.mark.parametrize("name", ["code-value-quantity", "combo-code-value-quantity"])
    def test_are_followed_from_afar(self, population, name):
        """The resources that refer to few are looked up, although their code has many."""
        executions: list[database.Execution] = []
        value = f"{COMMON}$gt6999"
        request = parse("Patient", [(f"_has:Observation:patient:{name}", value), ("_total", "accurate")])

        with database.observed(executions.append):
            page = engine.find(request, principal="test")

        assert page.total == 0
        assert [each.name for each in executions] == [
            "search probe",
            "search probe",
            "search chain",
            "search targets",
        ]


def elements_of(parameter: dict[str, Any], root: Sequence[Any] = ()) -> set[tuple[Any, ...]]:
    """The paths, datatypes and targets of the elements that are read for a parameter."""
    return {
        (
            *([] if steps[:1] == ["%resource"] else root),
            *(step for step in steps if step != "%resource"),
            *kind,
        )
        for steps, *kind in parameter["selections"]
        if (parameter["type"], kind[0]) in TAKEN
    }


class TestDefinitions:
    """What the search takes for granted."""

    def test_an_observation_combines_its_code_and_its_value(self):
        table = search_parameter_table()["Observation"]
        composite = table["code-value-quantity"]

        assert [steps for steps, *_ in composite["selections"]] == [[]]
        for component in composite["components"]:
            assert elements_of(component) == elements_of(table[component["name"]])

    def test_all_composites_of_code_and_quantity_are_among_the_indexed(self):
        table = search_parameter_table()["Observation"]
        indexed = table["combo-code-value-quantity"]
        read = [elements_of(each) for each in indexed["components"]]

        for name in COMPOSITES:
            assert elements_of(table[name]) <= elements_of(indexed)
            assert [elements_of(each) for each in table[name]["components"]] == read

    def test_every_component_is_a_parameter_that_selects_its_elements(self):
        for resource_type, parameters in search_parameter_table().items():
            for name, parameter in parameters.items():
                roots = [steps for steps, *_ in parameter["selections"]]
                for component in parameter["components"]:
                    known = elements_of(parameters[component["name"]])
                    combined = set().union(*(elements_of(component, root) for root in roots))
                    assert combined <= known, (resource_type, name)

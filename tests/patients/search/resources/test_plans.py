"""The plan of each form of search, over 20,000 resources: by the wished index, and never from end to end."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from patients.fhir.criteria import ChainLink, Criterion, ReverseChain
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.search_request import SortKey
from patients.fhir.search_values import IndexValues
from patients.fhir.values.dates import parse_date_value
from patients.fhir.values.quantities import parse_quantity_value
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.strings import StringValue, exact_hash
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import TokenValue
from patients.search.resources import engine
from perf import database
from tests.patients.search.plans import DISTORTIONS, distorted, plan_of, plan_on
from tests.patients.search.resources.indexed import (
    CODE,
    DATE,
    DAY,
    LENGTH,
    SUBJECT,
    TITLE,
    find,
    search_parameter,
    search_request,
    stored_all,
)

RESOURCES = 20_000
TABLES = (
    "fhir_resources",
    "search_codes",
    "search_dates",
    "search_list",
    "search_quantities",
    "search_references",
    "search_resources",
    "search_strings",
    "search_texts",
)
MODIFIED = search_parameter("modified", "date")
ID, LAST_UPDATED = search_parameter("_id", "token"), search_parameter("_lastUpdated", "date")


def token(code: str, modifier: str | None = None) -> Criterion:
    return Criterion(CODE, modifier, (TokenValue(None, code),))


def date(text: str, parameter: SearchParameter = DATE) -> Criterion:
    return Criterion(parameter, None, (parse_date_value(text),))


def length(text: str) -> Criterion:
    return Criterion(LENGTH, None, (parse_quantity_value(text),))


COMMON, RARE, SUBJECT_7 = (
    token("plan-common"),
    token("plan-rare-7"),
    Criterion(SUBJECT, None, (ReferenceValue("Patient", "plan-7", None),)),
)
BY_TITLE = Criterion(TITLE, None, (StringValue("plan title 77", "plan title 77"),))
BY_PREFIX = Criterion(TITLE, None, (StringValue("plan", "plan"),))
_IN_ORDER = ("search_list_pkey", "search_resources_by_date", "search_resources_updated")
# What is searched, by what it is sorted, and the index that finds the rows.
SHAPES = {
    "common token": ((COMMON,), (), "search_list_pkey"),
    "rare token": ((RARE,), (), "search_list_pkey"),
    "two tokens": ((COMMON, RARE), (), "search_list_pkey"),
    "subject and token": ((SUBJECT_7, COMMON), (), "search_list_pkey"),
    "common token by date": ((COMMON, date("ge2026-05-02")), (), "search_list_pkey"),
    "rare token, sorted": ((RARE,), (SortKey(DATE, False),), "search_list_pkey"),
    "common token, the newest first": ((COMMON,), (SortKey(DATE, True),), "search_list_pkey"),
    "common token, the oldest first": ((COMMON,), (SortKey(DATE, False),), "search_list_pkey"),
    "rare token, sorted by last change": ((RARE,), (SortKey(LAST_UPDATED, True),), "search_list_pkey"),
    "common token, sorted by last change": (
        (COMMON,),
        (SortKey(LAST_UPDATED, True),),
        "search_resources_updated",
    ),
    "rare token, sorted by token": ((RARE,), (SortKey(CODE, True),), "search_codes_key"),
    "nothing": ((), (), "search_resources_by_date"),
    "the newest first": ((), (SortKey(DATE, True),), "search_resources_by_date"),
    "the oldest first": ((), (SortKey(DATE, False),), "search_resources_by_date"),
    "not a token": ((token("plan-common", "not"),), (), "search_resources_by_date"),
    "last change": (
        (Criterion(LAST_UPDATED, None, (parse_date_value("gt2026-01-01"),)),),
        (),
        "search_resources_updated",
    ),
    "sorted by last change": ((), (SortKey(LAST_UPDATED, True),), "search_resources_updated"),
    "few of a date": ((date("2026-05-04"),), (), "search_resources_by_date"),
    "many of a date": ((date("ge2026-05-01"),), (), "search_resources_by_date"),
    "few after a date": ((date("gt2026-07-08"),), (), "search_resources_by_date"),
    "few before a date": ((date("lt2026-05-01T02:00Z"),), (), "search_resources_by_date"),
    "few between dates": (
        (date("ge2026-06-02"), date("lt2026-06-03"), COMMON),
        (),
        "search_list_pkey",
    ),
    "few of another date": ((date("2026-05-04", MODIFIED),), (), "search_dates_start"),
    "few after another date": ((date("gt2026-07-08", MODIFIED),), (), "search_dates_start"),
    "few that begin after another date": ((date("sa2026-07-08", MODIFIED),), (), "search_dates_start"),
    "string": ((BY_TITLE,), (), "search_strings_value"),
    "contained string": (
        (Criterion(TITLE, "contains", (StringValue("title 7777", "title 7777"),)),),
        (),
        "search_strings_trgm",
    ),
    "quantity": ((length("77.0"),), (), "search_quantities_low"),
    "few above a quantity": ((length("gt1990"),), (), "search_quantities_wide"),
    "few below a quantity": ((length("lt9"),), (), "search_quantities_low"),
    "text": ((Criterion(CODE, "text", (TextValue("planned77"),)),), (), "search_texts_document"),
    "id": ((Criterion(ID, None, (TokenValue(None, "nobody"),)),), (), "fhir_resources_type_and_fhir_id"),
    "chain": (
        (replace(BY_TITLE, chain=(ChainLink(search_parameter("part-of", "reference"), ("Basic",)),)),),
        (),
        "search_list_pkey",
    ),
    "reverse chain": (
        (ReverseChain("Basic", search_parameter("part-of", "reference"), BY_TITLE),),
        (),
        "fhir_resources_type_and_fhir_id",
    ),
}

# What is read in order until the page is full; all of it would be millions of rows. Beside what a date bounds
# ids are looked up, which is no walk.
WALKS = [
    shape
    for shape, (criteria, _, index) in SHAPES.items()
    if index in _IN_ORDER and DATE not in [getattr(each, "parameter", None) for each in criteria]
]
# Those under which a walk was once given up.
_WORST = ("all has changed, slow disks", "keys are rare, rows scattered", "no statistics")


def _values(number: int, chance: random.Random, parent: str) -> IndexValues:
    day = DAY + timedelta(minutes=5 * number)
    title, rare = f"plan title {number}", f"plan-rare-{number % 2_000}"
    codes = {("code", "", rare)} | ({("code", "", "plan-common")} if chance.random() < 0.7 else set())
    length = Decimal(number).scaleb(-1)
    return IndexValues(
        tokens=frozenset(codes),
        references=frozenset({("subject", "Patient", f"plan-{number % 500}"), ("part-of", "Basic", parent)}),
        strings=frozenset({("title", title, exact_hash(title))}),
        texts=frozenset({("code", f"planned{number} for plans")}),
        dates=frozenset((name, day, day + timedelta(seconds=1)) for name in ("created", "modified")),
        quantities=frozenset({("length", length, length, "", "", "")}),
        date=day,
    )


@pytest.fixture(scope="module")
def population(database: None) -> None:
    chance, parents = random.Random(3), ["nobody"]
    for start in range(0, RESOURCES, 1_000):
        rows = [_values(start + at, chance, chance.choice(parents)) for at in range(1_000)]
        parents = stored_all(rows)
    _analyze()


def _analyze() -> None:
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("shape", SHAPES)
def test_plan(population, shape, mode):
    criteria, sort, index = SHAPES[shape]
    statement = engine.statement(search_request(criteria, sort, count=20), principal="test")

    assert statement is not None
    plan = plan_of(statement, mode=mode)
    assert plan.scanned == set()
    assert index in plan.indexes
    assert plan.rows_removed <= 1_000, plan
    assert plan.rows_read <= 3_000, plan


@pytest.mark.parametrize(
    "distortion",
    [each if each in _WORST else pytest.param(each, marks=pytest.mark.long) for each in DISTORTIONS],
)
@pytest.mark.parametrize("shape", WALKS)
def test_plan_of_a_walk_does_not_depend_on_what_is_believed(population, shape, distortion):
    """Statistics may be missing, old or wrong, and disks of any speed."""
    criteria, sort, index = SHAPES[shape]
    statement = engine.statement(search_request(criteria, sort, count=20), principal="test")

    assert statement is not None
    with distorted(distortion, TABLES) as connection:
        for mode in ("force_generic_plan", "force_custom_plan"):
            plan = plan_on(connection, statement, mode=mode)
            assert plan.scanned == set()
            assert index in plan.indexes
            assert plan.rows_removed <= 1_000, plan
            assert plan.rows_read <= 3_000, plan


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize(
    ("criterion", "by_id", "by_value"),
    [
        (date("ge2026-05-02"), "search_dates_pkey", "search_dates_start"),
        (length("gt100"), "search_quantities_pkey", "search_quantities_low"),
        (Criterion(CODE, "text", (TextValue("plans"),)), "search_texts_pkey", "search_texts_document"),
        (
            Criterion(TITLE, None, (StringValue("plan", "plan"),)),
            "search_strings_pkey",
            "search_strings_value",
        ),
    ],
)
def test_values_of_an_entry_are_looked_up_by_its_id(population, mode, criterion, by_id, by_value):
    """By their value each entry would read all that match."""
    statement = engine.statement(search_request((COMMON, criterion), (), count=20), principal="test")

    assert statement is not None
    plan = plan_of(statement, mode=mode)
    assert by_id in plan.indexes
    assert by_value not in plan.indexes


@pytest.mark.parametrize("shape", SHAPES)
def test_queries(population, shape):
    """At most a step for each link of a chain, a probe, and the page."""
    criteria, sort, _ = SHAPES[shape]
    executions: list[database.Execution] = []

    with database.observed(executions.append):
        find(search_request(criteria, sort, count=20, total="none"))

    assert len(executions) <= (4 if "chain" in shape else 2)

"""The number of queries and the plan of each shape of search, over 20,000 patients and a delta of 1,000.

Each is run under a generic and under a custom plan: which of them PostgreSQL takes is its own choice.
"""

import pytest

from patients.fhir.search_request import SearchRequest, parse
from patients.models import summary_refresh
from patients.search import patients
from patients.search.fragments import Fragment
from perf import database
from tests.patients.search.plans import plan_of, vacuumed
from tests.people import write_population

PATIENTS, DELTA = 20_000, 1_000
SEED = 20_000

# Query string, the queries it takes, and the index that finds or orders its rows.
SHAPES = [
    ("identifier=urn:test:population|20000-77", 1, "search_tokens_value"),
    ("identifier=20000-77", 1, "search_tokens_value"),
    ("phone=%2B442079460000077", 1, "search_tokens_value"),
    ("telecom=phone|%2B44 20 7946 0000077", 1, "search_tokens_value"),
    ("_id=nobody", 1, "patient_summary_patient_id"),
    ("family=jon", 2, "search_strings_value"),
    ("family=smi", 2, "search_strings_value"),
    ("family=jon&_sort=-birthdate", 2, "patient_summary_birth"),
    ("family=maiden99", 2, "search_strings_value"),
    ("family=maiden99&_sort=-birthdate", 2, "search_strings_value"),
    ("name=an", 2, "search_strings_value"),
    ("name=anna&name=smith", 2, "search_strings_value"),
    ("name:exact=Maiden99", 2, "search_strings_value"),
    ("name:contains=aiden9", 2, "search_strings_trgm"),
    ("given=chl&family=maiden9", 2, "search_strings_value"),
    ("family=smi&birthdate=1980-03-04", 1, "patient_summary_birth"),
    ("family=smi&gender=male", 2, "search_strings_value"),
    ("address-city=City 7&family=jon", 2, "search_strings_value"),
    ("birthdate=ge1990-01-01&birthdate=lt1991-01-01&gender=female", 1, "patient_summary_birth"),
    ("birthdate=1990", 1, "patient_summary_birth"),
    ("_sort=-_lastUpdated", 1, "patient_summary_updated"),
    ("_lastUpdated=gt2026-01-01", 1, "patient_summary_updated"),
    ("_sort=given", 1, "patient_summary_given"),
    ("_sort=family", 1, "patient_summary_name"),
    ("_sort=-birthdate&gender=male", 1, "patient_summary_birth"),
    ("_sort=_id", 1, "patient_summary_patient_id"),
    ("active=true", 1, "patient_summary_name"),
    ("deceased=false", 1, "patient_summary_name"),
    ("gender:not=male", 1, "patient_summary_name"),
]


@pytest.fixture(scope="module")
def population(database: None) -> None:
    write_population(PATIENTS, seed=SEED)
    summary_refresh.refresh(trigger="command", is_forced=True)
    write_population(DELTA, seed=SEED + 1)
    vacuumed("patient_summary", "patient_summary_delta", "search_strings", "search_tokens", "fhir_resources")


@pytest.mark.usefixtures("population")
class TestShapes:
    @pytest.mark.parametrize(("query", "queries", "index"), SHAPES)
    def test_takes_so_many_queries(self, query, queries, index):
        executions = []

        with database.observed(executions.append):
            patients.find(_request(query), principal="test", with_content=True)

        assert len(executions) == queries

    @pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
    @pytest.mark.parametrize(("query", "queries", "index"), SHAPES)
    def test_uses_its_index_and_scans_nothing(self, query, queries, index, mode):
        plan = plan_of(_statement(query), mode=mode)

        assert index in plan.indexes
        assert plan.scanned == set()

    @pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
    @pytest.mark.parametrize("query", ["family=jon", "name=an", "_sort=family", "_sort=-_lastUpdated"])
    def test_reads_no_more_rows_for_a_deep_page(self, query, mode):
        page = patients.find(_request(query + "&_count=500"), principal="test", with_content=False)
        deep = _request(query + "&_count=20&_cursor=" + (page.next_cursor or ""))
        executions = []

        with database.observed(executions.append):
            patients.find(deep, principal="test", with_content=False)
        plan = plan_of(Fragment(executions[-1].sql, tuple(executions[-1].params)), mode=mode)

        assert plan.scanned == set()
        assert plan.rows_removed < 200


_BY_HAND = [
    ("idx_fhir_resources_patient_name_gin", """resource_data->'name' @> '[{"family": "Maiden77"}]'"""),
    (
        "idx_fhir_resources_patient_identifier_gin",
        """resource_data->'identifier' @> '[{"value": "20000-7"}]'""",
    ),
    ("idx_fhir_resources_patient_birthdate", "resource_data->>'birthDate' = '1974-12-25'"),
    ("idx_fhir_resources_patient_search", "last_updated > now() - interval '1 second'"),
]


@pytest.mark.usefixtures("population")
class TestPlanIndexes:
    """The indexes of the plan serve the queries by hand that docs/performance.md names."""

    @pytest.mark.parametrize(("index", "condition"), _BY_HAND)
    def test_serve_queries_by_hand(self, index, condition):
        where = f"resource_type = 'Patient' AND NOT deleted AND {condition}"
        plan = plan_of(Fragment(f"SELECT fhir_id FROM fhir_resources WHERE {where}"), mode="auto")

        assert plan.indexes == {index}

    def test_serve_counts_of_a_type(self):
        where = "resource_type = 'Condition' AND NOT deleted"
        plan = plan_of(Fragment(f"SELECT count(*) FROM fhir_resources WHERE {where}"), mode="auto")

        assert plan.indexes == {"idx_fhir_resources_type_deleted"}

    def test_are_valid(self):
        sql = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"

        assert database.fetch_primary(database.Query("invalid indexes", sql)) == []


def _request(query: str) -> SearchRequest:
    from urllib.parse import parse_qsl

    return parse("Patient", parse_qsl(query, keep_blank_values=True))


def _statement(query: str) -> Fragment:
    return patients.statement(_request(query), "view", principal="test", with_content=True)

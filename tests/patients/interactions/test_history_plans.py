"""The queries, the plan and the cost of each history, over 20,000 versions."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from patients import interactions
from patients.fhir.history_request import HistoryRequest
from patients.fhir.resource import from_value
from patients.models import FhirResource, commits, writing
from patients.models.writing import Change, change_to
from patients.search.fragments import Fragment
from perf import database
from tests.patients.search.plans import Plan, owner, plan_of, vacuumed
from tests.people import TESTER

COMMON, RARE = "Linkage", "ResearchDefinition"
RESOURCES, VERSIONS = 200, 100
SYSTEM, TYPE = "fhir_versions_system_history", "fhir_versions_type_history"
# Of a type that nearly all versions have, both indexes are as good.
INDEXES = {COMMON: {SYSTEM, TYPE}, RARE: {TYPE}, None: {SYSTEM}}
# A page of ten versions: of each its row, its resource, the version before and its Patients, by index.
MOST_BUFFERS = 400

# Through the door it would take a minute. The text of all of a resource's versions is the same.
_MORE_VERSIONS = """
    INSERT INTO fhir_resource_versions (resource_id, version_id, resource_type, method, content, last_updated)
    SELECT v.resource_id, n, v.resource_type, 'PUT', v.content,
           v.last_updated + (n - 1) * interval '1 millisecond'
    FROM fhir_resource_versions v CROSS JOIN generate_series(2, %s) AS n
    WHERE v.resource_id IN (SELECT id FROM fhir_resources WHERE resource_type = %s AND fhir_id = ANY(%s))
"""
_NEWEST = """
    UPDATE fhir_resources
    SET version_id = %s, last_updated = last_updated + (%s - 1) * interval '1 millisecond'
    WHERE resource_type = %s AND fhir_id = ANY(%s)
"""


@pytest.fixture(scope="module")
def moments(database: None) -> list[str]:
    """When the first, a middle and the last of the versions were written."""
    with transaction.atomic():
        first = [_first(COMMON) for _ in range(RESOURCES)]
        written = writing.write_all(first)
    ids = [change.id for change in first]
    with owner() as connection:
        connection.execute(_MORE_VERSIONS, [VERSIONS, COMMON, ids])
        connection.execute(_NEWEST, [VERSIONS, VERSIONS, COMMON, ids])
    vacuumed("fhir_resources", "fhir_resource_versions", "patient_compartment")
    # So rare that the planner has not heard of it.
    with transaction.atomic():
        writing.write_all([_first(RARE) for _ in range(20)])
    steps = (0, VERSIONS // 2, VERSIONS - 1)
    return [(written[-1].last_updated + timedelta(milliseconds=step)).isoformat() for step in steps]


def _first(resource_type: str) -> Change:
    id = str(uuid.uuid4())
    value = {"resourceType": resource_type, "id": id}
    return change_to(from_value(value), id=id, expected_version=0, method="PUT")


def _asked(resource_type: str | None, **request) -> tuple[interactions.HistoryPage, list[database.Execution]]:
    executions: list[database.Execution] = []
    with database.observed(executions.append):
        page = interactions.history(
            actor=TESTER, resource_type=resource_type, request=HistoryRequest(10, **request)
        )
    return page, executions


def _plan(resource_type: str | None, mode: str, **request) -> Plan:
    _, executions = _asked(resource_type, **request)
    [history] = [each for each in executions if each.name == "history"]
    return plan_of(Fragment(history.sql, tuple(history.params)), mode=mode)


def _deep_cursor(resource_type: str | None) -> str | None:
    """The cursor of a page that begins behind three quarters of the versions."""
    cursor = None
    for _ in range(RESOURCES * VERSIONS * 3 // 4 // 1_000):
        page = interactions.history(
            actor=TESTER, resource_type=resource_type, request=HistoryRequest(1_000, cursor)
        )
        cursor = page.next_cursor or cursor
    return cursor


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("resource_type", INDEXES)
class TestPlans:
    def _check(self, plan: Plan, resource_type: str | None) -> None:
        assert INDEXES[resource_type] & plan.indexes
        assert plan.scanned == set()
        assert plan.buffers < MOST_BUFFERS

    def test_of_the_first_page(self, moments, resource_type, mode):
        self._check(_plan(resource_type, mode), resource_type)

    def test_of_a_deep_page(self, moments, resource_type, mode):
        plan = _plan(resource_type, mode, cursor=_deep_cursor(resource_type))

        self._check(plan, resource_type)

    @pytest.mark.parametrize("at", [0, 1, 2])
    def test_since_a_moment(self, moments, resource_type, mode, at):
        self._check(_plan(resource_type, mode, since=moments[at]), resource_type)

    @pytest.mark.parametrize("at", [0, 1, 2])
    def test_at_a_moment(self, moments, resource_type, mode, at):
        self._check(_plan(resource_type, mode, at=moments[at]), resource_type)


@pytest.mark.usefixtures("moments")
@pytest.mark.parametrize("resource_type", [COMMON, None])
class TestQueries:
    def test_of_a_page_with_another_behind_it(self, resource_type):
        _, executions = _asked(resource_type)

        assert [each.name for each in executions] == ["history", "log position"]

    def test_of_later_pages(self, resource_type):
        page, _ = _asked(resource_type)

        _, executions = _asked(resource_type, cursor=page.next_cursor)

        assert [each.name for each in executions] == ["history"]

    def test_of_a_follower(self, moments, resource_type):
        _, executions = _asked(resource_type, since=moments[-1])

        assert [each.name for each in executions] == ["complete until", "history"]


@pytest.mark.usefixtures("moments")
@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("name", ["snapshot", "versions since"])
def test_plan_of_what_a_page_of_a_search_rests_upon(name, mode):
    executions: list[database.Execution] = []
    versions = list(FhirResource.objects.filter(resource_type=COMMON).values_list("pk", "version_id")[:50])

    with database.observed(executions.append):
        snapshot, _ = commits.snapshot(versions)
        commits.versions_since(snapshot.text, versions)
    [statement] = [each for each in executions if each.name == name]
    plan = plan_of(Fragment(statement.sql, tuple(statement.params)), mode=mode)

    assert plan.scanned == set()
    assert plan.rows_read <= len(versions)
    assert plan.buffers < MOST_BUFFERS

"""Who saw this patient, and what did this user see: asked of the index, whatever the number of rows."""

import json
import uuid

import pytest
from django.db import connection

from patients.audit import questions
from patients.models import AuditRecord
from tests.patients.audit import made_up

ROWS = 50_000
# In a month with next to no rows any index will do.
FEW = 10


@pytest.fixture(scope="module")
def many(database):
    chain = str(uuid.uuid4())
    others = AuditRecord.objects.count()
    made_up.fill(first=1, last=ROWS, patients=5_000, chain=chain)
    made_up.analyze()
    yield others
    made_up.remove(chain)
    made_up.analyze()


def nodes(queryset) -> list[dict]:
    """The nodes of the plan, with what they did."""
    sql, parameters = queryset.order_by("-recorded", "-id")[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
        [(plan,)] = cursor.fetchall()
    found, waiting = [], [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


def discarded(plan: list[dict]) -> int:
    return sum(node.get("Rows Removed by Filter", 0) * node["Actual Loops"] for node in plan)


class TestWhoSawAPatient:
    @pytest.mark.parametrize("patient", ["p17", "p4999", "nobody"])
    def test_is_asked_of_the_index(self, many, patient):
        with questions.asked_of(patient):
            plan = nodes(AuditRecord.objects.filter(questions.about(patient)))

        assert discarded(plan) < FEW
        assert any("patients" in node.get("Index Name", "") for node in plan)

    def test_of_one_who_is_seen_often_is_walked_along_the_time(self, many, monkeypatch):
        monkeypatch.setattr(questions, "MOST_GATHERED", 100)
        with questions.asked_of("poften"):
            plan = nodes(AuditRecord.objects.filter(questions.about("poften")))

        # Those of other tests may be newer than all that is made up here.
        assert discarded(plan) < ROWS / 5 + many
        assert any("recorded" in node.get("Index Name", "") for node in plan)

    @pytest.mark.parametrize("most", [100, 100_000])
    def test_gives_the_newest_first_either_way(self, many, monkeypatch, most):
        monkeypatch.setattr(questions, "MOST_GATHERED", most)
        with questions.asked_of("poften"):
            rows = AuditRecord.objects.filter(questions.about("poften")).order_by("-recorded", "-id")
            found = [row.number for row in rows[:51]]

        assert found == [100 * number for number in range(1, 52)]


class TestWhatAUserSaw:
    @pytest.mark.parametrize("user", [1_000_017, 999])
    def test_is_walked_along_the_index(self, many, user):
        plan = nodes(AuditRecord.objects.filter(user_id=user))

        assert discarded(plan) < FEW
        assert sum(node["Actual Rows"] for node in plan if "user_id" in node.get("Index Name", "")) <= 200

    def test_without_a_user_is_walked_too(self, many):
        plan = nodes(AuditRecord.objects.filter(user_id=None, actor="manage.py load"))

        assert discarded(plan) < FEW
        assert {node["Index Name"] for node in plan if "Index Name" in node}

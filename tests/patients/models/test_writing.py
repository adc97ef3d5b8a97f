"""The one door to the records' tables, under concurrent writers and from the wrong side."""

import random
import threading
from functools import partial

import psycopg
import pytest
from django.db import connections

from patients import interactions
from patients.fhir.outcomes import Conflict, Gone
from patients.models import FhirResource, writing
from patients.models.database_code import APPEND_ONLY_TABLES, INTERNAL_FUNCTIONS, RECORD_TABLES
from perf import database
from tests.patients.models.recomputed import flaws
from tests.people import TESTER, created, patient, updated, word

WRITERS, WRITES = 8, 25


class TestConcurrentWriters:
    def test_leave_index_delta_and_history_as_recomputed_from_scratch(self):
        ids = [created(name=[{"family": word()}]) for _ in range(5)]
        failures: list[BaseException] = []

        threads = [threading.Thread(target=_write, args=(ids, seed, failures)) for seed in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert [flaw for id in ids for flaw in flaws("Patient", id)] == []

    def test_lose_no_version(self):
        id = created(name=[{"family": word()}])
        made: list[int] = []

        def write() -> None:
            made.extend(_persistently(lambda: updated(id, name=[{"family": word()}])) for _ in range(10))
            connections.close_all()

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(made) == list(range(2, 42))


def _write(ids: list[str], seed: int, failures: list[BaseException]) -> None:
    chance = random.Random(seed)
    try:
        for _ in range(WRITES):
            id = chance.choice(ids)
            if chance.random() < 0.25:
                _persistently(partial(interactions.delete, actor=TESTER, resource_type="Patient", id=id))
            else:
                names = [
                    {"family": chance.choice("ABC"), "given": chance.sample("DEF", chance.randrange(1, 3))}
                    for _ in range(chance.randrange(1, 3))
                ]
                tokens = [{"system": "urn:x", "value": chance.choice("1234")} for _ in range(2)]
                _persistently(partial(updated, id, name=names, identifier=tokens))
    except BaseException as error:  # told by the test's own thread
        failures.append(error)
    finally:
        connections.close_all()


def _persistently(write):
    """Again until it is not lost to others: 409 is an honest answer, not a failure."""
    while True:
        try:
            return write()
        except Conflict:
            continue


class TestGuard:
    def test_writes_nothing_over_another_version(self):
        id = created(name=[{"family": word()}])
        stale = writing.change_to(patient(id=id), id=id, expected_version=7, method="PUT")

        assert writing.write(stale) is None
        assert flaws("Patient", id) == []

    def test_makes_nothing_twice(self):
        id = created(name=[{"family": word()}])
        again = writing.change_to(patient(id=id), id=id, expected_version=0, method="PUT")

        assert writing.write(again) is None
        assert flaws("Patient", id) == []

    def test_undeletes_with_the_next_version(self):
        id = created(name=[{"family": word()}])
        interactions.delete(actor=TESTER, resource_type="Patient", id=id)

        with pytest.raises(Gone):
            interactions.read(actor=TESTER, resource_type="Patient", id=id)
        assert updated(id, name=[{"family": word()}]) == 3
        assert flaws("Patient", id) == []

    def test_keeps_one_hash_for_names_that_fold_alike(self):
        family = word()
        id = created(name=[{"family": family}, {"family": family.upper()}, {"family": family}])

        assert updated(id, name=[{"family": family.upper()}]) == 2
        assert flaws("Patient", id) == []


class TestRights:
    @pytest.mark.parametrize("table", RECORD_TABLES)
    def test_application_may_not_change_records_around_the_door(self, table):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.fetch_primary(database.Query("forbidden", f"DELETE FROM {table}"))

    @pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
    @pytest.mark.parametrize("sql", ["DELETE FROM {}", "UPDATE {} SET number = 0", "TRUNCATE {}"])
    def test_application_may_only_add_to_the_audit(self, table, sql):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.fetch_primary(database.Query("forbidden", sql.format(table)))

    @pytest.mark.parametrize("function", INTERNAL_FUNCTIONS)
    def test_application_may_not_call_the_parts_of_the_door(self, function):
        found = database.fetch_primary(
            database.Query(
                "rights",
                "SELECT bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc WHERE proname = %s",
            ),
            (function,),
        )

        assert found == [(False,)]

    def test_application_owns_no_table(self):
        query = database.Query(
            "owned", "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        )

        assert database.fetch_primary(query) == [(0,)]


class TestOneStatement:
    def test_a_create_is_one_statement_and_its_audit_row_another(self):
        executions = []

        with database.observed(executions.append):
            id = created(name=[{"family": word()}])

        assert [each.name for each in executions] == ["read", "write", "audit", "log position"]
        assert FhirResource.objects.filter(fhir_id=id).exists()

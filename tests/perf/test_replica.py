"""Reads go to the real standby while it is well, see their own writes, and survive it."""

import threading
import time
from contextlib import contextmanager

import psutil
import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connections

from patients import interactions
from patients.access import Actor
from patients.fhir.search_request import parse
from perf import database, own_writes, replica
from tests.people import created, updated, word

_WHERE = database.Query("where", "SELECT pg_is_in_recovery()")


def _actor() -> Actor:
    """Somebody who has written nothing yet."""
    return Actor(user_id=None, name=word(), channel="command")


def eventually(condition, *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def _superuser(port_of: str) -> psycopg.Connection:
    instance = django_settings.INSTANCE
    server = instance.replica() if port_of == "standby" else instance.database()
    return psycopg.connect(
        host=server["HOST"],
        port=server["PORT"],
        user="postgres",
        password=instance.superuser_password,
        dbname="fhirsite",
        autocommit=True,
    )


@contextmanager
def replay_paused():
    with _superuser("standby") as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            connection.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def standby_frozen():
    """All of the standby's processes stopped in mid-air: sockets accept, nobody answers."""
    pid_file = django_settings.INSTANCE.servers / "standby" / "postmaster.pid"
    postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            if process.is_running():
                process.resume()


@pytest.fixture(autouse=True)
def _well(database):
    eventually(lambda: replica.monitor().is_well)
    yield
    eventually(lambda: replica.monitor().is_well)


class TestReads:
    def test_go_to_a_real_standby(self):
        assert database.fetch(_WHERE, principal=word()) == [(True,)]

    def test_standby_streams_from_the_primary(self):
        with _superuser("primary") as connection:
            found = connection.execute("SELECT state FROM pg_stat_replication").fetchall()

        assert found == [("streaming",)]

    def test_searches_are_counted_on_the_standby(self):
        family = word()
        created(name=[{"family": family}])
        actor = _actor()
        sql = (
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"
            " WHERE query LIKE '%patient_summary_delta%'"
        )

        with _superuser("standby") as connection:
            before = connection.execute(sql).fetchone()[0]
            interactions.search(actor=actor, request=parse("Patient", [("family", family)]))
            after = connection.execute(sql).fetchone()[0]

        assert after == before + 1

    def test_connections_of_standby_and_primary_are_apart(self):
        assert connections["replica"].settings_dict["PORT"] != connections["default"].settings_dict["PORT"]


class TestOwnWrites:
    def test_are_seen_at_once_by_who_wrote(self):
        actor = _actor()
        id = created(actor, name=[{"family": word()}])

        for version in range(2, 50):
            updated(id, actor, name=[{"family": word()}])
            found = interactions.read(actor=actor, resource_type="Patient", id=id)
            assert found.version_id == version

    def test_are_read_from_the_primary_while_the_standby_lacks_them(self):
        actor = _actor()
        with replay_paused():
            family = word()
            id = created(actor, name=[{"family": family}])
            executions = []

            with database.observed(executions.append):
                found = interactions.search(actor=actor, request=parse("Patient", [("family", family)]))

        assert [entry.id for entry in found.entries] == [id]
        assert {each.alias for each in executions if each.name == "patient search"} == {"default"}

    def test_of_others_do_not_keep_a_reader_from_the_standby(self):
        created(_actor(), name=[{"family": word()}])

        assert database.fetch(_WHERE, principal=word()) == [(True,)]

    def test_are_remembered_for_all_processes_of_the_host(self):
        principal = word()
        own_writes.note(principal, 4711)
        another = own_writes._Map(django_settings.OWN_WRITES_PATH)

        assert another.position(own_writes._slot(principal)) >= 4711

    def test_never_count_back(self):
        principal = word()
        own_writes.note(principal, 2_000_000_000_000)
        own_writes.note(principal, 1)

        assert own_writes.written_by(principal) == 2_000_000_000_000

    def test_stay_acknowledged_where_the_primary_goes_right_after_the_commit(self, monkeypatch):
        actor, fetch_primary = _actor(), database.fetch_primary

        def lost(query, params=()):
            if query.name == "log position":
                raise psycopg.OperationalError("server closed the connection")
            return fetch_primary(query, params)

        monkeypatch.setattr(database, "fetch_primary", lost)
        created(actor, name=[{"family": word()}])

        assert own_writes.written_by(actor.principal) == own_writes.UNKNOWN
        assert database.fetch(_WHERE, principal=actor.principal) == [(False,)]

    def test_are_forgotten_after_a_minute(self, monkeypatch):
        principal = word()
        own_writes.note(principal, 4711)
        monkeypatch.setattr(own_writes, "REMEMBERED_SECONDS", -1)

        assert own_writes.written_by(principal) == 0


class TestLag:
    def test_takes_the_standby_out_and_brings_it_back(self, settings):
        settings.REPLICA_MAX_LAG_SECONDS = 0.6
        with replay_paused():
            created(name=[{"family": word()}])
            eventually(lambda: not replica.monitor().is_well)
            assert database.fetch(_WHERE, principal=word()) == [(False,)]

        eventually(lambda: replica.monitor().is_well)
        assert database.fetch(_WHERE, principal=word()) == [(True,)]

    def test_is_not_seen_where_an_open_transaction_has_half_a_record_in_the_log(self, settings):
        settings.REPLICA_MAX_LAG_SECONDS = 2.0
        verdicts = []
        with _superuser("primary") as connection:
            connection.autocommit = False
            connection.execute("CREATE TABLE postgres_half (t text)")
            for _ in range(40):
                connection.execute("INSERT INTO postgres_half VALUES (repeat('x', 700))")
                verdicts.append(replica.monitor().is_well)
                time.sleep(0.1)
            connection.rollback()

        assert all(verdicts)


class TestFrozenStandby:
    def test_fails_no_read_and_is_left_within_seconds(self):
        family = word()
        id = created(name=[{"family": family}])
        answers = []

        def read() -> None:
            actor = _actor()
            answers.extend(
                interactions.read(actor=actor, resource_type="Patient", id=id).id for _ in range(3)
            )
            connections.close_all()

        with standby_frozen():
            threads = [threading.Thread(target=read) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=30)
            assert not replica.monitor().is_well

        assert answers == [id] * 12


class TestSwitchedOff:
    def test_reads_from_the_primary(self, settings):
        settings.REPLICA_ENABLED = False

        assert database.fetch(_WHERE, principal=word()) == [(False,)]

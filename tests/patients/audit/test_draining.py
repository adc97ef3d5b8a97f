"""What was recorded reaches the table, and once: whoever dies in between, however many move it."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from patients import audit, interactions
from patients.access import Actor
from patients.audit import AuditEntry, NotRecorded, draining, recording, verifying
from patients.models import AuditRecord, FhirResource
from perf import database
from perf.spool import Spool, segments
from perf.spool.reading import DAMAGED_FOLDER
from tests.audited import audit_records, forget_chains
from tests.people import created, word

_RECORDED_AND_KILLED = """
import django, os, signal, sys
django.setup()
from patients import interactions
from patients.access import Actor
from perf.spool import Spool
append = Spool.append
def append_and_die(self, payloads):
    append(self, payloads)
    os.kill(os.getpid(), signal.SIGKILL)
Spool.append = append_and_die
actor = Actor(user_id=None, name=sys.argv[1], channel="command")
interactions.read(actor=actor, resource_type="Patient", id=sys.argv[2])
"""
_MOVED_AND_KILLED = """
import django, os, signal
django.setup()
from patients.audit import draining
from perf.spool import Segment
# Those of processes that live stay, here as ever.
Segment.remove = lambda segment, **_: segment.is_closed and os.kill(os.getpid(), signal.SIGKILL)
draining.drain()
"""
_WRITTEN_AND_KILLED = """
import django, os, signal, sys
django.setup()
from patients import interactions
from patients.access import Actor
from patients.fhir.resource import from_value
from patients.models import writing
writing.remember_commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
actor = Actor(user_id=None, name=sys.argv[1], channel="command")
interactions.create(actor=actor, resource=from_value({"resourceType": "Patient"}))
"""


@pytest.fixture
def actor() -> Actor:
    return Actor(user_id=None, name=word(), channel="command", request_id=word(), address="192.0.2.7")


def rows(actor: Actor) -> list[tuple]:
    return list(
        AuditRecord.objects.filter(actor=actor.name).order_by("id").values_list("interaction", "outcome")
    )


def killed(program: str, *arguments: str) -> bool:
    run = subprocess.run([sys.executable, "-c", program, *arguments], check=False, timeout=60)
    return run.returncode == -signal.SIGKILL


@contextmanager
def primary_frozen():
    """All of the primary's processes stopped in mid-air: sockets accept, nobody answers."""
    pid_file = django_settings.INSTANCE.servers / "primary" / "postmaster.pid"
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


class TestDrain:
    def test_moves_what_was_recorded_in_its_order(self, actor):
        for outcome in (200, 304, 404):
            audit.record(AuditEntry(actor, "read", "Patient", "x", outcome=outcome))

        draining.drain()

        assert rows(actor) == [("read", 200), ("read", 304), ("read", 404)]

    def test_is_what_the_command_does(self, actor, capsys):
        draining.drain()
        audit.record(AuditEntry(actor, "read", "Patient"))

        call_command("audit", "drain")

        assert capsys.readouterr().out == "1 entries moved\n"
        assert rows(actor) == [("read", 200)]

    def test_keeps_what_a_row_cannot_hold_as_near_as_it_can(self, actor):
        audit.record(AuditEntry(actor, "search", "Patient", query="family=a\x00\ud800b", version_id=2**70))

        [row] = audit_records().filter(actor=actor.name)

        assert (row.query, row.version_id) == ("family=a\ufffd?b", None)

    def test_does_no_harm_where_many_do_it_at_once(self, actor):
        for _ in range(200):
            audit.record(AuditEntry(actor, "read", "Patient"))
        recording.close_spool()
        failures = []

        def move() -> None:
            try:
                draining.drain()
            except Exception as error:
                failures.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=move) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert len(rows(actor)) == 200

    def test_leaves_all_where_it_is_if_the_database_fails(self, actor, monkeypatch):
        audit.record(AuditEntry(actor, "read", "Patient"))
        recording.close_spool()
        with monkeypatch.context() as patched:
            patched.setattr(draining.rows, "insert_moved", _lose_connection)
            with pytest.raises(psycopg.OperationalError):
                draining.drain()

        draining.drain()

        assert rows(actor) == [("read", 200)]

    def test_refuses_to_be_part_of_a_transaction_that_may_be_rolled_back(self, actor):
        audit.record(AuditEntry(actor, "read", "Patient"))
        with transaction.atomic(), pytest.raises(RuntimeError):
            draining.drain()

        draining.drain()

        assert rows(actor) == [("read", 200)]


class TestSpoolThatIsNotWhole:
    @pytest.fixture
    def folder(self, settings, tmp_path, monkeypatch):
        settings.AUDIT_DIR = str(tmp_path)
        monkeypatch.setattr(recording, "_spool", None)
        return tmp_path

    @pytest.fixture
    def audit_that_cannot_be_written(self, folder):
        blocked = folder / "blocked"
        blocked.touch()
        recording._spool = Spool(blocked, key=b"key", sync="off")

    def test_loses_its_torn_tail_only(self, actor, folder, caplog):
        audit.record_all([AuditEntry(actor, "read", "Patient"), AuditEntry(actor, "vread", "Patient")])
        recording.close_spool()
        [path] = folder.glob("*.spool")
        os.truncate(path, path.stat().st_size - 3)

        draining.drain()

        assert rows(actor) == [("read", 200)]
        assert "are not whole" in caplog.text
        assert [each.name for each in (folder / DAMAGED_FOLDER).iterdir()] == [path.name]

    def test_does_not_keep_others_out_by_an_entry_that_is_not_taken(self, actor, folder, caplog):
        good = [AuditEntry(actor, "read", "Patient").payload() for _ in range(2)]
        recording.spool().append([good[0], b'{"id": "no uuid"}', good[1]])
        recording.close_spool()

        assert draining.drain() == 2

        assert rows(actor) == [("read", 200)] * 2
        assert "is not taken" in caplog.text
        forget_chains(actor.name)  # this one will never be whole
        assert len(list((folder / DAMAGED_FOLDER).iterdir())) == 1

    def test_withholds_the_answer_if_it_cannot_be_written(self, actor, audit_that_cannot_be_written):
        id = created(actor, name=[{"family": word()}])

        with pytest.raises(NotRecorded, match="so nothing is answered"):
            interactions.read(actor=actor, resource_type="Patient", id=id)
        with pytest.raises(NotRecorded):
            interactions.read(actor=actor, resource_type="Patient", id="nobody")


class TestKilledProcess:
    def test_has_recorded_what_it_was_about_to_answer(self, actor):
        id = created(name=[{"family": word()}])

        assert killed(_RECORDED_AND_KILLED, actor.name, id)
        draining.drain()
        draining.drain()

        assert rows(actor) == [("read", 200)]

    def test_between_commit_and_removal_leaves_nothing_twice(self, actor):
        recording.close_spool()
        draining.drain()
        audit.record(AuditEntry(actor, "read", "Patient"))
        recording.close_spool()

        assert killed(_MOVED_AND_KILLED)
        moved = rows(actor)
        draining.drain()

        assert moved == rows(actor) == [("read", 200)]
        assert [segment for segment in segments(Path(django_settings.AUDIT_DIR)) if segment.is_closed] == []

    def test_right_after_the_commit_of_a_write_has_recorded_it(self, actor):
        assert killed(_WRITTEN_AND_KILLED, actor.name)

        assert rows(actor) == [("create", 201)]


class TestPrimaryThatIsAway:
    def test_keeps_nobody_from_reading_on_the_standby(self, actor):
        id = created(name=[{"family": word()}])
        while not FhirResource.objects.using("replica").filter(fhir_id=id).exists():
            time.sleep(0.01)

        with primary_frozen():
            interactions.read(actor=actor, resource_type="Patient", id=id)

        assert [row.interaction for row in audit_records().filter(actor=actor.name)] == ["read"]


class TestMonths:
    def test_are_closed_to_the_application(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_records'::regclass"
            )
            months = [name for (name,) in cursor.fetchall()]

        assert len(months) >= 5  # this one, three more, and the rest
        for month in months:
            for sql in ("DELETE FROM {}", "UPDATE {} SET number = 0", "TRUNCATE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    database.fetch_primary(database.Query("forbidden", sql.format(month)))

    def test_are_made_by_the_application_without_rights_of_its_own(self):
        make = database.Query("months", "SELECT audit_make_months(4), audit_make_months(4)")

        assert database.fetch_primary(make) == [(1, 0)]

    def test_that_are_made_too_late_take_what_is_theirs(self, actor, monkeypatch):
        later = time.time_ns() + 190 * 86_400 * 10**9
        with monkeypatch.context() as patched:
            patched.setattr(audit.payloads.time, "time_ns", lambda: later)
            audit.record(AuditEntry(actor, "read", "Patient"))
        draining.drain()

        database.fetch_primary(database.Query("months", "SELECT audit_make_months(8)"))

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tableoid::regclass::text FROM audit_records WHERE actor = %s", [actor.name]
            )
            [(month,)] = cursor.fetchall()
        assert month == f"audit_records_{datetime.fromtimestamp(later / 10**9, UTC):%Y_%m}"
        assert list(verifying.verify()) == []

    def test_that_nobody_made_are_not_lost(self, actor, monkeypatch):
        monkeypatch.setattr(audit.payloads.time, "time_ns", lambda: 4_102_444_800_000_000_000)
        audit.record(AuditEntry(actor, "read", "Patient"))

        [row] = audit_records().filter(actor=actor.name)

        assert row.recorded.isoformat() == "2100-01-01T00:00:00+00:00"


def _lose_connection(*_: object) -> None:
    raise psycopg.OperationalError("server closed the connection unexpectedly")

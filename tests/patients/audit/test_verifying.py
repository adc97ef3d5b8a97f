"""Whoever owns the tables, but has no key, can take nothing away and change nothing that is not found."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from patients import audit, tasks
from patients.access import Actor
from patients.audit import AuditEntry, draining, heads, payloads, recording, retaining, sealing, verifying
from patients.models import AuditHead, AuditRecord
from perf.spool import Spool
from tests.audited import forget_chains
from tests.people import created, word

MONTH = timedelta(days=31)


@pytest.fixture
def actor() -> Actor:
    return Actor(user_id=None, name=word(), channel="command", request_id=word(), address="192.0.2.7")


@pytest.fixture
def chain(actor, monkeypatch, settings, tmp_path) -> list[AuditRecord]:
    """Five entries of a chain of their own, moved and sealed."""
    monkeypatch.setattr(recording, "_spool", None)
    settings.AUDIT_DIR = str(tmp_path)
    for number in range(5):
        audit.record(AuditEntry(actor, "read", "Patient", str(number), patients=["p"], query="é\\u0000"))
    recording.close_spool()
    assert sealing.seal()
    return rows(actor)


@pytest.fixture
def written(actor) -> list[AuditRecord]:
    """Five rows of transactions, sealed."""
    for _ in range(5):
        created(actor, name=[{"family": word()}])
    sealed()
    return rows(actor)


def rows(actor: Actor) -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(actor=actor.name).order_by("id"))


def sealed() -> None:
    """Make heads until all rows of transactions are in one."""
    sealing.seal()
    sealing.seal()


def owner(sql: str, parameters=()) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def tampered(sql: str, parameters=(), *, table: str = "audit_records"):
    """What the owner of the tables does, and does not undo before it is over."""
    owner(f"CREATE TEMP TABLE kept AS TABLE {table}")
    try:
        owner(sql, parameters)
        yield
    finally:
        with transaction.atomic(using="owner"):
            owner(f"DELETE FROM {table}")
            owner(f"INSERT INTO {table} SELECT * FROM kept")
            owner("DROP TABLE kept")


def findings() -> list[str]:
    return list(verifying.verify())


class TestUntouched:
    def test_is_all_there(self, chain, written, capsys):
        assert findings() == []

        call_command("audit", "verify", verbosity=0)
        assert capsys.readouterr().out == "all that was recorded is there as it was\n"

    def test_is_all_there_while_it_goes_on(self, chain, actor):
        with transaction.atomic():
            created(actor, name=[{"family": word()}])
            audit.record(AuditEntry(actor, "read", "Patient"))

            assert findings_of_another_connection() == []
        assert findings() == []

    def test_tells_how_far_it_is(self, chain):
        seen = []

        list(verifying.verify(advanced=seen.append))

        assert sum(seen) == verifying.count()


class TestChain:
    def test_misses_its_end(self, chain):
        with tampered("DELETE FROM audit_records WHERE id = ANY(%s)", [[row.id for row in chain[3:]]]):
            [finding] = findings()

        assert re.fullmatch(
            rf"Chain {chain[0].chain.hex}: entries 4 to 5 are missing at its end; head \d+ tells of them\.",
            finding,
        )

    def test_misses_all_of_itself(self, chain):
        with tampered("DELETE FROM audit_records WHERE chain = %s", [chain[0].chain]):
            [finding] = findings()

        assert f"Chain {chain[0].chain.hex}: entries 1 to 5 are missing at its end" in finding

    def test_misses_an_entry(self, chain):
        with tampered("DELETE FROM audit_records WHERE id = %s", [chain[2].id]):
            [finding] = findings()

        expected = f"Chain {chain[0].chain.hex}: entry 3 is missing, before Record {chain[3].id} of "
        assert finding.startswith(expected)

    @pytest.mark.parametrize(
        "change",
        [
            "actor = 'nobody'",
            "outcome = 404",
            "patients = '{}'",
            "patients = patients || 'q'::text",
            "query = NULL",
            "user_id = 1",
            "roles = '{auditor}'",
            "purpose = 'TREAT'",
            "elevated = '{p}'",
            "version_id = 1",
            "recorded = recorded + interval '1 microsecond'",
            "group_id = 'another'",
            "address = ''",
        ],
    )
    def test_finds_an_entry_that_was_changed(self, chain, change):
        with tampered(f"UPDATE audit_records SET {change} WHERE id = %s", [chain[2].id]):
            [finding] = findings()

        assert finding.startswith(f"Record {chain[2].id} of ")
        assert finding.endswith(" was changed.")

    def test_finds_entries_that_were_exchanged(self, chain):
        with tampered(
            "UPDATE audit_records SET number = 5 - number WHERE chain = %s AND number IN (2, 3)",
            [chain[0].chain],
        ):
            assert len(findings()) >= 2

    def test_finds_an_entry_that_was_put_in(self, chain):
        copy = {**AuditRecord.objects.filter(id=chain[4].id).values().get(), "id": payloads.id_and_time()[0]}
        names = ", ".join(copy)
        with tampered(
            f"INSERT INTO audit_records ({names}) VALUES ({', '.join(['%s'] * len(copy))})", [*copy.values()]
        ):
            found = findings()

        # Which of the two stands first is open.
        assert any(finding.endswith(" was put in later.") for finding in found)
        assert any(f"Record {copy['id']} of " in finding for finding in found)

    def test_finds_what_was_cut_out_of_a_spool(self, actor, monkeypatch, settings, tmp_path):
        monkeypatch.setattr(recording, "_spool", None)
        settings.AUDIT_DIR = str(tmp_path)
        for _ in range(3):
            audit.record(AuditEntry(actor, "read", "Patient"))
            recording.close_spool()
        sorted(tmp_path.glob("*.spool"))[1].unlink()

        [finding] = findings()
        forget_chains(actor.name)

        assert "entry 2 is missing" in finding

    def test_finds_what_another_key_has_signed(self, actor, monkeypatch, settings, tmp_path):
        settings.AUDIT_DIR = str(tmp_path)
        monkeypatch.setattr(recording, "_spool", Spool(tmp_path, key=b"forged", sync="off"))
        audit.record(AuditEntry(actor, "read", "Patient"))
        recording.close_spool()

        [finding] = findings()
        forget_chains(actor.name)

        assert finding.endswith(" was changed.")


class TestRowsOfTransactions:
    def test_that_are_missing_are_found(self, written):
        with tampered("DELETE FROM audit_records WHERE id = ANY(%s)", [[row.id for row in written[1:3]]]):
            [finding] = findings()

        assert re.fullmatch(
            r"2 of [\d,]+ rows at positions \d+ to \d+ \(head \d+ of \S+\) are missing\.", finding
        )

    def test_that_were_changed_are_found(self, written):
        with tampered("UPDATE audit_records SET actor = 'nobody' WHERE id = %s", [written[2].id]):
            [finding] = findings()

        assert finding == (
            f"Record {written[2].id} of {payloads.time_text(written[2].recorded)} was changed."
        )

    def test_that_were_put_in_later_are_found(self, written):
        copy = {
            **AuditRecord.objects.filter(id=written[4].id).values().get(),
            "id": payloads.id_and_time()[0],
            "number": written[3].number,
        }
        names = ", ".join(copy)
        with tampered(
            f"INSERT INTO audit_records ({names}) VALUES ({', '.join(['%s'] * len(copy))})", [*copy.values()]
        ):
            found = findings()

        assert found[0].endswith(" was changed.")
        assert "1 rows at positions" in found[1]

    def test_of_a_transaction_that_is_open_wait_for_a_later_head(self, actor):
        connection = connections["owner"]
        sealed()
        with transaction.atomic(using="owner"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id(), nextval('audit_positions')")
                [(_, position)] = cursor.fetchall()
            created(actor, name=[{"family": word()}])
            sealed()
            assert heads.told().sealed_to < position

        sealed()

        assert heads.told().sealed_to > position
        assert findings() == []


class TestHeads:
    def test_follow_each_other(self, chain):
        before = heads.last()

        after = sealing.seal()

        assert after.number == before.number + 1
        assert json.loads(after.content)["previous"] == before.code.hex()

    def test_are_told_in_the_log(self, caplog):
        caplog.set_level("INFO")

        head = sealing.seal()

        assert f"audit head {head.number} {head.code.hex()}" in caplog.text

    def test_that_are_missing_are_found(self, chain):
        number = heads.last().number
        sealing.seal()
        with tampered("DELETE FROM audit_heads WHERE number = %s", [number], table="audit_heads"):
            assert findings() == [f"Heads {number} to {number} are missing."]

    def test_that_were_changed_are_found(self, chain):
        number = heads.last().number
        with tampered(
            "UPDATE audit_heads SET content = replace(content, '2026', '2025') WHERE number = %s",
            [number],
            table="audit_heads",
        ):
            assert f"Head {number} was changed, or signed with another key." in findings()

    def test_that_are_no_heads_are_found(self, chain):
        number = heads.last().number
        with tampered(
            "UPDATE audit_heads SET content = '[]' WHERE number = %s", [number], table="audit_heads"
        ):
            assert f"Head {number} cannot be read." in findings()

    def test_that_were_cut_off_are_missed_by_the_log(self, chain):
        head = heads.last()
        with (
            tampered("DELETE FROM audit_heads WHERE number = %s", [head.number], table="audit_heads"),
            pytest.raises(CommandError) as raised,
        ):
            call_command("audit", "verify", f"--head={head.number}:{head.code.hex()}", verbosity=0)

        assert raised.value.returncode == 1

    def test_of_the_log_are_there(self, chain, capsys):
        head = heads.last()

        call_command("audit", "verify", f"--head={head.number} {head.code.hex()}", verbosity=0)

        assert "as it was" in capsys.readouterr().out

    @pytest.mark.parametrize("head", ["", "1", "1:ab", "x:" + "0" * 64])
    def test_of_the_log_must_be_such(self, head):
        with pytest.raises(CommandError, match="number and code as the log has them"):
            call_command("audit", "verify", f"--head={head}")


class TestMonths:
    @pytest.fixture
    def old(self, actor, monkeypatch, settings, tmp_path):
        """Two months of before, with entries of a chain that goes on and rows of transactions."""
        now = datetime.now(UTC)
        this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        last = (this - timedelta(days=1)).replace(day=1)
        before = (last - timedelta(days=1)).replace(day=1)
        for start, end in ((before, last), (last, this)):
            owner(
                f"CREATE TABLE audit_records_{start:%Y_%m} PARTITION OF audit_records"
                f" FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
            )
        monkeypatch.setattr(recording, "_spool", None)
        settings.AUDIT_DIR = str(tmp_path)
        for time in (before, last, now):
            with monkeypatch.context() as patched:
                patched.setattr(payloads.time, "time_ns", lambda time=time: int(time.timestamp()) * 10**9)
                created(actor, name=[{"family": word()}])
                audit.record(AuditEntry(actor, "read", "Patient"))
                audit.record(AuditEntry(actor, "read", "Patient"))
        recording.close_spool()
        sealed()
        yield [f"{each:%Y-%m}" for each in (before, last, this)]
        retaining.drop_months(keep=0)
        assert findings() == []

    def test_that_are_dropped_by_somebody_are_missed(self, old, actor):
        month, name = old[0], f"audit_records_{old[0].replace('-', '_')}"
        owner(f"ALTER TABLE audit_records DETACH PARTITION {name}")
        try:
            found = findings()
        finally:
            first, second = f"{old[0]}-01 00:00+00", f"{old[1]}-01 00:00+00"
            owner(
                f"ALTER TABLE audit_records ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{first}') TO ('{second}')"
            )

        chain = next(row.chain for row in rows(actor) if row.chain).hex
        assert found[0] == f"Month {month} is gone, and no head says that it was dropped."
        assert found[1].startswith(f"Chain {chain}: entries 1 to 2 are missing, before Record ")
        assert found[2].startswith("1 of ")
        assert len(found) == 3

    def test_that_retention_drops_are_not_missed(self, old, actor, capsys):
        call_command("audit", "drop", "--keep=1")

        assert capsys.readouterr().out == f"dropped: {old[0]}\n"
        assert sealing.months()[0] == old[1]
        assert [row.recorded.strftime("%Y-%m") for row in rows(actor)] == [old[1]] * 3 + [old[2]] * 3
        assert findings() == []

    def test_are_dropped_by_the_beat_where_the_settings_say_so(self, old, settings):
        tasks.keep_audit()
        assert sealing.months()[:3] == old

        settings.AUDIT_RETENTION_MONTHS = 1
        tasks.keep_audit()
        assert sealing.months()[0] == old[1]

    def test_that_are_kept_are_still_looked_at(self, old, actor):
        retaining.drop_months(keep=1)
        kept = rows(actor)
        ids = [row.id for row in kept]
        with tampered("UPDATE audit_records SET actor = 'nobody' WHERE id = ANY(%s)", [ids]):
            found = findings()

        changed = [finding.split()[1] for finding in found if finding.startswith("Record")]
        assert sorted(changed) == sorted(map(str, ids))

    def test_are_all_kept_unless_somebody_says_otherwise(self, old, capsys):
        call_command("audit", "drop")

        assert capsys.readouterr().out == "all months are kept\n"
        assert sealing.months()[:3] == old

    def test_are_not_dropped_before_they_are_sealed(self, old, actor, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr(heads, "told", heads.Told)
            with pytest.raises(CommandError, match=r"is signed yet; try again"):
                call_command("audit", "drop", "--keep=1")

        assert sealing.months()[:3] == old

    def test_are_dropped_though_it_was_interrupted(self, old, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr(retaining, "_drop", _interrupt)
            with pytest.raises(InterruptedError):
                retaining.drop_months(keep=1)
        assert findings() == []

        assert retaining.drop_months(keep=1) == [old[0]]
        assert findings() == []


def _interrupt(_: str) -> None:
    raise InterruptedError


def findings_of_another_connection() -> list[str]:
    """Of somebody who does not see what the transaction of this thread has done."""
    import threading

    found: list[str] = []

    def look() -> None:
        found.extend(verifying.verify())
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found


class TestBeat:
    def test_moves_and_signs(self, actor):
        audit.record(AuditEntry(actor, "read", "Patient"))

        tasks.drain_audit()
        [row] = rows(actor)
        tasks.seal_audit()

        assert heads.told().ends[row.chain.hex][0] >= row.number


class TestDrained:
    def test_by_others_meanwhile_is_sealed_by_the_next_head(self, actor):
        audit.record(AuditEntry(actor, "read", "Patient"))
        draining.drain()
        sealing.seal()

        [row] = rows(actor)
        told = heads.told().ends[row.chain.hex]

        assert told[0] >= row.number
        assert AuditHead.objects.filter(number=told[2]).exists()

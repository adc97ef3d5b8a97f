"""Each interaction leaves one record, the refused and the failed ones too."""

import psycopg
import pytest
from django.db import transaction

from patients import audit, interactions
from patients.access import Actor
from patients.audit import AuditEntry
from patients.fhir.outcomes import FhirError, Forbidden, Unavailable
from patients.fhir.search_request import parse
from patients.models import writing
from perf import database
from tests.audited import audit_records
from tests.people import created, patient, updated, word


@pytest.fixture
def actor() -> Actor:
    return Actor(user_id=None, name=word(), channel="command", request_id=word(), address="192.0.2.7")


def _rows(actor: Actor) -> list[tuple]:
    columns = ("interaction", "resource_type", "resource_id", "version_id", "patients", "outcome")
    return list(audit_records().filter(actor=actor.name).order_by("id").values_list(*columns))


class TestRecordAll:
    def test_writes_many_by_one_statement_in_their_order(self, actor):
        entries = [
            AuditEntry(actor, "create", "Basic", str(number), number, 'a="\\é', ["1", "2"], 201)
            for number in range(3)
        ]
        names = []

        with database.observed(lambda execution: names.append(execution.name)), transaction.atomic():
            audit.record_all(entries)
        audit.record(AuditEntry(actor, "batch", "Bundle"))

        assert names == ["audits"]
        assert _rows(actor) == [
            *(("create", "Basic", str(number), number, ["1", "2"], 201) for number in range(3)),
            ("batch", "Bundle", None, None, [], 200),
        ]
        [first, *_, last] = audit_records().filter(actor=actor.name).order_by("id")
        assert (first.query, last.query) == ('a="\\é', None)
        assert (first.chain, last.chain is None, first.group_id is None) == (None, False, False)
        assert (last.request_id, last.address, last.channel) == (actor.request_id, "192.0.2.7", "command")


class TestEachInteraction:
    def test_leaves_a_row_that_names_resource_version_and_patients(self, actor):
        id = created(actor, name=[{"family": word()}])
        updated(id, actor, name=[{"family": word()}])
        interactions.read(actor=actor, resource_type="Patient", id=id)
        interactions.vread(actor=actor, resource_type="Patient", id=id, version_id=1)
        interactions.history(actor=actor, resource_type="Patient", id=id)
        interactions.search(actor=actor, request=parse("Patient", [("_id", id)]))
        interactions.search_summaries(actor=actor, request=parse("Patient", [("_id", id)]))
        interactions.read_summary(actor=actor, id=id)
        interactions.compartment(actor=actor, patient_id=id, resource_type="Condition")
        interactions.delete(actor=actor, resource_type="Patient", id=id)

        assert _rows(actor) == [
            ("create", "Patient", id, 1, [id], 201),
            ("update", "Patient", id, 2, [id], 200),
            ("read", "Patient", id, 2, [id], 200),
            ("vread", "Patient", id, 1, [id], 200),
            ("history", "Patient", id, None, [id], 200),
            ("search", "Patient", None, None, [id], 200),
            ("search", "Patient", None, None, [id], 200),
            ("read", "Patient", id, 2, [id], 200),
            ("search", "Condition", None, None, [id], 200),
            ("delete", "Patient", id, 3, [id], 204),
        ]

    def test_tells_who_asked_from_where(self, actor):
        created(actor, name=[{"family": word()}])

        row = audit_records().get(actor=actor.name)

        assert (row.request_id, row.address, row.channel) == (actor.request_id, "192.0.2.7", "command")

    def test_keeps_the_query_of_a_search(self, actor):
        family = word()

        interactions.search(actor=actor, request=parse("Patient", [("family", family)]))

        assert audit_records().get(actor=actor.name).query == f"family={family}"


class TestRefusedInteraction:
    def test_leaves_a_row_with_its_status(self, actor):
        for interaction in (
            lambda: interactions.read(actor=actor, resource_type="Patient", id="nobody"),
            lambda: interactions.update(actor=actor, resource=patient(id="other"), id="nobody"),
            lambda: interactions.create(actor=actor, resource=patient(gender="M")),
        ):
            with pytest.raises(FhirError):
                interaction()

        assert [(row[0], row[4], row[5]) for row in _rows(actor)] == [
            ("read", [], 404),
            ("update", [], 400),
            ("create", [], 400),
        ]

    def test_of_nobody_is_forbidden_and_recorded(self):
        nobody = Actor(user_id=None, name=word(), channel="session")

        with pytest.raises(Forbidden, match="You may not read Patient"):
            interactions.read(actor=nobody, resource_type="Patient", id="x")

        assert [(row[0], row[5]) for row in _rows(nobody)] == [("read", 403)]


class TestWrite:
    def test_is_not_there_without_its_row(self, actor):
        with transaction.atomic():
            id = created(actor, name=[{"family": word()}])
            transaction.set_rollback(True)

        assert _rows(actor) == []
        with pytest.raises(FhirError):
            interactions.read(actor=actor, resource_type="Patient", id=id)


class TestDatabaseThatFails:
    """A write whose connection is lost may have been committed: its answer must not deny that."""

    def test_leaves_a_write_open(self, actor, monkeypatch):
        monkeypatch.setattr(writing, "write", _lose_connection)

        with pytest.raises(Unavailable, match="whether the change was stored is not known"):
            created(actor, name=[{"family": word()}])

    def test_says_of_a_read_to_try_again(self, actor, monkeypatch):
        monkeypatch.setattr(database, "_run", _lose_connection)

        with pytest.raises(Unavailable, match=r"does not answer\. Try again"):
            interactions.read(actor=actor, resource_type="Patient", id="x")


def _lose_connection(*_: object) -> None:
    raise psycopg.OperationalError("server closed the connection unexpectedly")

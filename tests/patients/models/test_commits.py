"""What is committed: moments, positions and snapshots that pages and followers rest upon."""

import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connections

from patients.models import FhirResource, commits, summary_refresh, writing
from tests.people import created, patient, updated, word


@pytest.fixture
def other():
    """A connection with a transaction of its own."""
    with summary_refresh._connect(connections.settings["default"]) as connection:
        connection.autocommit = False
        yield connection


def _write(connection: psycopg.Connection) -> datetime:
    id = word()
    change = writing.change_to(patient(id=id), id=id, expected_version=0, method="PUT")
    connection.execute(writing.WRITE.sql, writing.parameters(change))
    (written,) = connection.execute(
        "SELECT last_updated FROM fhir_resources WHERE fhir_id = %s", [id]
    ).fetchone()
    return written


def _version(id: str) -> tuple[int, int]:
    row = FhirResource.objects.get(resource_type="Patient", fhir_id=id)
    return row.pk, row.version_id


def _eventually_after(moment: datetime) -> datetime:
    """Ask until nothing else that runs on the machine is in the way."""
    for _ in range(100):
        until, _ = commits.complete_until()
        if until > moment:
            break
        time.sleep(0.05)
    return until


class TestCompleteUntil:
    def test_is_not_after_what_an_open_transaction_has_written(self, other):
        written = _write(other)
        created()

        until, _ = commits.complete_until()

        assert until <= written

    def test_is_not_held_back_by_a_transaction_that_has_only_read(self, other):
        other.execute("SELECT count(*) FROM fhir_resources")
        (began,) = other.execute("SELECT now()").fetchone()

        until = _eventually_after(began)

        assert until > began

    def test_has_what_was_committed_in_its_part_of_the_log(self):
        _, before = commits.complete_until()
        created()

        _, after = commits.complete_until()

        assert 0 < before < after

    def test_does_not_send_back_whoever_was_told_of_more(self, other):
        other.execute("SELECT count(*) FROM fhir_resources")
        (began,) = other.execute("SELECT now()").fetchone()
        told = _eventually_after(began)
        # It gets its id only now, and tells nothing of what was before.
        written = _write(other)

        assert commits.complete_until()[0] < told
        assert commits.complete_until(told)[0] == told <= written

    def test_is_never_in_the_future(self):
        future = datetime.now(UTC) + timedelta(days=1)

        assert commits.complete_until(future)[0] < future


class TestSnapshot:
    def test_names_those_that_have_changed_already(self):
        one, other = created(), created()
        versions = [_version(one), _version(other)]
        updated(one)

        _, changed = commits.snapshot(versions)

        assert changed == [versions[0][0]]

    def test_tells_versions_that_were_current_since(self):
        id, unchanged = created(), created()
        updated(id)
        snapshot, _ = commits.snapshot([])
        updated(id)
        updated(id)

        found = commits.versions_since(snapshot.text, [_version(id), _version(unchanged)])

        assert sorted(version for _, version, _ in found) == [2, 3, 4]

    def test_tells_nothing_later_than_the_version_named(self):
        id = created()
        snapshot, _ = commits.snapshot([])
        updated(id)
        named = _version(id)
        updated(id)

        found = commits.versions_since(snapshot.text, [named])

        assert sorted(version for _, version, _ in found) == [1, 2]

    def test_does_not_see_what_is_uncommitted(self, other):
        _write(other)
        snapshot, _ = commits.snapshot([])
        other.commit()
        ids = list(FhirResource.objects.order_by("-pk").values_list("pk", "version_id")[:1])

        found = commits.versions_since(snapshot.text, ids)

        assert [version for _, version, _ in found] == [1]

"""The refresh of the summary view: its verdicts, its lock, and search while there is no view."""

from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from patients import interactions
from patients.fhir.search_request import parse
from patients.models import PatientSummaryDelta, SummaryRefresh, commits, summary_refresh, writing
from patients.tasks import refresh_patient_summary
from perf import database
from tests.people import TESTER, created, patient, word


@pytest.fixture
def owner():
    """A connection of the role that owns the tables."""
    with summary_refresh._connect(connections.settings["owner"]) as connection:
        yield connection


def _search(family: str):
    # What the view's owner did is no write of the reader's, which would wait for it.
    with database.replayed(commits.log_position()):
        return interactions.search(actor=TESTER, request=parse("Patient", [("family", family)]))


class TestVerdict:
    def test_is_refreshed_and_prunes_what_the_view_has(self):
        created(name=[{"family": word()}])

        record = summary_refresh.refresh(trigger="command", is_forced=True)

        assert record.verdict == "refreshed"
        assert record.pruned_rows == record.delta_rows > 0
        assert not PatientSummaryDelta.objects.exists()

    def test_is_unchanged_where_nothing_was_written(self):
        summary_refresh.refresh(trigger="command", is_forced=True)

        assert summary_refresh.refresh(trigger="command").verdict == "unchanged"

    def test_is_spaced_where_the_last_took_its_share_of_the_time(self, settings):
        summary_refresh.refresh(trigger="command", is_forced=True)
        created(name=[{"family": word()}])
        settings.SUMMARY_REFRESH_SHARE = 1e-9

        assert summary_refresh.refresh(trigger="command").verdict == "spaced"

    def test_is_busy_while_another_holds_the_lock(self):
        with summary_refresh.lock_held(connections.settings["default"]):
            assert summary_refresh.refresh(trigger="command", is_forced=True).verdict == "busy"

    def test_of_the_beat_is_recorded(self):
        created(name=[{"family": word()}])

        verdict = refresh_patient_summary.run()

        assert SummaryRefresh.objects.latest("started").trigger == "beat"
        assert verdict in ("refreshed", "spaced")


class TestRecords:
    def test_are_kept_for_thirty_days(self):
        old = SummaryRefresh.objects.create(
            started=timezone.now() - timedelta(days=31),
            verdict="unchanged",
            trigger="beat",
            duration_seconds=0,
            delta_rows=0,
        )

        summary_refresh.refresh(trigger="command")

        assert not SummaryRefresh.objects.filter(pk=old.pk).exists()


class TestCommand:
    def test_prints_the_record_as_json(self, capsys):
        call_command("refresh_patient_summary", "--json")

        assert '"verdict": "refreshed"' in capsys.readouterr().out

    def test_fails_while_somebody_else_refreshes(self):
        message = "somebody else is refreshing the view, or rebuilding it."
        with (
            summary_refresh.lock_held(connections.settings["default"]),
            pytest.raises(CommandError, match=message),
        ):
            call_command("refresh_patient_summary")


class TestLongTransaction:
    def test_that_commits_after_the_snapshot_is_neither_lost_nor_pruned(self):
        """The refresh cannot see it; its delta row must stay until the next one does."""
        family = word()
        change = writing.change_to(
            patient(id=family, name=[{"family": family}]), id=family, expected_version=0, method="PUT"
        )
        with summary_refresh._connect(connections.settings["default"]) as writer:
            writer.autocommit = False
            writer.execute(writing.WRITE.sql, writing.parameters(change))
            summary_refresh.refresh(trigger="command", is_forced=True)
            writer.commit()

        assert [entry.id for entry in _search(family).entries] == [family]
        assert summary_refresh.refresh(trigger="command", is_forced=True).pruned_rows >= 1
        assert [entry.id for entry in _search(family).entries] == [family]

    def test_that_commits_between_refresh_and_prune_keeps_its_delta_row(self, monkeypatch):
        """The prune sees its row, the view has it not: only the snapshot tells that it must stay."""
        family = word()
        change = writing.change_to(
            patient(id=family, name=[{"family": family}]), id=family, expected_version=0, method="PUT"
        )
        refresh_view = summary_refresh._refresh_view
        with summary_refresh._connect(connections.settings["default"]) as writer:
            writer.autocommit = False
            writer.execute(writing.WRITE.sql, writing.parameters(change))

            def refresh_then_commit(connection, **options):
                snapshot = refresh_view(connection, **options)
                writer.commit()
                return snapshot

            monkeypatch.setattr(summary_refresh, "_refresh_view", refresh_then_commit)
            summary_refresh.refresh(trigger="command", is_forced=True)

        assert [entry.id for entry in _search(family).entries] == [family]


class TestWithoutView:
    def test_search_answers_exactly_from_the_base_table_and_says_so(self, owner):
        family = word()
        created(name=[{"family": family}])
        owner.execute("REFRESH MATERIALIZED VIEW patient_summary WITH NO DATA")

        page = _search(family)
        refreshed = summary_refresh.refresh(trigger="command")

        assert (page.source, len(page.entries)) == ("base", 1)
        assert refreshed.verdict == "refreshed"
        assert _search(family).source == "view"

    def test_application_may_not_refresh_around_the_door(self):
        with (
            summary_refresh._connect(connections.settings["default"]) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("REFRESH MATERIALIZED VIEW patient_summary")

"""Many runs of one query in one round trip, on the real primary."""

import time
from dataclasses import replace

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from perf import database

_DOUBLED = database.Query("doubled", "SELECT %s::int * 2 WHERE %s::int > 0")
_LOCKED = database.Query("locked", "SELECT pg_advisory_xact_lock(%s), %s::int")
_LIMIT = database.Query("limit", "SELECT current_setting('statement_timeout')")
_LOCK = 0x0BE5


def _is_locked() -> bool:
    instance = settings.INSTANCE.database()
    with psycopg.connect(
        host=instance["HOST"],
        port=instance["PORT"],
        user=instance["USER"],
        password=instance["PASSWORD"],
        dbname=instance["NAME"],
    ) as other:
        found = other.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", (_LOCK,)
        )
        return found.fetchone() == (1,)


class TestTimeLimit:
    def test_is_the_querys_own_in_a_transaction_too(self):
        with transaction.atomic():
            [(usual,)] = database.fetch_primary(_LIMIT)
            limited = database.fetch_primary(replace(_LIMIT, most_milliseconds=7_000))
            after = database.fetch_primary(_LIMIT)

        assert (limited, after) == ([("7s",)], [(usual,)])
        assert usual != "7s"


class TestFetchEachPrimary:
    def test_answers_the_rows_of_each_run_in_order(self):
        rows = database.fetch_each_primary(_DOUBLED, iter([(1, 1), (2, 0), (3, 1)]))

        assert rows == [[(2,)], [], [(6,)]]

    def test_answers_nothing_to_nothing(self):
        assert database.fetch_each_primary(_DOUBLED, iter(())) == []

    def test_runs_the_first_while_the_second_is_worked_out(self):
        seen = []

        def parameters():
            yield _LOCK, 1
            yield _LOCK, 2
            deadline = time.monotonic() + 30
            while not seen and time.monotonic() < deadline:
                seen.extend([True] if _is_locked() else [])
            yield _LOCK, 3

        with transaction.atomic():
            rows = database.fetch_each_primary(_LOCKED, parameters())

        assert seen == [True]
        assert [row[1] for [row] in rows] == [1, 2, 3]

    def test_a_failure_in_working_out_the_second_leaves_the_connection_as_it_was(self):
        def parameters():
            yield 1, 1
            raise LookupError

        with pytest.raises(LookupError), transaction.atomic():
            database.fetch_each_primary(_DOUBLED, parameters())

        assert database.fetch_primary(_DOUBLED, (4, 1)) == [(8,)]

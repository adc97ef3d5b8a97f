"""Search is exact at every moment, in every form, from the view and its delta as from the base table."""

import json
import time
import uuid

import psycopg
import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from patients import audit, interactions
from patients.fhir.outcomes import InvalidResource
from patients.fhir.resource import from_value
from patients.fhir.search_request import SearchRequest
from patients.fhir.search_request import parse as parse_search
from patients.fhir.validation import validate
from patients.models import summary_refresh, writing
from patients.search import patients, strings
from patients.search.sight import EVERYTHING
from patients.search.statements import Page
from perf import database, own_writes
from tests.patients.fhir import oracle
from tests.patients.fhir.strategies import patients as any_patients
from tests.patients.fhir.strategies import searches
from tests.people import TESTER

SOURCES = ("view", "base")


def _is_valid(value: dict) -> bool:
    try:
        validate(from_value(value))
    except InvalidResource:
        return False
    return True


def some_patients() -> st.SearchStrategy[dict]:
    return any_patients().filter(_is_valid)


class PatientSearch(RuleBasedStateMachine):
    """Writes, refreshes and transactions that stay open meanwhile; after each, searches of all kinds."""

    ids = Bundle("ids")
    unfinished = Bundle("unfinished")

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, dict] = {}
        self.known: set[str] = set()  # those deleted, unfinished and rolled back as well
        self.open: list[psycopg.Connection] = []

    @initialize(target=ids, values=st.lists(some_patients(), min_size=1, max_size=3))
    def begin(self, values):
        return multiple(*[self._create(value) for value in values])

    @rule(target=ids, value=some_patients())
    def create(self, value):
        return self._create(value)

    @rule(id=ids, value=some_patients())
    def update_or_undelete(self, id, value):
        resource = from_value({**value, "id": id})
        self._keep(id, interactions.update(actor=TESTER, resource=resource, id=id).resource.content)

    @rule(id=ids)
    def delete(self, id):
        interactions.delete(actor=TESTER, resource_type="Patient", id=id)
        self.stored.pop(id, None)

    @rule()
    def refresh(self):
        assert summary_refresh.refresh(trigger="command", is_forced=True).verdict == "refreshed"

    @rule(target=unfinished, value=some_patients())
    def begin_long_transaction(self, value):
        """A writer that stays open while others write and the view is refreshed."""
        id = str(uuid.uuid4())
        change = writing.change_to(from_value({**value, "id": id}), id=id, expected_version=0, method="PUT")
        self.known.add(id)
        connection = _connection()
        self.open.append(connection)
        call = writing.Call.of([change])
        (times,) = connection.execute(writing.WRITE.sql, call.parameters()).fetchone()
        return connection, id, call.written(times)[0].content

    @rule(target=ids, transaction=consumes(unfinished))
    def commit_long_transaction(self, transaction):
        connection, id, content = transaction
        connection.commit()
        self._keep(id, content)
        return id

    @rule(transaction=consumes(unfinished))
    def roll_back_long_transaction(self, transaction):
        transaction[0].rollback()

    @invariant()
    def is_exact(self):
        """At each step, whatever it was: who is there is found, once, as they are now, and nobody else."""
        for pairs in ([], [("name", "s")], [("gender", "female")], [("birthdate", "ge1900")]):
            self._search(pairs)

    @rule(pairs=searches())
    def search(self, pairs):
        self._search(
            [pair for pair in pairs if not pair[0].startswith(("_sort", "_count", "_total", "_cursor"))]
        )

    def _search(self, pairs):
        ours = ",".join(sorted(self.known)) or "nobody"
        request = parse_search("Patient", [*pairs, ("_id", ours), ("_count", "1000")])
        expected = {id for id, value in self.stored.items() if oracle.matches(request, value)}

        _wait_for_replay()
        for form in _forms(request):
            for source in SOURCES:
                for alias in ("default", "replica"):
                    assert (form, source, alias, _found(request, form, source, alias)) == (
                        form,
                        source,
                        alias,
                        expected,
                    )

    def teardown(self):
        for connection in self.open:
            connection.close()

    def _create(self, value) -> str:
        written = interactions.create(actor=TESTER, resource=from_value(value)).resource
        self._keep(written.id, written.content)
        return written.id

    def _keep(self, id, content) -> None:
        self.known.add(id)
        self.stored[id] = json.loads(content)


def _forms(request: SearchRequest) -> list[str]:
    """Every form that could answer this search."""
    forms = ["walk"]
    for at, criterion in enumerate(request.criteria):
        if patients._has_index(criterion):
            forms.append(f"gather:{at}")
        if criterion.parameter.type == "string" and strings.is_one_range(criterion):
            forms.append(f"match:{at}")
    return forms


def _found(request: SearchRequest, form: str, source, alias: str) -> set[str]:
    page, of_form = Page(1_000), patients._form_of(request, form)
    statement = patients._statement(request, of_form, source, page, EVERYTHING)
    rows = database._run(alias, database.Query("search", statement.sql), statement.params)
    ids = [row[1] for row in rows]
    assert len(ids) == len(set(ids))
    return set(ids)


def _wait_for_replay() -> None:
    """Wait for all that is committed; a commit flushes what open transactions have in the log before it."""
    with transaction.atomic():
        audit.record(audit.AuditEntry(TESTER, "test", "Patient"))
    query = database.Query("position", "SELECT pg_current_wal_insert_lsn()::text")
    written = own_writes.parse_position(database.fetch_primary(query)[0][0])
    replayed = database.Query("replayed", "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text")
    while True:
        is_standby, position = database._run("replica", replayed, ())[0]
        assert is_standby
        if own_writes.parse_position(position) >= written:
            return
        time.sleep(0.001)


def _connection() -> psycopg.Connection:
    parameters = connections["default"].get_connection_params()
    return psycopg.connect(**{key: parameters[key] for key in ("dbname", "user", "password", "host", "port")})


_MACHINE = settings(
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

TestPatientSearch = PatientSearch.TestCase
TestPatientSearch.settings = settings(_MACHINE, max_examples=15)


@pytest.mark.long
class TestPatientSearchAtLength(PatientSearch.TestCase):
    settings = settings(_MACHINE, max_examples=100, stateful_step_count=30)

"""What takes too long is ended by the database and told as it is: nothing hangs, nothing is estimated."""

from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from patients.search import patients
from patients.search.resources import engine
from perf import database
from tests.patients.api.messages import issue

TOO_COSTLY = "This search matches too much to be counted; ask without '_total'."


@pytest.fixture(autouse=True)
def _all_tables_locked(settings) -> Iterator[None]:
    """Whoever reads them waits."""
    settings.REPLICA_ENABLED = False
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("LOCK TABLE search_resources, patient_index IN ACCESS EXCLUSIVE MODE")
        cursor.execute("LOCK TABLE patient_summary_delta IN ACCESS EXCLUSIVE MODE")
        yield
        transaction.set_rollback(True, using="owner")


@pytest.mark.parametrize(("resource_type", "module"), [("Basic", engine), ("Patient", patients)])
@pytest.mark.parametrize("asked", ["_count=0", "_summary=count"])
def test_a_total_that_cannot_be_counted_is_refused(client, monkeypatch, resource_type, module, asked):
    assert module.MOST_OF_A_COUNT == 2_000
    monkeypatch.setattr(module, "MOST_OF_A_COUNT", 50)

    response = client.get(f"/fhir/{resource_type}?{asked}&_total=accurate")

    assert issue(response) == (400, "too-costly", TOO_COSTLY)


@pytest.mark.parametrize("resource_type", ["Basic", "Patient"])
def test_a_search_that_takes_too_long_is_ended(client, resource_type):
    connection = database.raw_connection("default")
    (usual,) = connection.execute("SHOW statement_timeout").fetchone()
    connection.execute("SET statement_timeout = 50")
    try:
        response = client.get(f"/fhir/{resource_type}")
    finally:
        connection.execute(f"SET statement_timeout = '{usual}'")

    assert response["Retry-After"] == "1"
    assert issue(response) == (
        503,
        "transient",
        "This took longer than a request may; nothing was changed. Ask for less, or more precisely.",
    )

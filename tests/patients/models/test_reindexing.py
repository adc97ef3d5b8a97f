"""Search rows made anew: from nothing, after a stop, and while others write."""

import threading
import time
import uuid

import psycopg
import pytest
from django.db import connections, transaction

from patients.fhir.resource import RESOURCE_TYPES, from_value, parse
from patients.models import FhirResource, SearchIndexState, reindexing, writing
from patients.models.summary_refresh import _connect
from perf.database import Query, fetch_primary
from tests.patients.models.recomputed import flaws

TABLES = (
    "search_resources",
    "search_list",
    "search_references",
    "search_dates",
    "search_quantities",
    "search_uris",
    "search_texts",
    "search_composites",
    "search_strings",
    "search_tokens",
)


@pytest.fixture
def owner():
    connection = _connect(connections.settings["owner"])
    yield connection
    connection.close()


def _basic(id: str, title: str) -> writing.Change:
    value = {
        "resourceType": "Basic",
        "id": id,
        "identifier": [{"system": "urn:test:reindex", "value": id}],
        "code": {"coding": [{"system": "urn:x", "code": title}]},
        "subject": {"reference": f"Patient/{id}"},
        "created": "2024-02-29",
    }
    return writing.change_to(from_value(value), id=id, expected_version=0, method="PUT")


@pytest.fixture
def unindexed(owner):
    """Ids of Basics whose rows are gone, as if a version without them had written them."""
    ids = sorted(str(uuid.uuid4()) for _ in range(50))
    with transaction.atomic():
        writing.write_all([_basic(id, "first") for id in ids])
    _forget(owner)
    return ids


def _forget(owner: psycopg.Connection) -> None:
    owner.execute(
        "DELETE FROM search_codes WHERE key IN"
        " (SELECT unnest(keys) FROM search_resources WHERE resource_type = 'Basic')"
    )
    for table in TABLES:
        owner.execute(
            f"DELETE FROM {table} WHERE resource_id IN"
            " (SELECT id FROM fhir_resources WHERE resource_type = 'Basic')"
        )
    owner.execute(
        "UPDATE search_index_state SET is_complete = false, last_resource_id = ''"
        " WHERE resource_type = 'Basic'"
    )


def _all_flaws(ids: list[str]) -> list[str]:
    return [flaw for id in ids for flaw in flaws("Basic", id)]


def _is_partial_on_the_standby(resource_type: str) -> bool:
    """Within a moment: what the owner changes is nobody's own write."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if resource_type in reindexing.partial_types("test"):
            return True
        time.sleep(0.05)
    return False


class TestReindex:
    def test_makes_all_rows_and_then_the_type_is_complete(self, unindexed):
        assert _is_partial_on_the_standby("Basic")
        counted: list[int] = []

        reindexing.reindex("Basic", advanced=counted.append, batch_size=7)

        assert _all_flaws(unindexed) == []
        assert sum(counted) == FhirResource.objects.filter(resource_type="Basic", deleted=False).count()
        assert "Basic" not in set(
            SearchIndexState.objects.filter(is_complete=False).values_list("resource_type", flat=True)
        )

    def test_mends_lists_that_lack_entries(self, unindexed, owner):
        reindexing.reindex("Basic", advanced=lambda _: None)
        owner.execute("DELETE FROM search_list WHERE resource_id IN (SELECT id FROM fhir_resources)")

        reindexing.reindex("Basic", advanced=lambda _: None)

        assert _all_flaws(unindexed) == []

    def test_goes_on_where_a_run_was_stopped(self, unindexed):
        class Stopped(Exception):
            pass

        def stop(_: int) -> None:
            raise Stopped

        with pytest.raises(Stopped):
            reindexing.reindex("Basic", advanced=stop, batch_size=10)
        counted: list[int] = []
        reindexing.reindex("Basic", advanced=counted.append, batch_size=10)

        assert sum(counted) == FhirResource.objects.filter(resource_type="Basic", deleted=False).count() - 10
        assert _all_flaws(unindexed) == []

    def test_leaves_to_a_writer_what_it_is_writing(self, unindexed):
        """The writer holds a resource when the batch comes by; what it writes stays."""
        held, contested = unindexed[20], threading.Event()
        update = writing.change_to(
            from_value({"resourceType": "Basic", "id": held, "code": {"coding": [{"code": "second"}]}}),
            id=held,
            expected_version=1,
            method="PUT",
        )

        def advanced(_: int) -> None:
            contested.set()

        def run() -> None:
            reindexing.reindex("Basic", advanced=advanced, batch_size=100)
            connections.close_all()

        thread = threading.Thread(target=run)
        with transaction.atomic():
            assert writing.write(update) is not None
            thread.start()
            assert contested.wait(20)
            state = SearchIndexState.objects.get(resource_type="Basic")
            assert (state.is_complete, state.last_resource_id < held) == (False, True)
        thread.join()

        assert FhirResource.objects.get(resource_type="Basic", fhir_id=held).version_id == 2
        assert _all_flaws(unindexed) == []

    def test_does_not_put_old_values_over_new_ones(self, unindexed):
        id = unindexed[0]
        old = fetch_primary(
            Query(
                "stored",
                "SELECT v.content FROM fhir_resources r JOIN fhir_resource_versions v ON v.resource_id = r.id"
                " WHERE r.fhir_id = %s",
            ),
            (id,),
        )[0][0]
        update = {"resourceType": "Basic", "id": id, "code": {"text": "second"}}
        writing.write(writing.change_to(from_value(update), id=id, expected_version=1, method="PUT"))

        answer = reindexing.reindexed([writing.change_of_stored(parse(old), id=id, version=1)])

        assert answer == [False]
        assert flaws("Basic", id) == []

    def test_does_not_index_the_deleted(self, unindexed):
        id = unindexed[0]
        writing.write(writing.deletion_of("Basic", id=id, expected_version=1))

        reindexing.reindex("Basic", advanced=lambda _: None)

        assert flaws("Basic", id) == []


class TestDefinitions:
    def test_of_another_version_make_a_type_partial(self, unindexed, owner):
        reindexing.reindex("Basic", advanced=lambda _: None)
        stored = set(FhirResource.objects.values_list("resource_type", flat=True).distinct())
        unused = min(RESOURCE_TYPES - stored)
        owner.execute(
            "UPDATE search_index_state SET definitions = 'old' WHERE resource_type IN ('Basic', %s)",
            (unused,),
        )

        reindexing.note_definitions(connections["default"], ["Basic", unused])

        # Of the other type there is nothing that could be missed.
        partial = SearchIndexState.objects.filter(is_complete=False).values_list("resource_type", flat=True)
        assert set(partial) == {"Basic"}
        reindexing.reindex("Basic", advanced=lambda _: None)

    def test_that_are_the_same_change_nothing(self, unindexed):
        reindexing.reindex("Basic", advanced=lambda _: None)

        reindexing.note_definitions(connections["default"], ["Basic"])

        assert SearchIndexState.objects.get(resource_type="Basic").is_complete

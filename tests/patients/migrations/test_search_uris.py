"""The rows of URIs that an earlier version kept among the strings."""

import uuid
from importlib import import_module

import pytest
from django.db import connections

from patients.fhir.resource import from_value
from patients.fhir.values.strings import exact_hash
from patients.models import FhirResource, writing
from patients.models.summary_refresh import _connect
from tests.patients.models.recomputed import flaws

migration = import_module("patients.migrations.0009_search_uris")

PROFILE = "http://example.org/fhir/StructureDefinition/basic"


@pytest.fixture
def owner():
    connection = _connect(connections.settings["owner"])
    yield connection
    connection.close()


@pytest.fixture
def written():
    """A resource with a URI, and one with a string of the same parameter's name in another type."""
    values = [
        {"resourceType": "Basic", "code": {"text": "x"}, "meta": {"profile": [PROFILE]}},
        {"resourceType": "Organization", "name": "url"},
    ]
    found = []
    for value in values:
        id = str(uuid.uuid4())
        change = writing.change_to(from_value({**value, "id": id}), id=id, expected_version=0, method="PUT")
        assert writing.write(change)
        found.append(FhirResource.objects.get(resource_type=value["resourceType"], fhir_id=id))
    return found


def _rows(owner, table: str, resource: FhirResource) -> list:
    sql = f"SELECT resource_type, parameter, value FROM {table} WHERE resource_id = %s"
    return owner.execute(sql, (resource.pk,)).fetchall()


class TestMove:
    def test_takes_uris_and_leaves_strings(self, written, owner):
        owner.execute(
            "INSERT INTO search_strings (resource_id, resource_type, parameter, value, exact_hash)"
            " SELECT resource_id, resource_type, parameter, value, value_hash FROM search_uris"
        )
        owner.execute("DELETE FROM search_uris")

        owner.execute(migration.MOVE, migration.uri_parameters())

        assert [each for row in written for each in flaws(row.resource_type, row.fhir_id)] == []
        assert _rows(owner, "search_uris", written[0]) == [("Basic", "_profile", PROFILE)]

    def test_back_is_what_the_earlier_version_had(self, written, owner):
        owner.execute(migration.MOVE_BACK, migration.uri_parameters())

        assert _rows(owner, "search_uris", written[0]) == []
        sql = "SELECT value FROM search_strings WHERE resource_id = %s AND parameter = '_profile' AND exact_hash = %s"
        stored = owner.execute(sql, (written[0].pk, exact_hash(PROFILE))).fetchall()
        assert stored == [(PROFILE,)]
        owner.execute(migration.MOVE, migration.uri_parameters())
        assert flaws("Basic", written[0].fhir_id) == []

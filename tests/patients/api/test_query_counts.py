"""How many queries each interaction costs, by name; those of logging in come on top."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import Session
from perf import database
from tests.patients.api.messages import created, posted, put, updated
from tests.people import word


@pytest.fixture
def names(client):
    """The names of the queries that ran since the last look."""
    # The cache of versions, and the connections, are warm.
    client.get("/fhir/Patient?_count=0")
    found: list[str] = []
    with database.observed(lambda execution: found.append(execution.name)):
        yield found


class TestQueries:
    def test_of_read(self, client, names):
        id = created(client)
        names.clear()

        client.get(f"/fhir/Patient/{id}")

        assert names == ["read"]

    def test_of_a_read_answered_304(self, client, names):
        id = created(client)
        names.clear()

        client.get(f"/fhir/Patient/{id}", headers={"If-None-Match": 'W/"1"'})

        assert names == ["read"]

    def test_of_vread_and_of_vread_from_the_cache(self, client, names):
        id = created(client)
        names.clear()

        client.get(f"/fhir/Patient/{id}/_history/1")
        client.get(f"/fhir/Patient/{id}/_history/1")

        # Who may see the resource is asked anew, whoever keeps the version.
        assert names == ["resource", "vread", "resource"]

    def test_of_history(self, client, names):
        id = created(client)
        updated(client, id)
        names.clear()

        client.get(f"/fhir/Patient/{id}/_history")

        assert names == ["resource", "history"]

    def test_of_create(self, client, names):
        names.clear()

        posted(client, {"resourceType": "Patient"})

        assert names == ["read", "write", "audit", "log position"]

    def test_of_update(self, client, names):
        id = created(client)
        names.clear()

        put(client, id, {"resourceType": "Patient", "id": id})

        assert names == ["read", "write", "audit", "log position"]

    def test_of_delete(self, client, names):
        id = created(client)
        names.clear()

        client.delete(f"/fhir/Patient/{id}")

        assert names == ["read", "write", "audit", "log position"]

    def test_of_search_by_identifier(self, client, names):
        names.clear()

        client.get(f"/fhir/Patient?identifier={word()}")

        assert names == ["patient search"]

    def test_of_search_by_name(self, client, names):
        names.clear()

        client.get(f"/fhir/Patient?family={word()}")

        assert names == ["patient search probe", "patient search"]

    def test_of_search_with_a_total(self, client, names):
        names.clear()

        client.get(f"/fhir/Patient?identifier={word()}&_total=accurate")

        assert names == ["patient search", "patient search total"]

    def test_of_summaries(self, client, names):
        id = created(client)
        names.clear()

        client.get(f"/api/patients?identifier={word()}")
        client.get(f"/api/patients/{id}")

        assert names == ["patient search"] * 2

    def test_of_what_is_refused_at_the_edge(self, client, names):
        names.clear()

        client.get("/fhir/Patient?nmae=smi")
        client.post("/fhir/Patient", "{", content_type="application/fhir+json")
        client.get("/fhir/Parameters/1")

        assert names == []


class TestQueriesOfLoggingIn:
    def test_are_one_for_a_token(self, client):
        with CaptureQueriesContext(connection) as captured:
            client.get("/fhir/Observation")

        assert [query["sql"].split(" FROM ")[1].split()[0] for query in captured] == ['"api_tokens"']

    def test_are_none_for_metadata_and_life(self, anonymous):
        with CaptureQueriesContext(connection) as captured:
            anonymous.get("/fhir/metadata")
            anonymous.get("/livez")

        assert len(captured) == 0

    def test_are_of_the_session_alone_for_a_session(self, user):
        client = Client()
        client.force_login(user)

        with CaptureQueriesContext(connection) as captured:
            client.get("/fhir/Observation")

        reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
        assert len(reads) == 2
        assert Session._meta.db_table in reads[0]

"""Whoever wrote sees it at once, from the standby as soon as that has it, else from the primary."""

from collections import Counter

import pytest

from perf import database
from tests.patients.api.messages import created, put
from tests.people import word

WRITES = 200


@pytest.fixture
def executions():
    """The queries that ran."""
    found: list[database.Execution] = []
    with database.observed(found.append):
        yield found


class TestOwnWrites:
    def test_are_found_by_a_search_at_once(self, client, executions):
        found = 0
        for _ in range(WRITES):
            family = word()
            id = created(client, name=[{"family": family}])
            bundle = client.get("/fhir/Patient", {"family": family}).json()
            found += [entry["resource"]["id"] for entry in bundle.get("entry", [])] == [id]

        aliases = Counter(each.alias for each in executions if each.name == "patient search")
        assert found == WRITES
        assert sum(aliases.values()) == WRITES
        assert aliases["replica"] > 0

    def test_are_found_by_what_an_update_made_of_them(self, client):
        id = created(client, name=[{"family": word()}])

        families = [word() for _ in range(10)]
        totals = []
        for family in families:
            put(client, id, {"resourceType": "Patient", "id": id, "name": [{"family": family}]})
            totals.append(client.get("/fhir/Patient", {"family": family, "_count": "0"}).json()["total"])

        assert totals == [1] * 10

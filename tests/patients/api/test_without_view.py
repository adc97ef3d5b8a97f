"""While there is no summary view, Patients are found all the same, within a transaction as well."""

from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from patients import interactions
from patients.fhir.search_request import parse
from patients.models import commits, summary_refresh
from perf import database
from tests.patients.api.bundle_requests import bundle, entry, post
from tests.people import TESTER, created, word


@pytest.fixture(autouse=True)
def _no_view() -> Iterator[None]:
    with summary_refresh._connect(connections.settings["owner"]) as owner:
        owner.execute("REFRESH MATERIALIZED VIEW patient_summary WITH NO DATA")
    with database.replayed(commits.log_position()):
        yield
    summary_refresh.refresh(trigger="command")


def _send(client, bundle):
    return client.post("/fhir", bundle, content_type="application/fhir+json")


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_conditional_create_by_name_finds_who_is_there(client, kind):
    family = word()
    created(name=[{"family": family}])
    person = {"resourceType": "Patient", "name": [{"family": family}]}

    response = _send(client, bundle(kind, post(person, ifNoneExist=f"family={family}")))

    assert response.status_code == 200
    assert [each["response"]["status"] for each in response.json()["entry"]] == ["200 OK"]


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_search_in_a_bundle_is_answered(client, kind):
    family = word()
    person = {"resourceType": "Patient", "name": [{"family": family}]}
    created(**person)

    response = _send(client, bundle(kind, entry("GET", f"Patient?family={family}"), post(person)))

    assert response.status_code == 200
    found = response.json()["entry"][0]["resource"]["entry"]
    assert [each["search"]["mode"] for each in found].count("match") == 2


def test_a_search_within_a_transaction_leaves_it_well():
    family = word()
    with transaction.atomic():
        created(name=[{"family": family}])
        page = interactions.search(actor=TESTER, request=parse("Patient", [("family", family)]))
        created(name=[{"family": family}])

    assert (page.source, len(page.entries)) == ("base", 1)

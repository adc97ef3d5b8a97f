import base64
import json

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory, force_authenticate

from patients.fhir.bundle_requests import entry_request
from tests.patients.api.bundle_requests import (
    audited,
    bundle,
    entry,
    identified,
    new_id,
    new_system,
    patient,
    post,
    put,
    sent,
    statuses,
)
from tests.patients.api.messages import created


class TestBatch:
    def test_is_answered_to_a_bounded_length(self, client, settings):
        id = created(client)
        settings.MAX_BUNDLE_ANSWER_CHARACTERS = 10

        response = sent(client, bundle("batch", *[entry("GET", f"Patient/{id}")] * 2))

        assert statuses(response) == ["200 OK", "400 Bad Request"]
        [issue] = response.json()["entry"][1]["response"]["outcome"]["issue"]
        assert issue["code"] == "too-costly"

    def test_counts_the_answers_of_a_transaction_that_is_tried_again_once(self, client, user, settings):
        from patients.api.bundle_entries import EntryDispatcher

        request = APIRequestFactory().post("/fhir")
        force_authenticate(request, user)
        request.request_id = "-"
        dispatch = EntryDispatcher(Request(request), base="http://testserver/fhir", prefer="")
        read = entry_request(0, entry("GET", f"Patient/{created(client)}"), base="http://testserver/fhir")
        settings.MAX_BUNDLE_ANSWER_CHARACTERS = 10

        assert [dispatch(read).status for _ in range(2)] == [200, 200]

    def test_does_each_entry_by_itself(self, client):
        system, id, unknown = new_system(), created(client), new_id()
        response = sent(
            client,
            bundle(
                "batch",
                entry("GET", f"Patient/{unknown}"),
                post(patient(system)),
                post(patient(system, name=[{"family": 7}])),
                entry("DELETE", f"Patient/{id}"),
                put({"resourceType": "Patient", "id": unknown}),
                {"request": {"method": "GET"}},
                7,
            ),
        )

        assert response.json()["type"] == "batch-response"
        assert statuses(response) == [
            "200 OK",
            "201 Created",
            "400 Bad Request",
            "204 No Content",
            "201 Created",
            "400 Bad Request",
            "400 Bad Request",
        ]
        assert len(identified(client, system)) == 1

    def test_answers_a_failure_with_an_outcome_in_its_place(self, client):
        id = new_id()
        response = sent(client, bundle("batch", entry("GET", f"Patient/{id}")))

        [answer] = response.json()["entry"]
        assert answer == {
            "response": {
                "status": "404 Not Found",
                "outcome": {
                    "resourceType": "OperationOutcome",
                    "issue": [
                        {
                            "severity": "error",
                            "code": "not-found",
                            "diagnostics": f"Patient/{id} is not known.",
                        }
                    ],
                },
            }
        }

    def test_answers_a_write_as_a_transaction_does(self, client):
        one = post(patient(new_system()))

        batch = sent(client, bundle("batch", one)).json()["entry"][0]
        transaction = sent(client, bundle("transaction", one)).json()["entry"][0]

        assert set(batch) == set(transaction) == {"fullUrl", "response"}
        assert set(batch["response"]) == set(transaction["response"])
        assert len(batch["response"]["lastModified"]) == len("2026-01-01T00:00:00.000Z")
        assert batch["response"]["location"].endswith("/_history/1")

    def test_returns_what_is_preferred(self, client):
        one = post(patient(new_system(), active=True))

        shown = sent(client, bundle("batch", one), "representation").json()["entry"][0]
        told = sent(client, bundle("batch", one), "OperationOutcome").json()["entry"][0]

        assert shown["resource"]["active"] is True
        place = told["response"]["location"].partition("/_history/")[0]
        sentence = f"{place} version 1 was created."
        assert told["response"]["outcome"]["issue"][0]["diagnostics"] == sentence

    def test_tells_what_an_update_and_a_delete_came_to(self, client):
        id = created(client)
        entries = [put({"resourceType": "Patient", "id": id}), entry("DELETE", f"Patient/{new_id()}")]

        answers = sent(client, bundle("batch", *entries), "OperationOutcome").json()["entry"]

        assert [it["response"]["outcome"]["issue"][0]["diagnostics"] for it in answers] == [
            f"Patient/{id} version 2 was updated.",
            "There was nothing to delete.",
        ]

    def test_reads_versions_histories_and_searches(self, client):
        id = created(client)
        response = sent(
            client,
            bundle(
                "batch",
                entry("GET", f"Patient/{id}"),
                entry("GET", f"http://testserver/fhir/Patient/{id}/_history/1"),
                entry("GET", f"Patient/{id}/_history"),
                entry("GET", f"Patient?_id={id}"),
                entry("GET", "metadata"),
                entry("HEAD", f"Patient/{id}"),
                entry("GET", f"Patient/{id}", ifNoneMatch='W/"1"'),
            ),
        )

        answers = response.json()["entry"]
        assert statuses(response) == ["200 OK"] * 6 + ["304 Not Modified"]
        assert answers[0]["resource"] == answers[1]["resource"]
        assert answers[0]["response"]["etag"] == 'W/"1"'
        assert [it.get("resource", {}).get("type") for it in answers[2:4]] == ["history", "searchset"]
        assert answers[3]["resource"]["link"][0]["url"] == f"http://testserver/fhir/Patient?_id={id}"
        assert answers[4]["resource"]["resourceType"] == "CapabilityStatement"
        assert "resource" not in answers[5]

    def test_reads_come_last(self, client):
        id = new_id()
        response = sent(
            client,
            bundle("batch", entry("GET", f"Patient/{id}"), put({"resourceType": "Patient", "id": id})),
        )

        assert statuses(response) == ["200 OK", "201 Created"]

    def test_leaves_an_audit_row_for_each_entry(self, client):
        id, unknown = created(client), new_id()
        response = sent(
            client, bundle("batch", entry("GET", f"Patient/{id}"), entry("GET", f"Patient/{unknown}"))
        )

        assert audited(response) == [
            ("read", "Patient", id, [id], 200),
            ("read", "Patient", unknown, [], 404),
            ("batch", "Bundle", None, [], 200),
        ]

    def test_keeps_to_preconditions(self, client):
        id = created(client)
        response = sent(
            client,
            bundle(
                "batch",
                put({"resourceType": "Patient", "id": id}, ifMatch='W/"7"'),
                put({"resourceType": "Patient", "id": id}, ifMatch='W/"1"'),
            ),
        )

        assert statuses(response) == ["412 Precondition Failed", "200 OK"]

    def test_does_what_is_done_for_sessions(self, user):
        from django.test import Client

        with_session = Client()
        with_session.force_login(user)

        response = sent(with_session, bundle("batch", post(patient(new_system()))))

        assert statuses(response) == ["201 Created"]


HOSTILE = [
    entry("POST", "", bundle("batch")),
    entry("GET", "../admin/"),
    entry("GET", "%2e%2e%2fadmin"),
    entry("GET", "/livez"),
    entry("GET", "Patient/%ff"),
    entry("GET", "Patient/%00"),
    entry("GET", "Patient?name=%ff"),
    entry("GET", "Patient?" + "x" * 70_000),
    entry("GET", "Patient/" + "x" * 9_000),
    entry("GET", "https://example.org/fhir/Patient"),
    entry("GET", "api/patients"),
    entry("GET", "Patient/1", {"resourceType": "Patient"}, ifNoneExist="x"),
    entry("POST", "Patient"),
    entry("POST", "Patient", []),
    entry("POST", "Patient", 1),
    entry("POST", "Patient", {"resourceType": "Patient", "text": {"div": "<script/>"}}),
    entry("PATCH", "Patient/1"),
    entry("PATCH", "Patient/1", {"resourceType": "Binary", "contentType": "\n", "data": 7}),
    entry(
        "PATCH",
        "Patient/1",
        {"resourceType": "Binary", "contentType": "text/x", "data": base64.b64encode(b"{}").decode()},
    ),
    entry("PUT", "Patient/1", {"resourceType": "Patient", "id": "1"}, ifMatch="\n"),
    entry("DELETE", "Patient/1/2/3/4"),
    {"request": {"method": "GET", "url": "Patient", "more": 1}},
    {"request": []},
    [],
    None,
]


class TestHostileEntries:
    def test_are_answered_with_outcomes_each(self, client):
        response = sent(client, bundle("batch", *HOSTILE))

        assert len(statuses(response)) == len(HOSTILE)
        for hostile, answer in zip(HOSTILE, response.json()["entry"], strict=True):
            status = int(answer["response"]["status"][:3])
            assert 400 <= status < 500, (hostile, answer)
            assert answer["response"]["outcome"]["resourceType"] == "OperationOutcome"

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'"x"'])
    def test_bodies_are_refused(self, client, text):
        response = sent(client, text)

        assert response.status_code == 400
        assert json.loads(response.content)["resourceType"] == "OperationOutcome"

    def test_parameters_are_refused(self, client):
        response = client.post("/fhir?x=1", json.dumps(bundle("batch")), content_type="application/fhir+json")

        assert response.status_code == 400

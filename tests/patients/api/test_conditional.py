import json
import threading
from urllib.parse import quote

import pytest
from django.db import connections
from django.test import Client

from patients.models.search_index import SearchIndexState
from tests.audited import audit_records
from tests.patients.api.bundle_requests import (
    audited,
    bundle,
    entry,
    identified,
    new_id,
    new_system,
    patient,
    post,
    sent,
    statuses,
)
from tests.patients.api.messages import FHIR, created, issue, posted


def put_where(client, criteria, body, **options):
    return client.put(f"/fhir/Patient?{criteria}", json.dumps(body), content_type=FHIR, **options)


def deleted_where(client, criteria, **options):
    return client.delete(f"/fhir/Patient?{criteria}", **options)


def created_where(client, criteria, body):
    return posted(client, body, headers={"If-None-Exist": criteria})


@pytest.fixture
def system():
    return new_system()


def _audited_query(response) -> str | None:
    return audit_records().get(request_id=response["X-Request-Id"]).query


class TestAudit:
    def test_writes_criteria_one_way_however_they_were_sent(self, client, system):
        encoded = quote(f"{system}|1", safe="")
        written = f"identifier={system}%7C1"

        responses = [
            created_where(client, f"identifier={system}|1", patient(system)),
            put_where(client, f"identifier={encoded}", patient(system)),
            client.get(f"/fhir/Patient?identifier={encoded}"),
            deleted_where(client, f"identifier={encoded}"),
        ]

        assert [each.status_code for each in responses] == [201, 200, 200, 204]
        assert [_audited_query(each) for each in responses] == [written] * 4


class TestConditionalCreate:
    def test_creates_what_is_not_there(self, client, system):
        response = created_where(client, f"identifier={system}|1", patient(system))

        assert response.status_code == 201
        assert response["Location"].endswith("/_history/1")
        assert identified(client, system) == [response.json()["id"]]

    @pytest.mark.parametrize("before", ["", "Patient?", "?", "http://testserver/fhir/Patient?"])
    def test_answers_what_is_there(self, client, system, before):
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = created_where(client, f"{before}identifier={system}|1", patient(system, active=True))

        assert response.status_code == 200
        assert response["Location"] == f"http://testserver/fhir/Patient/{id}/_history/1"
        assert response["ETag"] == 'W/"1"'
        assert "active" not in response.json()
        assert identified(client, system) == [id]
        assert audited(response) == [("create", "Patient", id, [id], 200)]

    def test_says_that_nothing_was_changed_where_that_is_preferred(self, client, system):
        id = created(client, identifier=[{"system": system, "value": "1"}])
        headers = {"If-None-Exist": f"identifier={system}|1", "Prefer": "return=OperationOutcome"}

        response = posted(client, patient(system), headers=headers)

        sentence = f"Patient/{id} version 1 was there already; nothing was changed."
        assert response.json()["issue"][0]["diagnostics"] == sentence

    def test_answers_412_to_criteria_that_several_meet(self, client, system):
        for _ in range(2):
            created(client, identifier=[{"system": system, "value": "1"}])

        response = created_where(client, f"identifier={system}|1", patient(system))

        assert issue(response) == (
            412,
            "conflict",
            f"Patient?identifier={system}|1: more than one resource has this identifier.",
        )

    def test_takes_any_criteria_of_the_search(self, client, system):
        id = created(
            client, identifier=[{"system": system, "value": "1"}], birthDate="1900-01-02", gender="other"
        )
        criteria = f"birthdate=1900-01-02&identifier={system}%7C1&gender=other"

        there = created_where(client, criteria, patient(system))
        other = created_where(client, criteria.replace("other", "male"), patient(system))

        assert (there.status_code, there.json()["id"]) == (200, id)
        assert other.status_code == 201

    def test_finds_nothing_that_is_deleted(self, client, system):
        client.delete(f"/fhir/Patient/{created(client, identifier=[{'system': system, 'value': '1'}])}")

        assert created_where(client, f"identifier={system}|1", patient(system)).status_code == 201

    @pytest.mark.parametrize(
        "criteria",
        [
            "",
            "?",
            "nmae=x",
            "_sort=name",
            "name=x&_count=1",
            "name:exactly=x",
            "identifier=",
            "birthdate=x",
            "%",
        ],
    )
    def test_refuses_what_says_no_resource(self, client, system, criteria):
        response = created_where(client, criteria, patient(system))

        assert response.status_code == 400
        assert identified(client, system) == []

    def test_says_no_value_of_a_patients(self, client, system):
        response = created_where(client, "name=Smith&nmae=Smith", patient(system))

        assert issue(response)[2] == "Patient?name=…&nmae=…: Unknown search parameter 'nmae'."

    @pytest.mark.parametrize(
        "criteria", ["identifier={system}|1", "identifier={system}|1&birthdate=1900"], ids=["one", "several"]
    )
    def test_of_fifty_at_once_creates_one(self, token, client, system, criteria):
        body = patient(system, birthDate="1900-05-05")
        answers, start = [], threading.Barrier(50)

        def create():
            mine = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
            start.wait()
            try:
                answers.append(created_where(mine, criteria.format(system=system), body))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=create) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
        assert {answer["Location"] for answer in answers} == {answers[0]["Location"]}
        assert len(identified(client, system)) == 1

    def test_and_a_transaction_with_other_criteria_of_the_same_identifier_make_one(
        self, token, client, system
    ):
        value, answers, start = new_id(), [], threading.Barrier(10)
        whole = bundle(
            "transaction", post(patient(system, value), ifNoneExist=f"identifier={system}|{value}")
        )

        def create(is_transaction):
            mine = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
            start.wait()
            try:
                if is_transaction:
                    answers.append(statuses(sent(mine, whole))[0][:3])
                else:
                    response = created_where(mine, f"identifier={value}", patient(system, value))
                    answers.append(str(response.status_code))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=create, args=(number % 2,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == ["200"] * 9 + ["201"]
        assert len(identified(client, system)) == 1


class TestConditionalUpdate:
    def test_updates_what_meets_the_criteria(self, client, system):
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = put_where(client, f"identifier={system}|1", patient(system, active=True))

        assert response.status_code == 200
        assert (response.json()["id"], response["ETag"]) == (id, 'W/"2"')
        assert audited(response) == [("update", "Patient", id, [id], 200)]

    def test_creates_where_nothing_does(self, client, system):
        response = put_where(client, f"identifier={system}|1", patient(system))

        assert response.status_code == 201
        assert identified(client, system) == [response.json()["id"]]

    def test_creates_under_the_id_that_the_resource_has(self, client, system):
        id = new_id()

        response = put_where(client, f"identifier={system}|1", patient(system, id=id))

        assert (response.status_code, response.json()["id"]) == (201, id)

    def test_refuses_an_id_that_is_another_resource(self, client, system):
        id = created(client)

        response = put_where(client, f"identifier={system}|1", patient(system, id=id))

        assert issue(response) == (
            409,
            "conflict",
            f"Patient/{id} is there, but does not meet the criteria Patient?identifier={system}|1.",
        )

    def test_refuses_another_id_than_that_found(self, client, system):
        id, other = created(client, identifier=[{"system": system, "value": "1"}]), new_id()

        response = put_where(client, f"identifier={system}|1", patient(system, id=other))

        assert issue(response) == (
            400,
            "invalid",
            f"The resource has the id '{other}'; the one that meets the criteria is Patient/{id}.",
        )

    def test_answers_412_to_criteria_that_several_meet(self, client, system):
        for _ in range(2):
            created(client, identifier=[{"system": system, "value": "1"}])

        assert put_where(client, f"identifier={system}|1", patient(system)).status_code == 412

    def test_keeps_to_if_match(self, client, system):
        created(client, identifier=[{"system": system, "value": "1"}])

        refused = put_where(client, f"identifier={system}|1", patient(system), headers={"If-Match": 'W/"2"'})
        done = put_where(client, f"identifier={system}|1", patient(system), headers={"If-Match": 'W/"1"'})

        assert (refused.status_code, done.status_code) == (412, 200)

    @pytest.mark.parametrize("criteria", ["", "_format=json", "nmae=x", "_sort=name"])
    def test_refuses_what_says_no_resource(self, client, system, criteria):
        assert put_where(client, criteria, patient(system)).status_code == 400

    def test_only_makes_what_is_new_if_that_is_asked(self, client, system):
        only_new, criteria = {"If-None-Match": "*"}, f"identifier={system}|1"

        made = put_where(client, criteria, patient(system), headers=only_new)
        refused = put_where(client, criteria, patient(system, active=True), headers=only_new)
        other = put_where(client, criteria, patient(system), headers={"If-None-Match": 'W/"1"'})

        assert made.status_code == 201
        place = f"Patient/{made.json()['id']}"
        assert issue(refused) == (412, "conflict", f"{place} is there, at version 1; it was to be new.")
        assert issue(other)[:2] == (400, "invalid")
        assert client.get(f"/fhir/{place}")["ETag"] == 'W/"1"'
        assert audited(refused)[-1][4] == 412

    @pytest.mark.parametrize("type", ["batch", "transaction"])
    def test_only_makes_what_is_new_in_a_bundle_too(self, client, system, type):
        url = f"Patient?identifier={system}|1"
        once = bundle(type, entry("PUT", url, patient(system), ifNoneMatch="*"))

        made, refused = sent(client, once), sent(client, once)

        assert statuses(made) == ["201 Created"]
        if type == "batch":
            assert statuses(refused) == ["412 Precondition Failed"]
        else:
            assert issue(refused)[:2] == (412, "conflict")
        assert len(identified(client, system)) == 1


class TestConditionalDelete:
    def test_deletes_what_meets_the_criteria(self, client, system):
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = deleted_where(client, f"identifier={system}|1")

        assert response.status_code == 204
        assert client.get(f"/fhir/Patient/{id}").status_code == 410
        assert audited(response) == [("delete", "Patient", id, [id], 204)]

    def test_of_nothing_is_as_good(self, client, system):
        assert deleted_where(client, f"identifier={system}|1").status_code == 204

    def test_answers_412_to_criteria_that_several_meet(self, client, system):
        for _ in range(2):
            created(client, identifier=[{"system": system, "value": "1"}])

        assert deleted_where(client, f"identifier={system}|1").status_code == 412
        assert len(identified(client, system)) == 2

    @pytest.mark.parametrize(
        "criteria", ["", "_sort=name", "nmae=x", "identifier=%00", "name=%ff", "name=%zz"]
    )
    def test_refuses_what_says_no_resource(self, client, criteria):
        assert deleted_where(client, criteria).status_code == 400


class TestOtherTypes:
    def test_are_found_by_one_identifier(self, client, system):
        body = json.dumps({**patient(system), "resourceType": "Practitioner"})
        where = f"/fhir/Practitioner?identifier={system}|1"

        made = client.put(where, body, content_type=FHIR)
        changed = client.put(where, body, content_type=FHIR)
        there = client.post(
            "/fhir/Practitioner", body, content_type=FHIR, headers={"If-None-Exist": f"identifier={system}|1"}
        )
        gone = client.delete(where)

        assert [it.status_code for it in (made, changed, there, gone)] == [201, 200, 200, 204]
        assert made.json()["id"] == changed.json()["id"] == there.json()["id"]

    def test_that_are_about_a_patient_are_audited_as_the_patients(self, client, system):
        id = created(client)
        body = {
            "resourceType": "Observation",
            "status": "final",
            "identifier": [{"system": system, "value": "1"}],
            "code": {"text": "pulse"},
            "subject": {"reference": f"Patient/{id}"},
        }
        headers = {"If-None-Exist": f"identifier={system}|1"}

        answers = [
            client.post("/fhir/Observation", json.dumps(body), content_type=FHIR, headers=headers)
            for _ in range(2)
        ]

        about = answers[0].json()["id"]
        assert [audited(it) for it in answers] == [
            [("create", "Observation", about, [id], 201)],
            [("create", "Observation", about, [id], 200)],
        ]

    @pytest.mark.parametrize("type", ["Nothing", "Parameters", "patient"])
    def test_that_are_none_are_not_found(self, client, type):
        assert client.delete(f"/fhir/{type}?identifier=1").status_code == 404

    def test_are_found_by_any_criteria_once_their_index_is_whole(self, client, system):
        body = json.dumps({**patient(system), "resourceType": "Practitioner", "gender": "other"})
        where = f"/fhir/Practitioner?identifier={system}|1&gender=other"
        made = client.put(where, body, content_type=FHIR)
        state = {"definitions": "of a test", "is_complete": False}

        SearchIndexState.objects.update_or_create(resource_type="Practitioner", defaults=state)
        try:
            refused = client.put(where, body, content_type=FHIR)
        finally:
            SearchIndexState.objects.filter(resource_type="Practitioner").delete()
        changed = client.put(where, body, content_type=FHIR)

        assert [it.status_code for it in (made, refused, changed)] == [201, 503, 200]
        assert changed.json()["id"] == made.json()["id"]

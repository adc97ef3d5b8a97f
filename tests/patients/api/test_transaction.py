import json
import threading
from contextlib import contextmanager

import hypothesis
import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from patients.interactions.bundle import storing
from patients.models import writing
from patients.models.writing import change_to
from perf.database import Query, fetch_primary, observed
from tests.patients.api.bundle_requests import (
    audited,
    bundle,
    entry,
    identified,
    locations,
    new_id,
    new_system,
    observation,
    patient,
    post,
    put,
    sent,
    statuses,
    urn,
)
from tests.patients.api.concurrency.writers import at_once
from tests.patients.api.messages import created, issue

_CONTENT = Query(
    "content",
    """
    SELECT v.content FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type || '/' || r.fhir_id = %s
    """,
)


@contextmanager
def refused_value(system, value):
    """Let the tokens' table refuse one value for a while."""
    condition = f"NOT (system = '{system}' AND value = '{value}')"
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE search_tokens ADD CONSTRAINT in_bundle CHECK ({condition}) NOT VALID")
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE search_tokens DROP CONSTRAINT in_bundle")
        connections["owner"].close()


def content(reference: str):
    [[text]] = fetch_primary(_CONTENT, (reference,))
    return json.loads(text)


class TestTransaction:
    def test_answers_each_entry_in_the_order_of_the_request(self, client):
        gone, changed, system = created(client), created(client), new_system()
        response = sent(
            client,
            bundle(
                "transaction",
                entry("GET", f"Patient?identifier={system}|"),
                put({"resourceType": "Patient", "id": changed, "active": True}),
                post(patient(system)),
                entry("DELETE", f"Patient/{gone}"),
            ),
        )

        body = response.json()
        made = locations(response)[2]
        assert response.status_code == 200
        assert (body["resourceType"], body["type"]) == ("Bundle", "transaction-response")
        assert statuses(response) == ["200 OK", "200 OK", "201 Created", "204 No Content"]
        assert body["entry"][0]["resource"]["entry"][0]["resource"]["id"] == made.removeprefix("Patient/")
        assert body["entry"][1]["response"]["location"] == f"Patient/{changed}/_history/2"
        assert body["entry"][1]["response"]["etag"] == 'W/"2"'
        assert body["entry"][2]["response"]["lastModified"] == content(made)["meta"]["lastUpdated"]
        assert body["entry"][3]["response"]["etag"] == 'W/"2"'
        assert "resource" not in body["entry"][2]

    def test_answers_a_bundle_without_entries(self, client):
        response = sent(client, {"resourceType": "Bundle", "type": "transaction"})

        assert response.status_code == 200
        assert "entry" not in response.json()

    def test_takes_the_address_with_a_slash_as_well(self, client):
        text = json.dumps(bundle("transaction", post(patient(new_system()))))

        response = client.post("/fhir/", text, content_type="application/fhir+json")

        assert statuses(response) == ["201 Created"]

    def test_returns_the_stored_text_where_that_is_preferred(self, client):
        text = (
            '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST",'
            '"url":"Observation"},"resource":{"resourceType":"Observation","status":"final",'
            '"code":{"text":"x"},"valueQuantity":{"value":7.2500}}}]}'
        )

        response = sent(client, text, prefer="representation")

        assert b'"valueQuantity":{"value":7.2500}' in response.content
        [answer] = response.json()["entry"]
        assert answer["fullUrl"] == f"http://testserver/fhir/Observation/{answer['resource']['id']}"

    def test_returns_outcomes_where_those_are_preferred(self, client):
        response = sent(client, bundle("transaction", post(patient(new_system()))), "OperationOutcome")

        [answer] = response.json()["entry"]
        place = locations(response)[0]
        assert answer["response"]["outcome"]["issue"][0]["diagnostics"] == f"{place} version 1 was created."

    def test_leaves_an_audit_row_for_each_entry_that_names_the_patients(self, client):
        place = urn()
        response = sent(
            client, bundle("transaction", post(patient(new_system()), place), post(observation(place)))
        )

        subject, about = (it.partition("/")[2] for it in locations(response))
        assert audited(response) == [
            ("create", "Patient", subject, [subject], 201),
            ("create", "Observation", about, [subject], 201),
            ("transaction", "Bundle", None, [], 200),
        ]

    def test_needs_the_same_round_trips_for_many_as_for_few(self, client):
        def run(count: int) -> list[str]:
            place, names = urn(), []
            entries = [post(observation(place)) for _ in range(count)]
            with observed(lambda execution: names.append(execution.name)):
                response = sent(client, bundle("transaction", post(patient(new_system()), place), *entries))
            assert len(statuses(response)) == count + 1
            return names

        assert run(2) == run(writing.CHANGES_IN_A_CALL - 1)
        many = run(4 * writing.CHANGES_IN_A_CALL - 1)
        assert many.count("write") == 4
        assert sorted({*many}) == sorted({*run(2)})
        assert len(many) == len(run(2)) + 3

    def test_works_out_what_is_found_by_while_it_writes(self, client, monkeypatch):
        happened = []
        monkeypatch.setattr(
            storing,
            "change_to",
            lambda *args, **given: happened.append("worked out") or change_to(*args, **given),
        )
        entries = [post(patient(new_system())) for _ in range(2 * writing.CHANGES_IN_A_CALL)]

        with observed(lambda execution: happened.append(execution.name)):
            sent(client, bundle("transaction", *entries))

        first = happened.index("write")
        # One more than a call takes: that it begins the next one tells that this one is whole.
        assert happened[:first].count("worked out") <= writing.CHANGES_IN_A_CALL + 1
        assert happened.count("worked out") == len(entries)


class TestAllOrNothing:
    def test_a_failing_last_entry_leaves_nothing_but_the_refusal(self, client):
        system, id = new_system(), created(client)
        response = sent(
            client,
            bundle(
                "transaction",
                entry("DELETE", f"Patient/{id}"),
                post(patient(system)),
                entry("PUT", f"Patient/{new_id()}", {"resourceType": "Patient", "id": "other"}),
            ),
        )

        assert response.status_code == 400
        assert response.json()["issue"][0]["diagnostics"].startswith(
            "Entry 2: The resource has the id 'other'"
        )
        assert response.json()["issue"][0]["expression"] == ["Bundle.entry[2].resource.id"]
        assert identified(client, system) == []
        assert client.get(f"/fhir/Patient/{id}").status_code == 200
        assert audited(response) == [("transaction", "Bundle", None, [], 400)]

    def test_a_failing_read_undoes_what_was_written(self, client):
        system, unknown = new_system(), new_id()
        response = sent(
            client, bundle("transaction", post(patient(system)), entry("GET", f"Patient/{unknown}"))
        )

        assert issue(response) == (404, "not-found", f"Entry 1: Patient/{unknown} is not known.")
        assert identified(client, system) == []
        assert audited(response) == [
            ("read", "Patient", unknown, [], 404),
            ("transaction", "Bundle", None, [], 404),
        ]

    def test_a_resource_that_breaks_a_rule_is_named_within_its_entry(self, client):
        system = new_system()
        response = sent(
            client, bundle("transaction", post(patient(system)), post(patient(system, name=[{"family": 7}])))
        )

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.name[0].family"]
        assert identified(client, system) == []

    def test_what_the_database_cannot_hold_is_refused_whole(self, client, monkeypatch):
        monkeypatch.setattr(writing, "MOST_VALUES", 100)
        system = new_system()
        names = [{"family": f"name{number}"} for number in range(200)]
        response = sent(
            client, bundle("transaction", post(patient(system)), post(patient(system, name=names)))
        )

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
        assert identified(client, system) == []

    def test_content_that_only_the_database_refuses_is_found_out(self, client):
        system = new_system()
        whole = bundle("transaction", post(patient(system)), post(patient(system, "bad")))

        with refused_value(system, "bad"):
            response = sent(client, whole)

        assert issue(response) == (400, "invalid", "Entry 1: The database cannot hold it (23514).")
        assert identified(client, system) == []
        assert statuses(sent(client, whole)) == ["201 Created", "201 Created"]

    def test_refuses_one_resource_twice(self, client):
        id = new_id()
        one = {"resourceType": "Patient", "id": id}
        for other in (put(one), entry("DELETE", f"Patient/{id}"), entry("PATCH", f"Patient/{id}", one)):
            response = sent(client, bundle("transaction", put(one), other))

            assert response.status_code == 400
            assert (
                f"Patient/{id} is in two entries of one transaction."
                in response.json()["issue"][0]["diagnostics"]
            )
        assert client.get(f"/fhir/Patient/{id}").status_code == 404

    def test_reads_see_what_was_written_before_them(self, client):
        id = new_id()
        response = sent(
            client,
            bundle("transaction", entry("GET", f"Patient/{id}"), put({"resourceType": "Patient", "id": id})),
        )

        assert statuses(response) == ["200 OK", "201 Created"]
        assert response.json()["entry"][0]["resource"]["id"] == id


class TestReferences:
    def test_places_in_the_bundle_become_ids(self, client):
        place = urn()
        narrative = {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{place}">him</a></div>',
        }
        response = sent(
            client,
            bundle(
                "transaction", post(observation(place, text=narrative)), post(patient(new_system()), place)
            ),
        )

        about, subject = locations(response)
        assert content(about)["subject"]["reference"] == subject
        assert f'href="{subject}"' in content(about)["text"]["div"]

    def test_a_cycle_of_places_is_no_hindrance(self, client):
        one, two = urn(), urn()
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(new_system(), link=[{"other": {"reference": two}, "type": "seealso"}]), one),
                post(patient(new_system(), link=[{"other": {"reference": one}, "type": "seealso"}]), two),
            ),
        )

        first, second = locations(response)
        assert content(first)["link"][0]["other"]["reference"] == second
        assert content(second)["link"][0]["other"]["reference"] == first

    def test_identifiers_are_looked_for_in_the_bundle_then_among_the_stored(self, client):
        here, there = new_system(), new_system()
        stored = created(client, identifier=[{"system": there, "value": "a|b"}])
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(here)),
                post(observation(f"Patient?identifier={here}|1")),
                post(observation(rf"Patient?identifier={there}|a\|b")),
            ),
        )

        subject, one, two = locations(response)
        assert content(one)["subject"]["reference"] == subject
        assert content(two)["subject"]["reference"] == f"Patient/{stored}"

    def test_other_criteria_are_looked_for_among_the_stored(self, client):
        system = new_system()
        stored = created(client, birthDate="1901-02-03", identifier=[{"system": system, "value": "1"}])
        response = sent(
            client,
            bundle("transaction", post(observation(f"Patient?birthdate=1901-02-03&identifier={system}|1"))),
        )

        assert content(locations(response)[0])["subject"]["reference"] == f"Patient/{stored}"

    @pytest.mark.parametrize("count", [0, 2])
    def test_answers_412_unless_exactly_one_meets_the_criteria(self, client, count):
        system = new_system()
        for _ in range(count):
            created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(client, bundle("transaction", post(observation(f"Patient?identifier={system}|1"))))

        status, code, _ = issue(response)
        assert (status, code) == (412, "conflict")

    def test_refuses_a_place_that_no_entry_has(self, client):
        place = urn()
        response = sent(client, bundle("transaction", post(observation(place))))

        assert issue(response) == (
            400,
            "invalid",
            f"Entry 0: {place}: no entry of the bundle has this fullUrl.",
        )

    def test_refuses_a_reference_to_an_entry_of_another_type(self, client):
        place = urn()
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(new_system()), place),
                post(observation(place, encounter={"reference": place})),
            ),
        )

        assert response.status_code == 422


class TestConditions:
    def test_if_match_keeps_another_version_from_being_replaced(self, client):
        id = created(client)
        one = {"resourceType": "Patient", "id": id}

        refused = sent(client, bundle("transaction", put(one, ifMatch='W/"2"')))
        done = sent(client, bundle("transaction", put(one, ifMatch='W/"1"')))

        assert issue(refused)[:2] == (412, "conflict")
        assert statuses(done) == ["200 OK"]

    def test_if_none_match_keeps_what_is_there(self, client):
        one = {"resourceType": "Patient", "id": new_id()}

        done = sent(client, bundle("transaction", put(one, ifNoneMatch="*")))
        refused = sent(client, bundle("transaction", put(one, ifNoneMatch="*")))

        assert statuses(done) == ["201 Created"]
        assert issue(refused)[:2] == (412, "conflict")

    def test_a_read_may_be_conditional(self, client):
        id = created(client)
        response = sent(
            client,
            bundle(
                "transaction",
                entry("GET", f"Patient/{id}", ifNoneMatch='W/"1"'),
                entry("GET", f"Patient/{id}", ifModifiedSince="2099-01-01T00:00:00Z"),
                entry("GET", f"Patient/{id}", ifModifiedSince="2001-01-01T00:00:00+02:00"),
            ),
        )

        assert statuses(response) == ["304 Not Modified", "304 Not Modified", "200 OK"]

    def test_if_none_exist_answers_what_is_there(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])
        place = urn()
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(system), place, ifNoneExist=f"identifier={system}|1"),
                post(observation(place)),
            ),
            prefer="representation",
        )

        assert statuses(response) == ["200 OK", "201 Created"]
        assert response.json()["entry"][0]["response"]["location"] == f"Patient/{id}/_history/1"
        assert response.json()["entry"][0]["resource"]["id"] == id
        assert content(locations(response)[1])["subject"]["reference"] == f"Patient/{id}"
        assert identified(client, system) == [id]

    def test_what_is_there_is_answered_whole_though_another_entry_updates_it(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])
        one = post(patient(system), ifNoneExist=f"identifier={system}|1")
        other = put({**patient(system), "id": id})

        response = sent(client, bundle("transaction", one, other), prefer="representation")

        shown = [each["resource"]["meta"]["versionId"] for each in response.json()["entry"]]
        assert shown == ["1", "2"]

    def test_two_creates_of_the_same_criteria_make_one(self, client):
        system = new_system()
        one = post(patient(system), ifNoneExist=f"identifier={system}|1")

        response = sent(client, bundle("transaction", one, one))

        assert statuses(response) == ["201 Created", "200 OK"]
        assert len(set(locations(response))) == 1
        assert len(identified(client, system)) == 1

    def test_criteria_in_place_of_an_id(self, client):
        old, new, gone = new_system(), new_system(), new_system()
        stored = created(client, identifier=[{"system": old, "value": "1"}])
        created(client, identifier=[{"system": gone, "value": "1"}])
        response = sent(
            client,
            bundle(
                "transaction",
                entry("PUT", f"Patient?identifier={old}|1", patient(old, active=True)),
                entry("PUT", f"Patient?identifier={new}|1", patient(new)),
                entry("DELETE", f"Patient?identifier={gone}|1"),
                entry("DELETE", f"Patient?identifier={gone}|2"),
            ),
        )

        assert statuses(response) == ["200 OK", "201 Created", "204 No Content", "204 No Content"]
        assert locations(response)[0] == f"Patient/{stored}"
        assert len(identified(client, new)) == 1
        assert identified(client, gone) == []

    def test_a_create_finds_nothing_that_the_same_transaction_deletes(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(system), ifNoneExist=f"identifier={system}|1"),
                entry("DELETE", f"Patient/{id}"),
            ),
        )

        assert statuses(response) == ["201 Created", "204 No Content"]
        assert identified(client, system) != [id]

    def test_refuses_a_condition_that_it_would_have_to_ignore(self, client):
        response = sent(client, bundle("transaction", post(patient(new_system()), ifMatch='W/"1"')))

        assert issue(response) == (
            400,
            "invalid",
            "Entry 0: ifMatch is not offered with POST; nothing was changed.",
        )


class TestRaces:
    def test_transactions_of_the_same_resources_all_succeed(self, client):
        ids = sorted(new_id() for _ in range(5))
        results = []

        def run(order):
            entries = [put({"resourceType": "Patient", "id": id}) for id in order]
            results.append(sent(client, bundle("transaction", *entries)).status_code)

        threads = [threading.Thread(target=run, args=(order,)) for order in (ids, ids[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert results == [200, 200]
        assert [content(f"Patient/{id}")["meta"]["versionId"] for id in ids] == ["2"] * 5

    @pytest.mark.parametrize("_", range(5))
    def test_of_two_that_create_what_the_other_looks_for_one_sees_the_other(self, client, _):
        """Whichever is first: the second finds its identifier, and creates it no more."""
        systems, values = [new_system(), new_system()], [new_id(), new_id()]

        def run(at: int) -> list[str]:
            criteria = f"identifier={systems[at]}|{values[at]}"
            entries = (
                post(patient(systems[at], values[at]), ifNoneExist=criteria),
                post(patient(systems[1 - at], values[1 - at])),
            )
            return statuses(sent(client, bundle("transaction", *entries)))

        answers = at_once(2, run)

        assert sorted(answers) == [["200 OK", "201 Created"], ["201 Created", "201 Created"]]
        assert sorted(len(identified(client, system)) for system in systems) == [1, 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ANY_URL = st.sampled_from(
    [
        "Patient",
        "Patient/fuzzed",
        "Patient?identifier=fuzz|1",
        "Patient?name=x",
        "Patient/fuzzed/_history",
        "",
        "Patient/fuzzed/_history/1",
        "metadata",
        "Patient/fuzzed/$everything",
        "Patient/_search",
        "Observation/x/y",
    ]
) | st.text(max_size=20)
ANY_RESOURCE = JSON | st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Patient", "Observation", "Binary", "Bundle", "Parameters", "x"])},
    optional={
        "id": st.sampled_from(["fuzzed", "other"]) | JSON,
        "meta": JSON,
        "identifier": JSON,
        "text": JSON | st.fixed_dictionaries({"div": JSON, "status": JSON}),
        "subject": JSON | st.fixed_dictionaries({"reference": ANY_URL | st.just("urn:uuid:x")}),
        "data": JSON,
        "contentType": JSON,
    },
)
CONDITION = ANY_URL | st.sampled_from(['W/"1"', "*", "identifier=fuzz|1", "2026-01-01T00:00:00Z"]) | JSON
ANY_ENTRY = JSON | st.fixed_dictionaries(
    {
        "request": JSON
        | st.fixed_dictionaries(
            {"method": st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]), "url": ANY_URL},
            optional=dict.fromkeys(("ifMatch", "ifNoneMatch", "ifNoneExist", "ifModifiedSince"), CONDITION),
        )
    },
    optional={
        "resource": ANY_RESOURCE,
        "fullUrl": st.sampled_from(["urn:uuid:x", "http://x/Patient/1"]) | JSON,
    },
)

HOSTILE = [
    ([], 400),
    ({"resourceType": "Patient"}, 400),
    ({"resourceType": "Bundle"}, 400),
    ({"resourceType": "Bundle", "type": "collection", "entry": []}, 400),
    ({"resourceType": "Bundle", "type": ["transaction"]}, 400),
    ({"resourceType": "Bundle", "type": "transaction", "entry": {}}, 400),
    (bundle("transaction", 1), 400),
    (bundle("transaction", None), 400),
    (bundle("transaction", []), 400),
    (bundle("transaction", {}), 400),
    (bundle("transaction", {"request": "GET"}), 400),
    (bundle("transaction", {"request": {"method": "GET"}}), 400),
    (bundle("transaction", {"request": {"method": 1, "url": 2}}), 400),
    (bundle("transaction", {"request": {"method": "TRACE", "url": "Patient"}}), 400),
    (bundle("transaction", entry("GET", "")), 400),
    (bundle("transaction", entry("GET", "Patient/1", ifmatch="x")), 400),
    (bundle("transaction", entry("POST", "Patient")), 400),
    (bundle("transaction", entry("POST", "Patient", [])), 400),
    (bundle("transaction", entry("POST", "Patient", {"resourceType": 7})), 400),
    (bundle("transaction", entry("POST", "Observation", {"resourceType": "Patient"})), 400),
    (bundle("transaction", entry("POST", "Nothing", {"resourceType": "Patient"})), 404),
    (bundle("transaction", entry("PUT", "Patient", {"resourceType": "Patient"})), 400),
    (bundle("transaction", entry("PUT", "Patient?_sort=name", {"resourceType": "Patient"})), 400),
    (bundle("transaction", entry("PUT", "Patient?nmae=x", {"resourceType": "Patient"})), 400),
    (bundle("transaction", entry("PUT", "Patient/", {"resourceType": "Patient", "id": ""})), 400),
    (bundle("transaction", entry("PUT", "Patient/a b", {"resourceType": "Patient", "id": "a b"})), 400),
    (bundle("transaction", entry("DELETE", "Patient")), 400),
    (bundle("transaction", entry("DELETE", "Patient/a%00b")), 400),
    (bundle("transaction", entry("DELETE", "Patient?identifier=%00")), 400),
    (bundle("transaction", entry("DELETE", "Patient?name=%ff&_id=1")), 400),
    (bundle("transaction", entry("GET", "../admin/")), 400),
    (bundle("transaction", entry("GET", "%2e%2e/admin/")), 400),
    (bundle("transaction", entry("GET", "//example.org/Patient")), 400),
    (bundle("transaction", entry("GET", "https://example.org/fhir/Patient/1")), 400),
    (bundle("transaction", entry("GET", "Patient/1#x")), 400),
    (bundle("transaction", entry("GET", "Patient?name=%zz")), 400),
    (bundle("transaction", entry("GET", "Patient?name=é")), 200),
    (bundle("transaction", entry("GET", "Patient?" + "x" * 70_000)), 413),
    (bundle("transaction", entry("POST", "", bundle("transaction"))), 400),
    (bundle("transaction", entry("PATCH", "Patient/1", {"resourceType": "Binary", "data": "%"})), 400),
    (bundle("transaction", post(patient("s"), full_url="x"), post(patient("s"), full_url="x")), 400),
    (bundle("transaction", *([entry("GET", "metadata")] * 5001)), 413),
]


class TestHostileBundles:
    @pytest.mark.parametrize(("value", "status"), HOSTILE)
    def test_are_answered_with_an_outcome(self, client, value, status):
        response = sent(client, value)

        assert response.status_code == status, response.content
        if status != 200:
            assert response.json()["resourceType"] == "OperationOutcome"

    @given(st.sampled_from(["batch", "transaction"]), st.lists(ANY_ENTRY, max_size=4))
    @hypothesis.settings(max_examples=100, deadline=None)
    def test_of_any_json_are_answered(self, client, type, entries):
        response = sent(client, bundle(type, *entries))

        assert response.status_code < 500, response.content
        for answer in response.json().get("entry", []):
            assert int(answer["response"]["status"][:3]) < 500, answer

    def test_of_too_many_entries_are_too_costly(self, client):
        response = sent(client, bundle("batch", *([entry("GET", "metadata")] * 5001)))

        assert issue(response) == (
            413,
            "too-costly",
            "A Bundle may have at most 5,000 entries here; this has 5,001.",
        )

    def test_stored_bundles_keep_their_own_links(self, client):
        inner = bundle("transaction", post(observation(urn()), urn()))
        response = sent(client, bundle("transaction", post(inner)), prefer="representation")

        assert response.json()["entry"][0]["resource"]["entry"] == inner["entry"]

    def test_nobody_unknown_is_let_in(self, anonymous):
        assert sent(anonymous, bundle("transaction")).status_code == 401

"""References, URIs and links between the entries of a transaction, and what they become."""

import pytest

from tests.patients.api.bundle_requests import (
    bundle,
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
from tests.patients.api.messages import created, issue

ELSEWHERE = "https://elsewhere.example/fhir"
NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def _stored(client, response, at: int) -> dict:
    return client.get(f"/fhir/{locations(response)[at]}").json()


class TestHyperlinks:
    @pytest.mark.parametrize(
        "full_url", [f"{ELSEWHERE}/Patient/1", "urn:uuid:6b2ba1f4-3b9c-4b26-8e7b-9b6a4f7a1c11"]
    )
    def test_of_narrative_name_what_entries_become(self, client, full_url):
        text = NARRATIVE.format(
            f'<p><a href="{full_url}">She</a> and <a href="{ELSEWHERE}/Patient/2">he</a></p>'
        )
        seen = observation(full_url, text={"status": "additional", "div": text})

        response = sent(client, bundle("transaction", post(seen), post(patient(new_system()), full_url)))

        reference = locations(response)[1]
        stored = _stored(client, response, 0)
        assert stored["subject"]["reference"] == reference
        assert stored["text"]["div"] == NARRATIVE.format(
            f'<p><a href="{reference}">She</a> and <a href="{ELSEWHERE}/Patient/2">he</a></p>'
        )


class TestVersionedReferences:
    @pytest.mark.parametrize("reference", [f"{ELSEWHERE}/Patient/1/_history/3", "Patient/1/_history/3"])
    def test_to_what_gets_another_id_are_refused(self, client, reference):
        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(new_system(), id="1"), f"{ELSEWHERE}/Patient/1"),
                post(observation(reference), f"{ELSEWHERE}/Observation/1"),
            ),
        )

        assert issue(response) == (
            400,
            "invalid",
            f"Entry 1: {reference}: entry 0 gets an id and a version of its own here;"
            " refer to it without one.",
        )

    def test_to_what_keeps_its_id_are_kept(self, client):
        id = created(client)
        base = "http://testserver/fhir"

        response = sent(
            client,
            bundle(
                "transaction",
                {**put({"resourceType": "Patient", "id": id}), "fullUrl": f"{base}/Patient/{id}"},
                post(observation(f"Patient/{id}/_history/1"), f"{base}/Observation/{new_id()}"),
            ),
        )

        assert _stored(client, response, 1)["subject"]["reference"] == f"Patient/{id}/_history/1"


class TestConditionalReferences:
    def test_to_what_is_both_in_the_bundle_and_stored_are_refused(self, client):
        system = new_system()
        created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(system)),
                post(observation(f"Patient?identifier={system}|1")),
            ),
        )

        assert issue(response) == (
            412,
            "conflict",
            f"Entry 1: Patient?identifier={system}|1: more than one resource has this identifier.",
        )

    def test_name_what_the_bundle_gives_the_identifier(self, client):
        """Whoever had it before is changed by the same bundle, and has it no more."""
        system = new_system()
        former = created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(
            client,
            bundle(
                "transaction",
                put(patient(system, "2", id=former)),
                post(patient(system)),
                post(observation(f"Patient?identifier={system}|1")),
            ),
        )

        assert _stored(client, response, 2)["subject"]["reference"] == locations(response)[1]

    def test_name_what_the_bundle_updates_once(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(
            client,
            bundle(
                "transaction",
                put(patient(system, id=id, active=True)),
                post(observation(f"Patient?identifier={system}|1")),
            ),
        )

        assert _stored(client, response, 1)["subject"]["reference"] == f"Patient/{id}"

    def test_do_not_name_what_the_bundle_takes_the_identifier_from(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(
            client,
            bundle(
                "transaction",
                put(patient(system, "2", id=id)),
                post(observation(f"Patient?identifier={system}|1")),
            ),
        )

        assert issue(response)[0] == 412

    def test_name_what_if_none_exist_found(self, client):
        system = new_system()
        id = created(client, identifier=[{"system": system, "value": "1"}])

        response = sent(
            client,
            bundle(
                "transaction",
                post(patient(system), urn(), ifNoneExist=f"identifier={system}|1"),
                post(observation(f"Patient?identifier={system}|1")),
            ),
        )

        assert statuses(response) == ["200 OK", "201 Created"]
        assert _stored(client, response, 1)["subject"]["reference"] == f"Patient/{id}"

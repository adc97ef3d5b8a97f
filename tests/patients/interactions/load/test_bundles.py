"""Transactions, batches and collections: ids, references, and what is refused."""

import json

import pytest

from tests.patients.interactions.load.loads import (
    bundle,
    identified,
    load,
    new_id,
    new_system,
    observation,
    patient,
    post,
    practitioner,
    put,
    stored,
    stored_text,
    written,
)
from tests.patients.models.recomputed import flaws


class TestTransaction:
    def test_gives_new_ids_and_lets_references_follow(self, tmp_path):
        system, place = new_system(), f"urn:uuid:{new_id()}"
        document = bundle(
            "transaction",
            post(
                observation(
                    system,
                    place,
                    "a",
                    focus=[{"reference": "#x"}],
                    contained=[{"resourceType": "Device", "id": "x", "patient": {"reference": place}}],
                )
            ),
            post(patient(system, "b", id="not-kept"), place),
        )

        run = load(written(tmp_path / "a.json", document))

        assert (run.exit_code, run.summary["created"]) == (0, 2)
        observed, person = identified(system)
        assert person != "Patient/not-kept"
        assert stored(observed)["subject"] == {"reference": person}
        assert stored(observed)["contained"][0]["patient"] == {"reference": person}
        assert stored(observed)["focus"] == [{"reference": "#x"}]
        assert flaws(*observed.split("/")) == flaws(*person.split("/")) == []

    def test_keeps_the_ids_of_puts_and_counts_versions(self, tmp_path):
        system, id = new_system(), new_id()
        first = bundle("transaction", put(patient(system, id=id)))
        second = bundle("transaction", put(patient(system, id=id, active=True)))

        created = load(written(tmp_path / "a.json", first))
        updated = load(written(tmp_path / "b.json", second))

        assert (created.summary["created"], updated.summary["updated"]) == (1, 1)
        assert stored(f"Patient/{id}")["meta"]["versionId"] == "2"
        assert flaws("Patient", id) == []

    def test_is_refused_whole_with_the_entry_at_fault(self, tmp_path):
        system = new_system()
        document = bundle(
            "transaction", post(patient(system)), post(patient(system, gender="mle")), post(patient(system))
        )

        run = load(written(tmp_path / "a.json", document))

        assert run.exit_code == 1
        assert run.summary["refused"] == 3
        assert "a.json entry 1 (Patient/-): Patient.gender must be one of the codes" in run.errors
        assert "entry 0" not in run.errors
        assert identified(system) == []

    def test_refuses_a_place_that_no_entry_has(self, tmp_path):
        system, place = new_system(), f"urn:uuid:{new_id()}"
        run = load(written(tmp_path / "a.json", bundle("transaction", post(observation(system, place)))))

        assert run.exit_code == 1
        assert f"{place}: no entry that can be loaded has this fullUrl." in run.errors

    def test_refuses_one_resource_twice(self, tmp_path):
        id, system = new_id(), new_system()
        document = bundle("transaction", put(patient(system, id=id)), put(patient(system, id=id)))

        run = load(written(tmp_path / "a.json", document))

        assert f"Patient/{id} is in two entries of one transaction." in run.errors
        assert identified(system) == []

    @pytest.mark.parametrize(
        ("request_", "sentence"),
        [
            ({"method": "DELETE", "url": "Patient/1"}, "Only entries with the methods POST and PUT"),
            ({"method": "POST", "url": "Observation"}, "is created by POST Patient, not POST Observation."),
            ({"method": "PUT", "url": "Patient?identifier=1"}, "is updated by PUT Patient/id"),
            ({"method": "PUT", "url": "Patient/other"}, "must have the id of its PUT Patient/other."),
            ({"method": "PUT", "url": "Patient/1", "ifMatch": 'W/"1"'}, "ifMatch cannot be honoured"),
            ({"method": "POST", "url": "Patient", "ifNoneExist": "name=x"}, "only the criterion identifier="),
            ({"method": "PUT", "url": "Patient/1", "ifNoneExist": "identifier=x"}, "goes with POST"),
            ({}, "The entry has no request with a url."),
        ],
    )
    def test_refuses_what_it_cannot_do(self, tmp_path, request_, sentence):
        system = new_system()
        entry = {"resource": patient(system, id="1"), "request": request_}

        run = load(written(tmp_path / "a.json", bundle("transaction", entry)))

        assert run.exit_code == 1
        assert sentence in run.errors
        assert identified(system) == []

    def test_resolves_relative_references_against_the_full_url(self, tmp_path):
        system, base = new_system(), f"https://{new_id()}.example.org/fhir/"
        document = bundle(
            "transaction",
            post(patient(system, "p"), f"{base}Patient/7"),
            post(observation(system, "Patient/7", "o1"), f"{base}Observation/1"),
            post(observation(system, f"{base}Patient/7", "o2")),
        )

        load(written(tmp_path / "a.json", document))

        first, second, person = identified(system)
        assert stored(first)["subject"] == stored(second)["subject"] == {"reference": person}

    def test_changes_only_what_is_a_link(self, tmp_path):
        system, place = new_system(), f"urn:uuid:{new_id()}"
        link = f'<a href="{place}">{place}</a>'
        text = json.dumps(
            bundle(
                "transaction",
                post(
                    observation(
                        system,
                        place,
                        "a",
                        note=[{"text": place}],
                        extension=[
                            {"url": "http://x.org/a", "valueUri": place},
                            {"url": "http://x.org/b", "valueString": f"𝄞 {place}"},
                            {"url": "http://x.org/c", "valueDecimal": "NUMBER"},
                        ],
                        text={
                            "status": "generated",
                            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{link}</div>',
                        },
                    )
                ),
                post(patient(system, place), place),
            )
        ).replace('"NUMBER"', "1.0E2")

        load(written(tmp_path / "a.json", text))

        observed, person = identified(system)
        found = stored(observed)
        assert found["note"] == [{"text": place}]
        assert found["extension"][0]["valueUri"] == person
        assert found["extension"][1]["valueString"] == f"𝄞 {place}"
        assert f'<a href="{person}">{place}</a>' in found["text"]["div"]
        assert '"valueDecimal":1.0E2' in stored_text(observed)
        assert stored(person)["identifier"][0]["value"] == place


class TestBatch:
    def test_leaves_out_what_is_refused_and_what_refers_to_it(self, tmp_path):
        system, place, other = new_system(), f"urn:uuid:{new_id()}", f"urn:uuid:{new_id()}"
        document = bundle(
            "batch",
            post(patient(system, "good"), other),
            post(patient(system, "bad", gender="mle"), place),
            post(observation(system, place, "lost")),
            post(observation(system, other, "kept")),
        )

        run = load(written(tmp_path / "a.json", document))

        assert (run.exit_code, run.summary["created"], run.summary["refused"]) == (1, 2, 2)
        assert "entry 2 (Observation/-): It refers to entry 1, which is refused." in run.errors
        assert len(identified(system)) == 2

    def test_tries_what_was_refused_again_and_nothing_else(self, tmp_path):
        system, elsewhere = new_system(), new_system()
        document = bundle(
            "batch",
            post(patient(system, "1")),
            post(observation(system, f"Patient?identifier={elsewhere}|9", "2")),
        )
        file = written(tmp_path / "a.json", document)

        first = load(file)
        load(written(tmp_path / "b.json", bundle("batch", post(patient(elsewhere, "9")))))
        second = load(file)
        third = load(file)

        assert (first.exit_code, first.summary["created"]) == (1, 1)
        assert (second.exit_code, second.summary["created"], second.summary["loaded_before"]) == (0, 1, 1)
        assert third.summary["files_loaded_before"] == 1
        assert len(identified(system)) == 2
        assert stored(identified(system)[1])["subject"] == {"reference": identified(elsewhere)[0]}


class TestCollection:
    def test_keeps_ids_and_gives_them_to_those_without(self, tmp_path):
        system, id, place = new_system(), new_id(), f"urn:uuid:{new_id()}"
        document = bundle(
            "collection",
            {"resource": patient(system, "1", id=id)},
            {"resource": observation(system, f"Patient/{id}", "2")},
            {"resource": observation(system, place, "3")},
            {"fullUrl": place, "resource": patient(system, "4")},
        )

        run = load(written(tmp_path / "a.json", document))

        kept, first, second, made = identified(system)
        assert run.summary["created"] == 4
        assert kept == f"Patient/{id}"
        assert stored(first)["subject"]["reference"] == kept
        assert stored(second)["subject"]["reference"] == made


class TestConditionalReference:
    def test_is_looked_for_in_the_bundle_first(self, tmp_path):
        system, outside = new_system(), new_system()
        load(written(tmp_path / "0.json", bundle("batch", post(practitioner(system, "7")))))
        performer = {"performer": [{"reference": f"Practitioner?identifier={system}|7"}]}
        document = bundle(
            "transaction",
            post(patient(outside, "b"), "urn:uuid:1"),
            post(observation(outside, "urn:uuid:1", "a", **performer)),
            post(practitioner(system, "7", active=True)),
        )

        run = load(written(tmp_path / "a.json", document))

        assert run.exit_code == 0
        found = stored(identified(outside)[0])["performer"][0]["reference"]
        assert stored(found)["active"] is True

    def test_is_refused_if_several_resources_meet_it(self, tmp_path):
        system = new_system()
        load(written(tmp_path / "0.json", bundle("batch", post(patient(system)), post(patient(system)))))
        document = bundle("transaction", post(observation(new_system(), f"Patient?identifier={system}|1")))

        run = load(written(tmp_path / "a.json", document))

        assert run.exit_code == 1
        assert f"Patient?identifier={system}|1: more than one resource has this identifier." in run.errors

    @pytest.mark.parametrize(
        "query", ["name=x", "identifier=", "identifier=a|b|c", "identifier=a,b", "identifier=a&name=b"]
    )
    def test_is_refused_if_it_is_not_one_identifier(self, tmp_path, query):
        document = bundle("transaction", post(observation(new_system(), f"Patient?{query}")))

        run = load(written(tmp_path / "a.json", document))

        assert run.exit_code == 1
        assert f"Patient?{query}: " in run.errors

    def test_waits_for_files_that_come_later(self, tmp_path):
        system = new_system()
        chain = [
            bundle("transaction", post(observation(system, f"Patient?identifier={system}|b", "a"))),
            bundle(
                "transaction",
                post(
                    patient(
                        system,
                        "b",
                        generalPractitioner=[{"reference": f"Practitioner?identifier={system}|c"}],
                    )
                ),
            ),
            bundle("batch", post(practitioner(system, "c"))),
        ]
        for name, document in zip("abc", chain, strict=True):
            written(tmp_path / f"{name}.json", document)

        rehearsed = load(tmp_path, dry_run=True)
        run = load(tmp_path)

        assert (rehearsed.exit_code, rehearsed.summary["created"]) == (0, 3)
        assert (run.exit_code, run.summary["created"], run.summary["files"]) == (0, 3, 3)
        first, second, third = identified(system)
        assert stored(first)["subject"]["reference"] == second
        assert stored(second)["generalPractitioner"][0]["reference"] == third


class TestConditionalCreate:
    def test_creates_once(self, tmp_path):
        system, others, place = new_system(), new_system(), f"urn:uuid:{new_id()}"
        create = post(patient(system), place, ifNoneExist=f"identifier={system}|1")
        load(written(tmp_path / "a.json", bundle("batch", create)))

        run = load(
            written(tmp_path / "b.json", bundle("transaction", create, post(observation(others, place))))
        )

        assert (run.summary["existing"], run.summary["created"]) == (1, 1)
        assert stored(identified(others)[0])["subject"]["reference"] == identified(system)[0]
        assert len(identified(system)) == 1

    def test_creates_once_within_a_bundle(self, tmp_path):
        system = new_system()
        create = post(patient(system), ifNoneExist=f"identifier={system}|1")

        run = load(written(tmp_path / "a.json", bundle("batch", create, create)))

        assert (run.summary["created"], run.summary["existing"]) == (1, 1)
        assert len(identified(system)) == 1

    def test_is_refused_if_several_exist(self, tmp_path):
        system = new_system()
        load(written(tmp_path / "a.json", bundle("batch", post(patient(system)), post(patient(system)))))
        create = post(patient(system), ifNoneExist=f"identifier={system}|1")

        run = load(written(tmp_path / "b.json", bundle("batch", create)))

        assert run.exit_code == 1
        assert len(identified(system)) == 2


@pytest.mark.parametrize("bundle_type", ["searchset", "history", "transaction-response", "batch-response"])
def test_refuses_the_answers_of_servers(tmp_path, bundle_type):
    run = load(written(tmp_path / "a.json", bundle(bundle_type)))

    assert run.exit_code == 1
    assert f"A Bundle of type {bundle_type} is a server's answer" in run.errors


def test_stores_a_document_as_the_resource_that_it_is(tmp_path):
    id, place = new_id(), "urn:uuid:e1bce8f7-7e7f-4a4b-a8d8-8a6b6a4e2b11"
    document = {
        "resourceType": "Bundle",
        "id": id,
        "type": "collection",
    }
    lines = [{**document, "entry": [{"fullUrl": place, "resource": observation("https://x.org", place)}]}]

    run = load(written(tmp_path / "a.ndjson", lines))

    assert run.exit_code == 0
    assert stored(f"Bundle/{id}")["entry"][0]["resource"]["subject"] == {"reference": place}

"""$export: the real task does the work, and what it writes is what is stored."""

import json
import uuid
from collections import Counter
from datetime import datetime

import psycopg
import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from tests.audited import audit_records
from tests.patients.api.export.orders import (
    ASYNC,
    group_of,
    ids_in,
    job_of,
    lines_of,
    manifest_of,
    ordered,
    work,
)
from tests.patients.api.messages import FHIR, issue


class TestExport:
    def test_writes_the_stored_text_of_each_resource_once(self, client, records):
        id = records.patient(name=[{"family": "Export"}])
        observation = records.observation(id, "72.50", category="laboratory")

        manifest = manifest_of(client, "/fhir/$export?_type=Patient,Observation")

        lines = lines_of(client, manifest)
        stored = client.get(f"/fhir/Patient/{id}").content.decode()
        assert stored in lines
        assert [line for line in lines if observation in line and '"value":72.50,' in line]
        assert max(Counter(json.loads(line)["id"] for line in lines).values()) == 1
        assert {each["type"] for each in manifest["output"]} == {"Patient", "Observation"}
        assert manifest["requiresAccessToken"] is True
        assert manifest["error"] == []
        assert "deleted" not in manifest

    def test_writes_all_that_is_stored_in_slices(self, client, records):
        from patients.models import FhirResource
        from tests.people import write_population

        write_population(1_200, seed=81)

        lines = lines_of(client, manifest_of(client, "/fhir/$export?_type=Patient"))

        live = FhirResource.objects.filter(resource_type="Patient", deleted=False)
        assert len(lines) == live.count()
        assert ids_in(lines) == set(live.values_list("fhir_id", flat=True))

    def test_is_of_the_moment_of_the_order(self, client, records):
        id = records.patient(name=[{"family": "Before"}])
        gone = records.patient(name=[{"family": "Stays"}])
        status = ordered(client, "/fhir/$export?_type=Patient")
        records.changed(id, name=[{"family": "After"}])
        records.deleted(gone)
        new = records.patient()
        work(status)

        lines = lines_of(client, client.get(status).json())

        assert [json.loads(line)["name"][0]["family"] for line in lines if id in line] == ["Before"]
        assert gone in ids_in(lines)
        assert new not in ids_in(lines)

    def test_is_answered_202_with_its_progress_until_it_is_done(self, client, records):
        from patients.interactions import export

        status = ordered(client, "/fhir/$export?_type=Patient,Observation")

        waiting = client.get(status)
        export.run_portion(job_of(status).id, seconds=0)
        between = client.get(status)
        work(status)
        done = client.get(status)

        assert (waiting.status_code, waiting["X-Progress"]) == (202, "0 resources; 0 of 2 types done")
        assert (waiting["Retry-After"], between.status_code, done.status_code) == ("2", 202, 200)
        assert done["Content-Type"] == "application/json; charset=utf-8"
        assert "Expires" in done

    def test_may_be_ordered_by_post(self, client, records):
        body = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "_type", "valueString": "Observation"},
                {"name": "_outputFormat", "valueString": "ndjson"},
            ],
        }

        response = client.post("/fhir/$export", json.dumps(body), content_type=FHIR, headers=ASYNC)

        assert response.status_code == 202
        assert job_of(response["Content-Location"]).types == ["Observation"]


class TestPatients:
    def test_are_chosen_by_what_is_posted(self, client, records):
        chosen, other = records.patient(), records.patient()
        conditions = [records.condition(each, "Cough") for each in (chosen, other)]

        response = posted_order(client, "Patient", "Patient,Condition", f"Patient/{chosen}")
        work(response["Content-Location"])

        manifest = client.get(response["Content-Location"]).json()
        assert ids_in(lines_of(client, manifest)) == {chosen, conditions[0]}
        assert manifest["request"] == "http://testserver/fhir/Patient/$export"

    def test_of_a_group_are_members_of_it(self, client, records):
        member, former = records.patient(), records.patient()
        group = group_of(records, member, former)

        response = posted_order(client, f"Group/{group}", "Patient", f"Patient/{member}")
        refused = posted_order(client, f"Group/{group}", "Patient", f"Patient/{former}")

        assert job_of(response["Content-Location"]).members == [member]
        assert issue(refused) == (404, "not-found", f"Patient/{former} is not known in this group.")

    @pytest.mark.parametrize(
        ("level", "reference", "status", "code"),
        [
            ("Patient", "Patient/nobody", 404, "not-found"),
            ("Patient", "Group/1", 400, "value"),
            ("Patient", "http://example.org/Patient/1", 400, "value"),
            ("", "Patient/1", 400, "not-supported"),
        ],
    )
    def test_that_cannot_be_honoured_are_refused(self, client, level, reference, status, code):
        assert issue(posted_order(client, level, "Patient", reference))[:2] == (status, code)

    def test_are_not_chosen_by_the_address(self, client):
        response = client.get("/fhir/Patient/$export?patient=Patient/1", headers=ASYNC)

        assert issue(response)[:2] == (400, "not-supported")

    def test_are_in_the_audit_with_all_that_was_posted(self, client, records, user):
        id = records.patient()
        posted_order(client, "Patient", "Condition", f"Patient/{id}")

        row = audit_records().filter(actor=user.get_username(), interaction="export").latest("id")
        assert row.query == (
            f"http://testserver/fhir/Patient/$export with _type=Condition&patient=Patient%2F{id}"
        )


class TestElements:
    def test_are_those_of_the_types_they_are_asked_of(self, client, records):
        patient = records.patient(birthDate="1950-01-02", gender="female")
        condition = records.condition(patient, "Cough")

        first = exported(client, "Patient.birthDate,Patient.name", patient, condition)
        second = exported(client, "gender,subject", patient, condition)

        assert first[patient].keys() >= {"birthDate"}
        assert {"gender"}.isdisjoint(first[patient])
        assert first[patient]["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert first[condition].keys() >= {"code", "subject"}
        assert "tag" not in first[condition]["meta"]
        assert second[patient].keys() == {"resourceType", "id", "meta", "gender"}
        assert second[condition].keys() == {"resourceType", "id", "meta", "subject"}


class TestSince:
    def test_takes_changes_and_deletions_after_it(self, client, records):
        old, gone = records.patient(), records.patient()
        first = manifest_of(client, "/fhir/$export?_type=Patient")
        records.deleted(gone)
        new = records.patient()

        second = manifest_of(client, f"/fhir/$export?_type=Patient&_since={first['transactionTime']}")

        found = ids_in(lines_of(client, second))
        assert new in found
        assert old not in found or first["transactionTime"] < _updated(client, old)
        [deletion] = [line for line in lines_of(client, second, "deleted") if gone in line]
        assert json.loads(deletion) == {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "DELETE", "url": f"Patient/{gone}"}}],
        }

    def test_never_passes_a_transaction_that_is_open(self, client, records):
        from patients.models import writing
        from tests.people import patient

        id = str(uuid.uuid4())
        change = writing.change_to(patient(), id=id, expected_version=0, method="PUT")
        with psycopg.connect(**_parameters()) as other:
            other.execute(writing.WRITE.sql, writing.parameters(change))
            visible = records.patient()
            first = manifest_of(client, "/fhir/$export?_type=Patient")
            other.commit()
        second = manifest_of(client, f"/fhir/$export?_type=Patient&_since={first['transactionTime']}")

        before, after = ids_in(lines_of(client, first)), ids_in(lines_of(client, second))
        assert visible in before
        assert (id in before, id in after) == (False, True)

    def test_is_not_held_back_by_a_transaction_that_only_reads(self, client, records):
        with psycopg.connect(**_parameters()) as other:
            (began,) = other.execute("SELECT now() FROM fhir_resources LIMIT 1").fetchone()
            records.patient()

            manifest = manifest_of(client, "/fhir/$export?_type=Patient")

        assert datetime.fromisoformat(manifest["transactionTime"]) > began


class TestCompartments:
    def test_patient_leaves_out_what_is_about_nobody(self, client, records):
        id = records.patient()
        about = records.condition(id, "Cough")
        group = records.stored({"resourceType": "Group", "type": "device", "actual": True})

        manifest = manifest_of(client, "/fhir/Patient/$export?_type=Patient,Condition,Group")

        found = ids_in(lines_of(client, manifest))

        assert {id, about} <= found
        assert group not in found

    def test_group_takes_its_active_members_only(self, client, records):
        member, former, other = records.patient(), records.patient(), records.patient()
        conditions = [records.condition(each, "Cough") for each in (member, former, other)]
        group = group_of(records, member, former)
        status = ordered(client, f"/fhir/Group/{group}/$export?_type=Patient,Condition")
        records_of_member_change = records.condition(member, "Later")
        work(status)

        found = ids_in(lines_of(client, client.get(status).json()))

        assert found == {member, conditions[0]}
        assert records_of_member_change not in found

    def test_group_knows_what_was_in_it_when_it_was_ordered(self, client, records):
        from patients import interactions

        member = records.patient()
        condition = records.condition(member, "Cough")
        group = group_of(records, member, records.patient())
        status = ordered(client, f"/fhir/Group/{group}/$export?_type=Condition")
        interactions.delete(actor=records.actor, resource_type="Condition", id=condition)
        work(status)
        first = client.get(status).json()

        second = manifest_of(
            client, f"/fhir/Group/{group}/$export?_type=Condition&_since={first['transactionTime']}"
        )

        assert ids_in(lines_of(client, first)) == {condition}
        assert condition in "".join(lines_of(client, second, "deleted"))

    def test_an_unknown_group_is_404_and_a_deleted_one_410(self, client, records):
        from patients import interactions

        group = group_of(records, records.patient(), records.patient())
        interactions.delete(actor=records.actor, resource_type="Group", id=group)

        assert issue(client.get("/fhir/Group/none/$export", headers=ASYNC))[:2] == (404, "not-found")
        assert issue(client.get(f"/fhir/Group/{group}/$export", headers=ASYNC))[:2] == (410, "deleted")


def exported(client: Client, elements: str, *ids: str) -> dict[str, dict]:
    manifest = manifest_of(client, f"/fhir/$export?_type=Patient,Condition&_elements={elements}")
    resources = [json.loads(line) for line in lines_of(client, manifest)]
    return {each["id"]: each for each in resources if each["id"] in ids}


def posted_order(client: Client, level: str, types: str, *patients: str) -> HttpResponse:
    parameters = [{"name": "_type", "valueString": types}]
    parameters += [{"name": "patient", "valueReference": {"reference": each}} for each in patients]
    return client.post(
        f"/fhir/{level}/$export" if level else "/fhir/$export",
        json.dumps({"resourceType": "Parameters", "parameter": parameters}),
        content_type=FHIR,
        headers=ASYNC,
    )


def _updated(client: Client, id: str) -> str:
    return client.get(f"/fhir/Patient/{id}").json()["meta"]["lastUpdated"]


def _parameters() -> dict:
    """A connection of its own, as the application's role."""
    of_site = connections["default"].get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    return {name: of_site[name] for name in wanted if name in of_site}

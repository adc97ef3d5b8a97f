"""$export: the real task does the work, and what it writes is what is stored."""

import json
import signal
import subprocess
import sys
import uuid
from collections import Counter
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.utils import timezone

from tests.patients.api.messages import FHIR, issue
from tests.records import Records

ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def records(user) -> Records:
    from patients.access import actor_for

    return Records(actor_for(user, channel="token", request_id="", address=""))


@pytest.fixture
def someone(database) -> Client:
    """Another user."""
    from patients.tokens import make_token

    other = get_user_model().objects.create_user(f"user-{uuid.uuid4()}", password="correct horse battery")
    return Client(headers={"Authorization": f"Bearer {make_token(other, label='test', days=1)}"})


@pytest.fixture(autouse=True)
def no_jobs(database):
    """Each test orders its own; a user may have five at a time."""
    from patients.models import ExportJob

    ExportJob.objects.all().delete()


def _ordered(client: Client, address: str) -> str:
    """The address of the export's status."""
    response = client.get(address, headers=ASYNC)
    assert response.status_code == 202, response.content
    return response["Content-Location"]


def _job(status: str):
    from patients.models import ExportJob

    return ExportJob.objects.get(id=status.rpartition("/")[2])


def _work(status: str) -> None:
    """What the worker does when it hears of the job."""
    from patients.tasks import continue_export

    continue_export.apply(args=[status.rpartition("/")[2]], throw=True)


def _manifest(client: Client, address: str) -> dict:
    status = _ordered(client, address)
    _work(status)
    response = client.get(status)
    assert response.status_code == 200, response.content
    return response.json()


def _body(response) -> bytes:
    return b"".join(response.streaming_content)


def _lines(client: Client, manifest: dict, kind: str = "output") -> list[str]:
    lines = []
    for each in manifest[kind]:
        response = client.get(each["url"], headers={"Accept": "application/fhir+ndjson"})
        assert response.status_code == 200
        assert response["Content-Type"] == "application/fhir+ndjson"
        own = _body(response).decode().splitlines()
        assert len(own) == each["count"]
        lines += own
    return lines


def _ids(lines: list[str]) -> set[str]:
    return {json.loads(line)["id"] for line in lines}


class TestExport:
    def test_writes_the_stored_text_of_each_resource_once(self, client, records):
        id = records.patient(name=[{"family": "Export"}])
        observation = records.observation(id, "72.50", category="laboratory")

        manifest = _manifest(client, "/fhir/$export?_type=Patient,Observation")

        lines = _lines(client, manifest)
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

        lines = _lines(client, _manifest(client, "/fhir/$export?_type=Patient"))

        live = FhirResource.objects.filter(resource_type="Patient", deleted=False)
        assert len(lines) == live.count()
        assert _ids(lines) == set(live.values_list("fhir_id", flat=True))

    def test_is_of_the_moment_of_the_order(self, client, records):
        id = records.patient(name=[{"family": "Before"}])
        gone = records.patient(name=[{"family": "Stays"}])
        status = _ordered(client, "/fhir/$export?_type=Patient")
        records.changed(id, name=[{"family": "After"}])
        records.deleted(gone)
        new = records.patient()
        _work(status)

        lines = _lines(client, client.get(status).json())

        assert [json.loads(line)["name"][0]["family"] for line in lines if id in line] == ["Before"]
        assert gone in _ids(lines)
        assert new not in _ids(lines)

    def test_is_answered_202_with_its_progress_until_it_is_done(self, client, records):
        from patients.interactions import export

        status = _ordered(client, "/fhir/$export?_type=Patient,Observation")

        waiting = client.get(status)
        export.run_portion(_job(status).id, seconds=0)
        between = client.get(status)
        _work(status)
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
        assert _job(response["Content-Location"]).types == ["Observation"]


class TestSince:
    def test_takes_changes_and_deletions_after_it(self, client, records):
        old, gone = records.patient(), records.patient()
        first = _manifest(client, "/fhir/$export?_type=Patient")
        records.deleted(gone)
        new = records.patient()

        second = _manifest(client, f"/fhir/$export?_type=Patient&_since={first['transactionTime']}")

        found = _ids(_lines(client, second))
        assert new in found
        assert old not in found or first["transactionTime"] < _updated(client, old)
        [deletion] = [line for line in _lines(client, second, "deleted") if gone in line]
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
            first = _manifest(client, "/fhir/$export?_type=Patient")
            other.commit()
        second = _manifest(client, f"/fhir/$export?_type=Patient&_since={first['transactionTime']}")

        before, after = _ids(_lines(client, first)), _ids(_lines(client, second))
        assert visible in before
        assert (id in before, id in after) == (False, True)


class TestCompartments:
    def test_patient_leaves_out_what_is_about_nobody(self, client, records):
        id = records.patient()
        about = records.condition(id, "Cough")
        group = records.stored({"resourceType": "Group", "type": "device", "actual": True})

        found = _ids(_lines(client, _manifest(client, "/fhir/Patient/$export?_type=Patient,Condition,Group")))

        assert {id, about} <= found
        assert group not in found

    def test_group_takes_its_active_members_only(self, client, records):
        member, former, other = records.patient(), records.patient(), records.patient()
        conditions = [records.condition(each, "Cough") for each in (member, former, other)]
        group = _group(records, member, former)
        status = _ordered(client, f"/fhir/Group/{group}/$export?_type=Patient,Condition")
        records_of_member_change = records.condition(member, "Later")
        _work(status)

        found = _ids(_lines(client, client.get(status).json()))

        assert found == {member, conditions[0]}
        assert records_of_member_change not in found

    def test_group_knows_what_was_in_it_when_it_was_ordered(self, client, records):
        from patients import interactions

        member = records.patient()
        condition = records.condition(member, "Cough")
        group = _group(records, member, records.patient())
        status = _ordered(client, f"/fhir/Group/{group}/$export?_type=Condition")
        interactions.delete(actor=records.actor, resource_type="Condition", id=condition)
        _work(status)
        first = client.get(status).json()

        second = _manifest(
            client, f"/fhir/Group/{group}/$export?_type=Condition&_since={first['transactionTime']}"
        )

        assert _ids(_lines(client, first)) == {condition}
        assert condition in "".join(_lines(client, second, "deleted"))

    def test_an_unknown_group_is_404_and_a_deleted_one_410(self, client, records):
        from patients import interactions

        group = _group(records, records.patient(), records.patient())
        interactions.delete(actor=records.actor, resource_type="Group", id=group)

        assert issue(client.get("/fhir/Group/none/$export", headers=ASYNC))[:2] == (404, "not-found")
        assert issue(client.get(f"/fhir/Group/{group}/$export", headers=ASYNC))[:2] == (410, "deleted")


class TestFiles:
    def test_come_in_parts_that_can_be_put_together(self, client, records):
        records.patient()
        [entry] = _manifest(client, "/fhir/$export?_type=Patient")["output"]
        whole = client.get(entry["url"])
        text = _body(whole)

        first = client.get(entry["url"], headers={"Range": "bytes=0-9"})
        rest = client.get(entry["url"], headers={"Range": "bytes=10-", "If-Range": whole["ETag"]})
        last = client.get(entry["url"], headers={"Range": "bytes=-5"})
        changed = client.get(entry["url"], headers={"Range": "bytes=0-9", "If-Range": '"another"'})
        behind = client.get(entry["url"], headers={"Range": f"bytes={len(text)}-"})

        assert [each.status_code for each in (first, rest, last, changed, behind)] == [
            206,
            206,
            206,
            200,
            416,
        ]
        assert _body(first) + _body(rest) == text
        assert first["Content-Range"] == f"bytes 0-9/{len(text)}"
        assert _body(last) == text[-5:]
        assert behind["Content-Range"] == f"bytes */{len(text)}"
        assert whole["Content-Length"] == str(len(text))

    def test_are_closed_to_other_users_of_the_machine(self, client, records):
        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient")
        _work(status)

        from patients.interactions.export import files

        job = _job(status)
        path = files.path_of(job.id, job.files.get().id)
        assert [oct(each.stat().st_mode & 0o777) for each in (path, path.parent, path.parent.parent)] == [
            "0o600",
            "0o700",
            "0o700",
        ]

    def test_leave_an_audit_row_each_as_does_the_order(self, client, records, user):
        from patients.models import AuditRecord

        records.patient()
        [entry] = _manifest(client, "/fhir/$export?_type=Patient")["output"]
        client.get(entry["url"])

        rows = AuditRecord.objects.filter(
            actor=user.get_username(), interaction__in=("export", "export-file")
        )
        order, file = rows.order_by("-id")[:2][::-1]
        assert (order.outcome, order.query) == (202, "http://testserver/fhir/$export?_type=Patient")
        assert (file.resource_type, file.outcome) == ("Patient", 200)
        assert file.query == f"{entry['count']} resources (output) for {order.query}"

    def test_are_removed_after_their_time(self, client, records):
        from patients.interactions.export import files
        from patients.models import ExportJob
        from patients.tasks import attend_exports

        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient")
        _work(status)
        job = _job(status)
        file = files.path_of(job.id, job.files.get().id)
        attend_exports.apply(throw=True)
        assert file.exists()

        long_ago = timezone.now() - timedelta(hours=settings.EXPORT_HOURS, seconds=1)
        ExportJob.objects.filter(id=job.id).update(finished=long_ago)
        attend_exports.apply(throw=True)

        assert not file.parent.exists()
        assert issue(client.get(status))[:2] == (404, "not-found")


class TestOwner:
    def test_nobody_else_learns_of_it(self, client, someone, records):
        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient")
        _work(status)
        [entry] = client.get(status).json()["output"]

        answers = [someone.get(status), someone.delete(status), someone.get(entry["url"])]

        assert [each.status_code for each in answers] == [404, 404, 404]
        assert client.get(status).status_code == 200

    def test_nobody_orders_without_logging_in(self, anonymous):
        assert issue(anonymous.get("/fhir/$export", headers=ASYNC))[:2] == (401, "login")

    def test_orders_five_at_a_time(self, client):
        for _ in range(5):
            _ordered(client, "/fhir/$export?_type=Patient")

        response = client.get("/fhir/$export", headers=ASYNC)

        assert issue(response) == (
            429,
            "throttled",
            "5 exports of yours are under way; wait for one, or cancel it.",
        )


class TestCancel:
    def test_removes_the_files_and_the_job(self, client, records):
        from patients.interactions.export import files

        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient")
        _work(status)
        job = _job(status)
        [entry] = client.get(status).json()["output"]

        response = client.delete(status)

        assert response.status_code == 202
        assert not files.path_of(job.id, job.id).parent.exists()
        assert [client.get(url).status_code for url in (status, entry["url"])] == [404, 404]
        assert client.delete(status).status_code == 404

    def test_stops_the_worker(self, client, records):
        from patients.interactions import export
        from patients.models import ExportJob
        from perf.database import observed

        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient,Observation")
        id, slices = _job(status).id, []

        def cancel(execution) -> None:
            if execution.name == "export slice":
                slices.append(execution)
                with connections["default"].cursor():
                    ExportJob.objects.filter(id=id).delete()

        with observed(cancel):
            is_more = export.run_portion(id)

        assert (is_more, len(slices)) == (False, 1)


class TestKilledWorker:
    def test_another_goes_on_when_the_lease_is_over(self, client, records):
        from patients.interactions import export
        from patients.models import ExportJob, FhirResource
        from tests.people import write_population

        write_population(2_000, seed=82)
        status = _ordered(client, "/fhir/$export?_type=Patient")
        id = _job(status).id

        killed = subprocess.run([sys.executable, "-c", _KILLED_IN_ITS_THIRD_SLICE, str(id)], check=False)
        half = _job(status)
        held = export.run_portion(id)
        ExportJob.objects.filter(id=id).update(lease_until=timezone.now() - timedelta(seconds=1))

        assert killed.returncode == -signal.SIGKILL
        assert (half.state, half.after_id > "", held) == ("running", True, False)
        assert id in export.unattended()
        _work(status)
        lines = _lines(client, client.get(status).json())
        live = set(
            FhirResource.objects.filter(resource_type="Patient", deleted=False).values_list(
                "fhir_id", flat=True
            )
        )
        assert Counter(json.loads(line)["id"] for line in lines) == Counter(live)

    def test_what_fails_again_and_again_is_given_up(self, client, records):
        from patients.interactions.export.running import MOST_ATTEMPTS
        from patients.models import ExportJob

        status = _ordered(client, "/fhir/$export?_type=Patient")
        ExportJob.objects.filter(id=_job(status).id).update(attempts=MOST_ATTEMPTS)
        _work(status)

        assert issue(client.get(status)) == (
            500,
            "exception",
            "The export failed 6 times at the same place; the log tells why.",
        )

    def test_a_folder_that_cannot_be_written_is_told(self, client, records, settings, tmp_path):
        (tmp_path / "file").touch()
        settings.EXPORT_DIR = str(tmp_path / "file")
        records.patient()
        status = _ordered(client, "/fhir/$export?_type=Patient")
        _work(status)

        assert issue(client.get(status)) == (
            500,
            "exception",
            "The files of the export could not be written; the log tells why.",
        )


class TestRefusals:
    def test_it_is_answered_later_only(self, client):
        assert issue(client.get("/fhir/$export")) == (
            400,
            "invalid",
            "$export is answered later only; ask for that with 'Prefer: respond-async'.",
        )

    @pytest.mark.parametrize(
        ("address", "code", "sentence"),
        [
            (
                "$export?_outputFormat=csv",
                "value",
                "Parameter '_outputFormat' takes application/fhir+ndjson only.",
            ),
            (
                "$export?_typeFilter=Patient%3Factive",
                "not-supported",
                "Unknown parameter '_typeFilter'; $export takes _outputFormat, _since, _type.",
            ),
            ("$export?_type=Nothing", "value", "Parameter '_type' names 'Nothing', which R4 has not."),
            (
                "Patient/$export?_type=Practitioner",
                "value",
                "Parameter '_type' names Practitioner, which is in no Patient's compartment.",
            ),
            (
                "$export?_since=yesterday",
                "value",
                "Parameter '_since' has a date that is not written like 2026, 2026-07, 2026-07-15 or"
                " 2026-07-15T09:30:00Z.",
            ),
            ("$export?_since=2026&_since=2025", "value", "Parameter '_since' is given more than once."),
        ],
    )
    def test_a_parameter_that_cannot_be_honoured_is_named(self, client, address, code, sentence):
        assert issue(client.get(f"/fhir/{address}", headers=ASYNC)) == (400, code, sentence)

    @pytest.mark.parametrize(
        "address",
        [
            "_export/none",
            f"_export/{uuid.uuid4()}/..%2f..%2finstance.json",
            "_export/../instance.json",
            f"_export/{uuid.uuid4()}",
            f"_export/{uuid.uuid4()}/{uuid.uuid4()}",
        ],
    )
    def test_what_was_never_ordered_is_404(self, client, address):
        assert client.get(f"/fhir/{address}").status_code == 404


class TestMemory:
    @pytest.mark.long
    def test_stays_flat_over_a_hundred_thousand_resources(self, client, records):
        import psutil

        from patients.interactions import export
        from tests.people import write_population

        for seed in range(100, 110):
            write_population(10_000, seed=seed)
        status = _ordered(client, "/fhir/$export?_type=Patient")
        id, process, most = _job(status).id, psutil.Process(), 0
        before = process.memory_info().rss

        while export.run_portion(id, seconds=1):
            most = max(most, process.memory_info().rss)

        [*entries] = client.get(status).json()["output"]
        assert sum(each["count"] for each in entries) >= 100_000
        assert max(most, process.memory_info().rss) - before < 50 * 1024 * 1024


_KILLED_IN_ITS_THIRD_SLICE = """
import os, signal, sys, uuid
import django
django.setup()
from patients.interactions import export
from perf.database import observed

slices = []

def kill(execution):
    slices.append(execution.name)
    if slices.count("export slice") == 3:
        os.kill(os.getpid(), signal.SIGKILL)

with observed(kill):
    export.run_portion(uuid.UUID(sys.argv[1]))
"""


def _group(records: Records, member: str, former: str) -> str:
    members = [
        {"entity": {"reference": f"Patient/{member}"}},
        {"entity": {"reference": f"Patient/{former}"}, "inactive": True},
    ]
    return records.stored({"resourceType": "Group", "type": "person", "actual": True, "member": members})


def _updated(client: Client, id: str) -> str:
    return client.get(f"/fhir/Patient/{id}").json()["meta"]["lastUpdated"]


def _parameters() -> dict:
    """A connection of its own, as the application's role."""
    of_site = connections["default"].get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    return {name: of_site[name] for name in wanted if name in of_site}

"""Workers that are stopped, killed, or cannot go on; and how much memory they take."""

import json
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from perf.database import Query, fetch_primary
from tests.patients.api.export.orders import job_of, lines_of, ordered, work
from tests.patients.api.messages import issue


class TestCancel:
    def test_removes_the_files_and_the_job(self, client, records):
        from patients.interactions.export import files

        records.patient()
        status = ordered(client, "/fhir/$export?_type=Patient")
        work(status)
        job = job_of(status)
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
        status = ordered(client, "/fhir/$export?_type=Patient,Observation")
        id, slices = job_of(status).id, []

        def cancel(execution) -> None:
            if execution.name == "export slice":
                slices.append(execution)
                with connections["default"].cursor():
                    ExportJob.objects.filter(id=id).delete()

        with observed(cancel):
            is_more = export.run_portion(id)

        assert (is_more, len(slices)) == (False, 1)

    def test_waits_for_a_worker_that_is_noting_a_file(self, client, records):
        """What is in both tables is removed from both, whoever is between them."""
        from patients.models import ExportFile, ExportJob
        from tests.patients.api.concurrency.writers import writing

        status = ordered(client, "/fhir/$export?_type=Patient")
        job, is_noted = job_of(status), threading.Event()

        def note(_: threading.Event) -> None:
            with transaction.atomic():
                ExportJob.objects.filter(id=job.id).update(state="running")
                ExportFile.objects.create(job=job, kind="output", resource_type="Patient")
                is_noted.set()
                while not _waiting():
                    time.sleep(0.01)

        with writing(note):
            is_noted.wait()
            response = client.delete(status)

        assert response.status_code == 202
        assert not ExportFile.objects.filter(job_id=job.id).exists()


class TestQueue:
    def test_has_a_job_once_however_often_it_is_looked_for(self, client, records):
        from patients.interactions import export

        ordered(client, "/fhir/$export?_type=Patient")

        assert export.unattended() == []

    def test_is_promised_the_next_portion(self, client, records):
        from patients.interactions import export
        from patients.models import ExportJob

        status = ordered(client, "/fhir/$export?_type=Patient,Observation")
        id = job_of(status).id
        is_more = export.run_portion(id, seconds=0)
        promised = export.unattended()
        ExportJob.objects.filter(id=id).update(lease_until=timezone.now() - timedelta(seconds=1))

        assert (is_more, promised) == (True, [])
        assert (export.unattended(), export.unattended()) == ([id], [])
        work(status)
        assert job_of(status).state == "completed"


class TestKilledWorker:
    def test_another_goes_on_when_the_lease_is_over(self, client, records):
        from patients.interactions import export
        from patients.models import ExportJob, FhirResource
        from tests.people import write_population

        write_population(2_000, seed=82)
        status = ordered(client, "/fhir/$export?_type=Patient")
        id = job_of(status).id

        killed = subprocess.run([sys.executable, "-c", _KILLED_IN_ITS_THIRD_SLICE, str(id)], check=False)
        half = job_of(status)
        held = export.run_portion(id)
        ExportJob.objects.filter(id=id).update(lease_until=timezone.now() - timedelta(seconds=1))

        assert killed.returncode == -signal.SIGKILL
        assert (half.state, half.after_id > "", held) == ("running", True, False)
        assert id in export.unattended()
        work(status)
        lines = lines_of(client, client.get(status).json())
        live = set(
            FhirResource.objects.filter(resource_type="Patient", deleted=False).values_list(
                "fhir_id", flat=True
            )
        )
        assert Counter(json.loads(line)["id"] for line in lines) == Counter(live)

    def test_what_fails_again_and_again_is_given_up(self, client, records):
        from patients.interactions.export.running import MOST_ATTEMPTS
        from patients.models import ExportJob

        status = ordered(client, "/fhir/$export?_type=Patient")
        ExportJob.objects.filter(id=job_of(status).id).update(attempts=MOST_ATTEMPTS)
        work(status)

        assert issue(client.get(status)) == (
            500,
            "exception",
            "The export failed 6 times at the same place; the log tells why.",
        )

    def test_a_folder_that_cannot_be_written_is_told(self, client, records, settings, tmp_path):
        (tmp_path / "file").touch()
        settings.EXPORT_DIR = str(tmp_path / "file")
        records.patient()
        status = ordered(client, "/fhir/$export?_type=Patient")
        work(status)

        assert issue(client.get(status)) == (
            500,
            "exception",
            "The files of the export could not be written; the log tells why.",
        )

    def test_a_full_disk_is_not_left_full(self, client, records):
        """What was written of it is nobody's any more."""
        from patients.interactions import export
        from patients.interactions.export import files, running
        from patients.models import ExportFile
        from tests.people import write_population

        write_population(2 * running.SLICE, seed=83)
        status = ordered(client, "/fhir/$export?_type=Patient")
        id, process = job_of(status).id, resource.RLIMIT_FSIZE
        limits, handler = resource.getrlimit(process), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(process, (400_000, limits[1]))
        try:
            is_more = export.run_portion(id)
        finally:
            resource.setrlimit(process, limits)
            signal.signal(signal.SIGXFSZ, handler)

        assert (is_more, job_of(status).state) == (False, "failed")
        assert not files.path_of(id, id).parent.exists()
        assert not ExportFile.objects.filter(job_id=id).exists()

    def test_what_is_given_up_leaves_no_files(self, client, records):
        from patients.interactions import export
        from patients.interactions.export import files
        from patients.interactions.export.running import MOST_ATTEMPTS
        from patients.models import ExportJob

        records.patient()
        status = ordered(client, "/fhir/$export?_type=Patient,Observation")
        id = job_of(status).id
        with files.appending(id, id, length=0) as file:
            file.write(b"{}")
        ExportJob.objects.filter(id=id).update(attempts=MOST_ATTEMPTS)

        is_more = export.run_portion(id)

        assert (is_more, job_of(status).state) == (False, "failed")
        assert not files.path_of(id, id).parent.exists()


class TestMemory:
    @pytest.mark.long
    def test_stays_flat_over_a_hundred_thousand_resources(self, client, records):
        import psutil

        from patients.interactions import export
        from tests.people import write_population

        for seed in range(100, 110):
            write_population(10_000, seed=seed)
        status = ordered(client, "/fhir/$export?_type=Patient")
        id, process, most = job_of(status).id, psutil.Process(), 0
        before = process.memory_info().rss

        while export.run_portion(id, seconds=1):
            most = max(most, process.memory_info().rss)

        [*entries] = client.get(status).json()["output"]
        assert sum(each["count"] for each in entries) >= 100_000
        assert max(most, process.memory_info().rss) - before < 50 * 1024 * 1024


def _waiting() -> bool:
    """Whether a session waits for a lock."""
    return fetch_primary(Query("waiting", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))[0][0]


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

"""Bulk exports as an administrator sees them, and gives them up."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from patients.access import Actor
from patients.fhir.bulk_export import ExportRequest
from patients.interactions import export
from patients.interactions.export import files
from patients.models import ExportJob
from tests import people
from tests.audited import audit_records
from tests.patients.admin.visitors import client_of, user

LIST = "/admin/patients/exportjob/"
URL = "http://testserver/fhir/$export?_type=Patient,Group"


@pytest.fixture
def job(database):
    people.created(name=[{"family": people.word()}])
    actor = Actor(user_id=None, name="a script", channel="system")
    request = ExportRequest("system", ("Group", "Patient"))
    job = ExportJob.objects.get(id=export.order(actor=actor, request=request, url=URL))
    yield job
    ExportJob.objects.filter(id=job.id).delete()
    files.remove(job.id)


def cancelled(client, job):
    return client.post(LIST, {"action": "cancel", "_selected_action": [str(job.id)]}, follow=True)


class TestExports:
    def test_are_shown_with_their_progress(self, client, job):
        waiting = client.get(LIST).content.decode()
        export.run_portion(job.id)
        done = client.get(LIST).content.decode()

        assert "0 resources; 0 of 2 types" in waiting
        assert ">completed</span>" in done
        assert "2 of 2 types" in done
        assert "system:a script" in done

    def test_are_shown_with_what_went_wrong(self, client, job):
        ExportJob.objects.filter(id=job.id).update(state="failed", error="The files could not be written.")

        body = client.get(LIST).content.decode()

        assert ">failed</span>" in body
        assert "The files could not be written." in body

    def test_can_be_selected_for_the_action(self, client, job):
        body = client.get(LIST).content.decode()

        assert '<option value="cancel">' in body
        assert f'name="_selected_action" value="{job.id}"' in body
        assert 'name="index"' in body

    def test_have_pages_that_cannot_be_changed(self, client, job):
        page = reverse("admin:patients_exportjob_change", args=[job.id])

        assert client.get(page).status_code == 200
        assert client.post(page, {"state": "completed"}).status_code == 403

    def test_are_cancelled_with_their_files(self, client, administrator, job):
        export.run_portion(job.id)
        folder = files.path_of(job.id, job.files.first().id).parent
        assert folder.exists()

        response = cancelled(client, job)

        assert "The exports are cancelled" in response.content.decode()
        assert not ExportJob.objects.filter(id=job.id).exists()
        assert not folder.exists()
        row = audit_records().get(interaction="export-cancel", resource_id=str(job.id))
        assert (row.actor, row.outcome) == (administrator.username, 202)
        assert row.query == f"of system:a script: {URL}"
        assert LogEntry.objects.filter(user=administrator, object_id=str(job.id)).exists()

    def test_are_not_cancelled_by_whoever_may_only_look(self, job):
        staff = user(is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="view_exportjob"))

        response = cancelled(client_of(staff), job)

        assert response.status_code == 200
        assert ExportJob.objects.filter(id=job.id).exists()

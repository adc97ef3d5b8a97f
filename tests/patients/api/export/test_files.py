"""Files of an export: in parts, closed, audited, for their time, for nobody else."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tests.audited import audit_records
from tests.patients.api.concurrency.writers import at_once
from tests.patients.api.export.orders import ASYNC, body_of, job_of, manifest_of, ordered, work
from tests.patients.api.messages import issue


class TestFiles:
    def test_come_in_parts_that_can_be_put_together(self, client, records):
        records.patient()
        [entry] = manifest_of(client, "/fhir/$export?_type=Patient")["output"]
        whole = client.get(entry["url"])
        text = body_of(whole)

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
        assert body_of(first) + body_of(rest) == text
        assert first["Content-Range"] == f"bytes 0-9/{len(text)}"
        assert body_of(last) == text[-5:]
        assert behind["Content-Range"] == f"bytes */{len(text)}"
        assert issue(behind)[:2] == (416, "value")
        assert whole["Content-Length"] == str(len(text))

    def test_are_closed_to_other_users_of_the_machine(self, client, records):
        records.patient()
        status = ordered(client, "/fhir/$export?_type=Patient")
        work(status)

        from patients.interactions.export import files

        job = job_of(status)
        path = files.path_of(job.id, job.files.get().id)
        assert [oct(each.stat().st_mode & 0o777) for each in (path, path.parent, path.parent.parent)] == [
            "0o600",
            "0o700",
            "0o700",
        ]

    def test_leave_an_audit_row_each_as_does_the_order(self, client, records, user):
        records.patient()
        [entry] = manifest_of(client, "/fhir/$export?_type=Patient")["output"]
        client.get(entry["url"])

        rows = audit_records().filter(actor=user.get_username(), interaction__in=("export", "export-file"))
        order, file = rows.order_by("-id")[:2][::-1]
        assert (order.outcome, order.query) == (202, "http://testserver/fhir/$export?_type=Patient")
        assert (file.resource_type, file.outcome) == ("Patient", 200)
        assert file.query == f"{entry['count']} resources (output) for {order.query}"

    def test_are_removed_after_their_time(self, client, records):
        from patients.interactions.export import files
        from patients.models import ExportJob
        from patients.tasks import attend_exports

        records.patient()
        status = ordered(client, "/fhir/$export?_type=Patient")
        work(status)
        job = job_of(status)
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
        status = ordered(client, "/fhir/$export?_type=Patient")
        work(status)
        [entry] = client.get(status).json()["output"]

        answers = [someone.get(status), someone.delete(status), someone.get(entry["url"])]

        assert [each.status_code for each in answers] == [404, 404, 404]
        assert client.get(status).status_code == 200

    def test_nobody_orders_without_logging_in(self, anonymous):
        assert issue(anonymous.get("/fhir/$export", headers=ASYNC))[:2] == (401, "login")

    def test_orders_five_at_a_time(self, client):
        for _ in range(5):
            ordered(client, "/fhir/$export?_type=Patient")

        response = client.get("/fhir/$export", headers=ASYNC)

        assert issue(response) == (
            429,
            "throttled",
            "5 exports of yours are under way; wait for one, or cancel it.",
        )

    def test_orders_five_though_they_come_at_once(self, client):
        def order(_: int) -> int:
            return client.get("/fhir/$export?_type=Patient", headers=ASYNC).status_code

        assert sorted(at_once(8, order)) == [202] * 5 + [429] * 3

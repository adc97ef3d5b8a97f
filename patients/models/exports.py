"""Bulk exports: what is ordered, how far it is, and whose turn it is to work on it.

A worker holds a job by a lease that it renews with each slice; whoever finds the lease over goes on from the
position that was committed last. Rows are the application's own, not records.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from patients.models.fields import CollatedTextField


class ExportJob(models.Model):
    """One export. Its resources are those that `snapshot` sees, whatever is written meanwhile."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    principal = models.TextField(help_text="Who ordered it; nobody else learns that it is there.")
    request_url = models.TextField()
    level = models.TextField(choices=[("system", "system"), ("patient", "patient"), ("group", "group")])
    types = ArrayField(CollatedTextField(), help_text="In the order in which they are written.")
    type_filters = ArrayField(
        models.TextField(),
        default=list,
        help_text="Searches: of their types, what any of them finds.",
    )
    elements = ArrayField(models.TextField(), default=list, help_text="After their types; none: all of them.")
    since = models.DateTimeField(null=True)
    members = ArrayField(models.TextField(), null=True, help_text="Ids of the Patients of the group.")
    snapshot = models.TextField(help_text="pg_snapshot: what had been committed when it was ordered.")
    transaction_time = models.DateTimeField(help_text="All that was changed up to then is in it.")
    state = models.TextField(
        choices=[(each, each) for each in ("waiting", "running", "completed", "failed")], default="waiting"
    )
    types_done = models.IntegerField(default=0)
    after_id = CollatedTextField(default="", help_text="The last FHIR id looked at of the type in hand.")
    holder = models.UUIDField(null=True, help_text="The worker that holds the lease.")
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, help_text="Workers that took it up since it last got on.")
    error = models.TextField(default="")
    created = models.DateTimeField(db_default=Now())
    finished = models.DateTimeField(null=True)

    class Meta:
        db_table = "export_jobs"

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class ExportFile(models.Model):
    """A file of an export: as long as `bytes` says, whatever else was written behind that."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="files")
    kind = models.TextField(choices=[("output", "output"), ("deleted", "deleted")])
    resource_type = models.TextField()
    resources = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    is_open = models.BooleanField(default=True, help_text="The next slice of its type is written to it.")

    class Meta:
        db_table = "export_files"

    def __str__(self) -> str:
        return f"{self.resource_type} {self.id}"

"""Who did what to which resource. The application may add rows and read them, nothing else."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Now


class AuditRecord(models.Model):
    """One interaction, the refused ones included."""

    recorded = models.DateTimeField(db_default=Now())
    request_id = models.TextField()
    user_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    channel = models.TextField()
    address = models.TextField()
    interaction = models.TextField()
    resource_type = models.TextField()
    resource_id = models.TextField(null=True)
    version_id = models.IntegerField(null=True)
    query = models.TextField(null=True)
    patients = ArrayField(
        models.TextField(), help_text="Ids of the Patients whose data was disclosed or changed."
    )
    outcome = models.SmallIntegerField(help_text="The HTTP status that tells how it went.")

    class Meta:
        db_table = "audit_records"
        indexes = [
            models.Index(F("recorded").desc(), name="audit_records_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.interaction} {self.resource_type}/{self.resource_id or ''} {self.outcome}"

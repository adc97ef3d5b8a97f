"""Who did what to which resource. The application may add rows and read them, nothing else."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class AuditRecord(models.Model):
    """One interaction, the refused ones included; in the database one partition for each month (UTC)."""

    id = models.UUIDField(primary_key=True, help_text="In the order of time.")
    recorded = models.DateTimeField()
    request_id = models.TextField()
    group_id = models.TextField(null=True, help_text="Joins what was recorded together.")
    user_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    roles = ArrayField(models.TextField())
    purpose = models.TextField(null=True)
    elevated = ArrayField(
        models.TextField(),
        help_text="Those of the Patients whose restricted records were opened by breaking the glass.",
    )
    channel = models.TextField()
    address = models.TextField()
    interaction = models.TextField()
    resource_type = models.TextField()
    resource_id = models.TextField(null=True)
    version_id = models.BigIntegerField(null=True)
    query = models.TextField(null=True)
    patients = ArrayField(
        models.TextField(), help_text="Ids of the Patients whose data was disclosed or changed."
    )
    outcome = models.SmallIntegerField(help_text="The HTTP status that tells how it went.")
    chain = models.UUIDField(null=True, help_text="The chain of a spool; none for a row of a transaction.")
    number = models.BigIntegerField(help_text="In its chain, or among all rows of transactions.")
    code = models.BinaryField(help_text="HMAC of the row, and of the one before in its chain.")

    class Meta:
        db_table = "audit_records"
        indexes = [
            models.Index(F("recorded").desc(), F("id").desc(), name="audit_records_recorded"),
            models.Index(F("user_id"), F("recorded").desc(), name="audit_records_user"),
            models.Index(
                F("actor"),
                F("recorded").desc(),
                name="audit_records_actor",
                condition=Q(user_id__isnull=True),
            ),
            GinIndex(F("patients"), name="audit_records_patients"),
            models.Index(F("number"), name="audit_records_position", condition=Q(chain__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.interaction} {self.resource_type}/{self.resource_id or ''} {self.outcome}"


class AuditChain(models.Model):
    """How far a spool has been moved into the table."""

    chain = models.UUIDField(primary_key=True)
    number = models.BigIntegerField()
    code = models.BinaryField()
    moved = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_chains"
        indexes = [models.Index(F("moved"), name="audit_chains_moved")]


class AuditHead(models.Model):
    """What was there at a minute, signed; each head holds the code of the one before."""

    number = models.BigIntegerField(primary_key=True)
    content = models.TextField()
    code = models.BinaryField()

    class Meta:
        db_table = "audit_heads"

    def __str__(self) -> str:
        return f"{self.number} {bytes(self.code).hex()}"

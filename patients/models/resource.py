"""Resources and their versions: what the interactions read and write.

Text is sent, jsonb is queried (docs/architecture.md#storage): a version's `content` is the
JSON text as it is answered, `resource_data` the same for the plan's indexes, the admin and ad-hoc
SQL. Only the function `fhir_write` writes these tables (patients/models/sql/write.sql).
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from patients.models.fields import CollatedTextField, TransactionIdField

LIVE_PATIENT = Q(resource_type="Patient", deleted=False)


class FhirResource(models.Model):
    """The current state of one resource, the deleted ones included."""

    id = models.BigAutoField(primary_key=True)
    resource_type = CollatedTextField()
    fhir_id = CollatedTextField()
    version_id = models.IntegerField()
    resource_data = models.JSONField()
    deleted = models.BooleanField(default=False)
    last_updated = models.DateTimeField()

    class Meta:
        db_table = "fhir_resources"
        verbose_name = "resource"
        constraints = [
            models.UniqueConstraint("resource_type", "fhir_id", name="fhir_resources_type_and_fhir_id"),
        ]
        # docs/performance.md#indexes names the query that each of these serves.
        indexes = [
            GinIndex(
                OpClass(KeyTransform("name", "resource_data"), name="jsonb_path_ops"),
                name="idx_fhir_resources_patient_name_gin",
                condition=LIVE_PATIENT,
            ),
            GinIndex(
                OpClass(KeyTransform("identifier", "resource_data"), name="jsonb_path_ops"),
                name="idx_fhir_resources_patient_identifier_gin",
                condition=LIVE_PATIENT,
            ),
            models.Index(
                KeyTextTransform("birthDate", "resource_data"),
                name="idx_fhir_resources_patient_birthdate",
                condition=LIVE_PATIENT,
            ),
            models.Index(
                fields=["resource_type", "deleted"],
                name="idx_fhir_resources_type_deleted",
                condition=Q(deleted=False),
            ),
            models.Index(
                F("resource_type"),
                F("last_updated").desc(),
                name="idx_fhir_resources_patient_search",
                condition=LIVE_PATIENT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_type}/{self.fhir_id}"


class FhirResourceVersion(models.Model):
    """One version of a resource, the current one included; appended, never changed."""

    pk = models.CompositePrimaryKey("resource_id", "version_id")
    resource = models.ForeignKey(
        FhirResource, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    version_id = models.IntegerField()
    resource_type = CollatedTextField()
    method = models.TextField(choices=[("POST", "POST"), ("PUT", "PUT"), ("DELETE", "DELETE")])
    last_updated = models.DateTimeField()
    xact = TransactionIdField(
        db_default=Func(function="pg_current_xact_id"),
        help_text="The transaction that wrote it: the change feed never passes one that is unfinished.",
    )
    content = models.TextField(null=True, help_text="The JSON text as it is sent; null for a deletion.")

    class Meta:
        db_table = "fhir_resource_versions"
        verbose_name = "resource version"
        # The histories of a type and of all read them backwards.
        indexes = [
            models.Index(
                fields=["resource_type", "last_updated", "resource", "version_id"],
                name="fhir_versions_type_history",
            ),
            models.Index(
                fields=["last_updated", "resource", "version_id"], name="fhir_versions_system_history"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}/_history/{self.version_id}"

"""Who may do what: tokens of the API, grants of roles, and the patients that are a user's own.

A role is a Django group with grants. The tables are read on the primary only; triggers on them
(patients/models/sql/access.sql) change the generation by which processes know what they may keep.
"""

import uuid

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.fields import CollatedTextField
from patients.models.resource import FhirResource


class ApiToken(models.Model):
    """A personal token. Only its digest is kept: who reads the database cannot use it."""

    digest = models.BinaryField(unique=True, max_length=32)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    is_revoked = models.BooleanField(default=False)

    class Meta:
        db_table = "api_tokens"
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.user} {self.label}".strip()


class Grant(models.Model):
    """Interactions on types of resources that a role's holders may do (docs/security.md#policy)."""

    role = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="grants")
    resource_types = ArrayField(models.TextField(), help_text="Types, or names of groups of types.")
    interactions = ArrayField(models.TextField())
    reach = models.TextField(
        choices=[
            ("all", "every patient"),
            ("organisations", "patients whom the user's organisations manage"),
            ("lists", "patients on the user's lists"),
        ],
        default="all",
    )
    labels = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="Confidentiality codes (R, V) that it opens to whoever states a purpose.",
    )
    elements = models.JSONField(
        null=True,
        blank=True,
        help_text='The elements shown, by type: {"Patient": ["name"]}. Types that are not named: all.',
    )

    class Meta:
        db_table = "access_grants"

    def __str__(self) -> str:
        return f"{self.role}: {', '.join(self.interactions)} {', '.join(self.resource_types)}"


class PatientList(models.Model):
    """Patients who are its users' own, for grants that reach no others."""

    name = models.TextField(unique=True)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="patient_lists", blank=True, db_table="access_list_users"
    )

    class Meta:
        db_table = "access_lists"

    def __str__(self) -> str:
        return self.name


class PatientListEntry(models.Model):
    """A Patient on a list."""

    patient_id = CollatedTextField(help_text="The Patient's FHIR id.")
    list = models.ForeignKey(PatientList, on_delete=models.CASCADE, related_name="entries", db_index=False)

    class Meta:
        db_table = "access_list_entries"
        constraints = [
            models.UniqueConstraint("list", "patient_id", name="access_list_entries_once"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}: Patient/{self.patient_id}"


class Affiliation(models.Model):
    """A user works for an Organization; the Patients whom it manages are their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="affiliations")
    organisation_id = CollatedTextField(help_text="The Organization's FHIR id.")

    class Meta:
        db_table = "access_affiliations"
        constraints = [
            models.UniqueConstraint("user", "organisation_id", name="access_affiliations_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: Organization/{self.organisation_id}"


class AccessGeneration(models.Model):
    """One row. Its value is another after each change of the policy, and never one that was there before."""

    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        db_table = "access_generation"

    def __str__(self) -> str:
        return str(self.value)


class ResourceLabel(models.Model):
    """A label that restricts who sees a resource; written by a trigger (patients/models/sql/labels.sql)."""

    pk = models.CompositePrimaryKey("resource_id", "label")
    resource = models.ForeignKey(
        FhirResource, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    label = CollatedTextField()
    patient_id = CollatedTextField(null=True, help_text="The Patient's FHIR id, if it is one.")

    class Meta:
        db_table = "resource_labels"
        indexes = [
            models.Index(
                fields=["patient_id"], name="resource_labels_patient", condition=Q(patient_id__isnull=False)
            ),
        ]

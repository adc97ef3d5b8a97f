"""Roles and what they are granted; users who had all rights become administrators."""

import uuid
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from patients.models.fields import CollatedTextField

_READING = ["read", "vread", "history", "search", "everything"]
_LOOKING_UP = ["read", "vread", "history", "search"]
_WRITING = ["create", "update", "patch"]
_ALL = [*_READING, *_WRITING, "delete", "export"]

_DEMOGRAPHICS = {
    "Patient": [
        "identifier",
        "active",
        "name",
        "telecom",
        "gender",
        "birthDate",
        "deceasedBoolean",
        "deceasedDateTime",
        "address",
        "contact",
        "communication",
        "generalPractitioner",
        "managingOrganization",
        "link",
    ],
    "RelatedPerson": [
        "identifier",
        "active",
        "patient",
        "relationship",
        "name",
        "telecom",
        "gender",
        "birthDate",
        "address",
        "period",
        "communication",
    ],
    "Appointment": [
        "identifier",
        "status",
        "serviceCategory",
        "serviceType",
        "specialty",
        "appointmentType",
        "priority",
        "start",
        "end",
        "minutesDuration",
        "slot",
        "created",
        "participant",
        "requestedPeriod",
    ],
    "AppointmentResponse": [
        "identifier",
        "appointment",
        "start",
        "end",
        "participantType",
        "actor",
        "participantStatus",
    ],
}

# Role, types, interactions, labels opened for a purpose, elements shown.
_FIRST_GRANTS: list[tuple[str, list[str], list[str], list[str], dict[str, list[str]] | None]] = [
    ("administrator", ["administrative", "clinical", "definitions", "financial"], _ALL, [], None),
    ("administrator", ["audit"], _READING, [], None),
    ("auditor", ["audit"], _LOOKING_UP, [], None),
    ("clinician", ["administrative", "clinical", "definitions"], _READING, ["R"], None),
    (
        "clinician",
        ["clinical", "Appointment", "AppointmentResponse", "Patient", "RelatedPerson"],
        _WRITING,
        ["R"],
        None,
    ),
    (
        "integration client",
        ["administrative", "audit", "clinical", "definitions", "financial"],
        _ALL,
        [],
        None,
    ),
    ("nurse", ["administrative", "clinical", "definitions"], _READING, ["R"], None),
    (
        "nurse",
        [
            "AllergyIntolerance",
            "Appointment",
            "CarePlan",
            "CareTeam",
            "Communication",
            "Encounter",
            "Flag",
            "Immunization",
            "MedicationAdministration",
            "MedicationStatement",
            "NutritionOrder",
            "Observation",
            "QuestionnaireResponse",
            "RelatedPerson",
            "Task",
        ],
        _WRITING,
        ["R"],
        None,
    ),
    (
        "reception",
        [
            "Appointment",
            "AppointmentResponse",
            "HealthcareService",
            "Location",
            "Organization",
            "Patient",
            "Practitioner",
            "PractitionerRole",
            "RelatedPerson",
            "Schedule",
            "Slot",
        ],
        _LOOKING_UP,
        [],
        _DEMOGRAPHICS,
    ),
    ("reception", ["Appointment", "Patient", "RelatedPerson"], ["create"], [], None),
    ("reception", ["Schedule", "Slot"], ["create", "update"], [], None),
]


def make_roles(apps: Any, _: Any) -> None:
    group, grant = apps.get_model("auth", "Group"), apps.get_model("patients", "Grant")
    for name, types, interactions, labels, elements in _FIRST_GRANTS:
        role, _ = group.objects.get_or_create(name=name)
        grant.objects.create(
            role=role, resource_types=types, interactions=interactions, labels=labels, elements=elements
        )
    administrator = group.objects.get(name="administrator")
    for user in apps.get_model("auth", "User").objects.filter(is_superuser=True):
        user.groups.add(administrator)
    apps.get_model("patients", "AccessGeneration").objects.create()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0010_export_parameters"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessGeneration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                "db_table": "access_generation",
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "resource_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        help_text="Types, or names of groups of types.",
                        size=None,
                    ),
                ),
                (
                    "interactions",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                ),
                (
                    "reach",
                    models.TextField(
                        choices=[
                            ("all", "every patient"),
                            ("organisations", "patients whom the user's organisations manage"),
                            ("lists", "patients on the user's lists"),
                        ],
                        default="all",
                    ),
                ),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="Confidentiality codes (R, V) that it opens to whoever states a purpose.",
                        size=None,
                    ),
                ),
                (
                    "elements",
                    models.JSONField(
                        blank=True,
                        help_text='The elements shown, by type: {"Patient": ["name"]}. Types that are not named: all.',
                        null=True,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="auth.group"
                    ),
                ),
            ],
            options={
                "db_table": "access_grants",
            },
        ),
        migrations.CreateModel(
            name="PatientList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(unique=True)),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True,
                        db_table="access_list_users",
                        related_name="patient_lists",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_lists",
            },
        ),
        migrations.CreateModel(
            name="Affiliation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organisation_id", CollatedTextField(help_text="The Organization's FHIR id.")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="affiliations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_affiliations",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"), models.F("organisation_id"), name="access_affiliations_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PatientListEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("patient_id", CollatedTextField(help_text="The Patient's FHIR id.")),
                (
                    "list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="patients.patientlist",
                    ),
                ),
            ],
            options={
                "db_table": "access_list_entries",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("list"), models.F("patient_id"), name="access_list_entries_once"
                    )
                ],
            },
        ),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]

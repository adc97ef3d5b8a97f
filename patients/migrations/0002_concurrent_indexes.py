"""The plan's indexes and the trigrams, built without stopping writers."""

import django.contrib.postgres.indexes
import django.db.models.expressions
import django.db.models.fields.json
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("patients", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="fhirresource",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.fields.json.KeyTransform("name", "resource_data"), name="jsonb_path_ops"
                ),
                condition=models.Q(("deleted", False), ("resource_type", "Patient")),
                name="idx_fhir_resources_patient_name_gin",
            ),
        ),
        AddIndexConcurrently(
            model_name="fhirresource",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.fields.json.KeyTransform("identifier", "resource_data"),
                    name="jsonb_path_ops",
                ),
                condition=models.Q(("deleted", False), ("resource_type", "Patient")),
                name="idx_fhir_resources_patient_identifier_gin",
            ),
        ),
        AddIndexConcurrently(
            model_name="fhirresource",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("birthDate", "resource_data"),
                condition=models.Q(("deleted", False), ("resource_type", "Patient")),
                name="idx_fhir_resources_patient_birthdate",
            ),
        ),
        AddIndexConcurrently(
            model_name="fhirresource",
            index=models.Index(
                condition=models.Q(("deleted", False)),
                fields=["resource_type", "deleted"],
                name="idx_fhir_resources_type_deleted",
            ),
        ),
        AddIndexConcurrently(
            model_name="fhirresource",
            index=models.Index(
                models.F("resource_type"),
                models.OrderBy(models.F("last_updated"), descending=True),
                condition=models.Q(("deleted", False), ("resource_type", "Patient")),
                name="idx_fhir_resources_patient_search",
            ),
        ),
        AddIndexConcurrently(
            model_name="searchstring",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("value"), name="gin_trgm_ops"),
                name="search_strings_trgm",
            ),
        ),
    ]

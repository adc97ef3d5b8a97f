"""The type of each version beside it, and indexes by which the history of a type and of all is read."""

from django.db import migrations, models

import patients.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_export_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="fhirresourceversion",
            name="resource_type",
            field=patients.models.fields.CollatedTextField(null=True),
        ),
        migrations.RunSQL(
            """
            UPDATE fhir_resource_versions v SET resource_type = r.resource_type
            FROM fhir_resources r WHERE r.id = v.resource_id
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="fhirresourceversion",
            name="resource_type",
            field=patients.models.fields.CollatedTextField(),
        ),
        migrations.AddIndex(
            model_name="fhirresourceversion",
            index=models.Index(
                fields=["resource_type", "last_updated", "resource", "version_id"],
                name="fhir_versions_type_history",
            ),
        ),
        migrations.AddIndex(
            model_name="fhirresourceversion",
            index=models.Index(
                fields=["last_updated", "resource", "version_id"], name="fhir_versions_system_history"
            ),
        ),
    ]

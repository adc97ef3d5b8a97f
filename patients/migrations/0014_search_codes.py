"""What the keys of codes stand for, by which results are sorted; `manage.py reindex` fills it."""

from django.db import migrations, models

import patients.models.fields


class Migration(migrations.Migration):
    dependencies = [("patients", "0013_audit_spool")]

    operations = [
        migrations.CreateModel(
            name="SearchCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField()),
                ("parameter", patients.models.fields.CollatedTextField()),
                ("system", patients.models.fields.CollatedTextField()),
                ("code", patients.models.fields.CollatedTextField(help_text="Folded.")),
            ],
            options={
                "db_table": "search_codes",
                "indexes": [models.Index(models.F("key"), name="search_codes_key")],
            },
        ),
    ]

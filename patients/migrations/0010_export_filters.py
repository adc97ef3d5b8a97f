"""Filters of an export."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0009_search_uris")]

    operations = [
        migrations.AddField(
            model_name="exportjob",
            name="type_filters",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                default=list,
                help_text="Searches: of their types, what any of them finds.",
                size=None,
            ),
        ),
    ]

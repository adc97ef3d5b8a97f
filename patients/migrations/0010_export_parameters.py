"""What an export takes and writes: filters, and elements."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("patients", "0010_export_filters"), ("patients", "0011_export_elements")]

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
        migrations.AddField(
            model_name="exportjob",
            name="elements",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                default=list,
                help_text="After their types; none: all of them.",
                size=None,
            ),
        ),
    ]

"""Elements of an export."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0010_export_filters")]

    operations = [
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

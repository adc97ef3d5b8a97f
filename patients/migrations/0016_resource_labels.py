"""Labels that restrict who sees a resource, of what is stored already too."""

import django.db.models.deletion
from django.db import migrations, models

from patients.models.fields import CollatedTextField

_LABEL = """
INSERT INTO resource_labels (resource_id, label, patient_id)
SELECT DISTINCT r.id, c.value->>'code', CASE WHEN r.resource_type = 'Patient' THEN r.fhir_id END
FROM fhir_resources r CROSS JOIN LATERAL jsonb_array_elements(r.resource_data #> '{meta,security}') AS c
WHERE r.resource_data #> '{meta,security}' IS NOT NULL AND c.value->>'code' IN ('R', 'V')
  AND coalesce(c.value->>'system', 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality')
      = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0015_pairs_of_code_and_quantity")]

    operations = [
        migrations.CreateModel(
            name="ResourceLabel",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "resource_id", "label", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", CollatedTextField()),
                (
                    "patient_id",
                    CollatedTextField(help_text="The Patient's FHIR id, if it is one.", null=True),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="patients.fhirresource",
                    ),
                ),
            ],
            options={
                "db_table": "resource_labels",
                "indexes": [
                    models.Index(
                        condition=models.Q(("patient_id__isnull", False)),
                        fields=["patient_id"],
                        name="resource_labels_patient",
                    )
                ],
            },
        ),
        migrations.RunSQL(_LABEL, migrations.RunSQL.noop),
    ]

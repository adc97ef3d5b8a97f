"""The tables that resources of any type are searched by."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from patients.models.fields import CollatedTextField, NumericField


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


def _reference() -> models.ForeignKey:
    """To the resource that a row is of; rows come and go with it, and nobody looks for them by it alone."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="patients.fhirresource",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_load_progress"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchIndexState",
            fields=[
                (
                    "resource_type",
                    CollatedTextField(primary_key=True, serialize=False),
                ),
                (
                    "definitions",
                    models.TextField(help_text="Digest of the definitions that rows are written by."),
                ),
                ("is_complete", models.BooleanField()),
                (
                    "last_resource_id",
                    CollatedTextField(
                        db_default="", help_text="Up to this FHIR id `manage.py reindex` has come."
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "search index state",
                "db_table": "search_index_state",
            },
        ),
        migrations.CreateModel(
            name="SearchComposite",
            fields=[
                ("pk", _key("resource_id", "parameter", "value_hash")),
                ("resource_type", CollatedTextField()),
                ("parameter", CollatedTextField()),
                ("value_hash", models.BigIntegerField()),
                (
                    "components",
                    models.JSONField(help_text="For each component a row as its own table would have it."),
                ),
                ("resource", _reference()),
            ],
            options={
                "db_table": "search_composites",
            },
        ),
        migrations.CreateModel(
            name="SearchListEntry",
            fields=[
                ("pk", _key("key", "date", "resource_id")),
                ("key", models.UUIDField()),
                ("date", models.DateTimeField()),
                ("resource", _reference()),
            ],
            options={
                "verbose_name_plural": "search list entries",
                "db_table": "search_list",
            },
        ),
        migrations.CreateModel(
            name="SearchResource",
            fields=[
                (
                    "resource",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="patients.fhirresource",
                    ),
                ),
                ("resource_type", CollatedTextField()),
                (
                    "date",
                    models.DateTimeField(
                        help_text="Orders the lists; NO_DATE where the resource tells none."
                    ),
                ),
                ("last_updated", models.DateTimeField()),
                ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
            ],
            options={
                "db_table": "search_resources",
                "indexes": [
                    models.Index(
                        models.F("resource_type"),
                        models.OrderBy(models.F("date"), descending=True),
                        models.OrderBy(models.F("resource_id"), descending=True),
                        name="search_resources_by_date",
                    ),
                    models.Index(
                        models.F("resource_type"),
                        models.F("last_updated"),
                        models.F("resource_id"),
                        name="search_resources_updated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchDate",
            fields=[
                ("pk", _key("resource_id", "parameter", "start_at", "end_at")),
                ("resource_type", CollatedTextField()),
                ("parameter", CollatedTextField()),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                ("resource", _reference()),
            ],
            options={
                "db_table": "search_dates",
                "indexes": [
                    models.Index(
                        models.F("resource_type"),
                        models.F("parameter"),
                        models.F("start_at"),
                        models.F("resource_id"),
                        name="search_dates_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchQuantity",
            fields=[
                ("pk", _key("resource_id", "parameter", "value_hash")),
                ("resource_type", CollatedTextField()),
                ("parameter", CollatedTextField()),
                ("value_hash", models.BigIntegerField()),
                ("low", NumericField(null=True)),
                ("high", NumericField(null=True)),
                ("system", CollatedTextField()),
                ("code", CollatedTextField()),
                ("unit", CollatedTextField()),
                ("resource", _reference()),
            ],
            options={
                "db_table": "search_quantities",
                "indexes": [
                    models.Index(
                        models.F("resource_type"),
                        models.F("parameter"),
                        models.F("low"),
                        models.F("resource_id"),
                        name="search_quantities_low",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchReference",
            fields=[
                ("pk", _key("resource_id", "parameter", "target_type", "target_id")),
                ("resource_type", CollatedTextField()),
                ("parameter", CollatedTextField()),
                (
                    "target_type",
                    CollatedTextField(help_text="Empty: the target is a URL."),
                ),
                ("target_id", CollatedTextField()),
                ("resource", _reference()),
            ],
            options={
                "db_table": "search_references",
                "indexes": [
                    models.Index(
                        models.F("target_type"),
                        models.F("target_id"),
                        models.F("resource_type"),
                        models.F("parameter"),
                        models.F("resource_id"),
                        name="search_references_target",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("pk", _key("resource_id", "parameter", "value_hash")),
                ("resource_type", CollatedTextField()),
                ("parameter", CollatedTextField()),
                ("value_hash", models.BigIntegerField()),
                ("document", django.contrib.postgres.search.SearchVectorField()),
                ("resource", _reference()),
            ],
            options={
                "db_table": "search_texts",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.F("document"), gin_pending_list_limit=256, name="search_texts_document"
                    )
                ],
            },
        ),
    ]

"""URIs in a table of their own, without trigrams; search rows without foreign keys, as the later ones."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Left

import patients.models.fields
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.search_parameters import parameters_of

_MOVE = """
    WITH moved AS (
        DELETE FROM {source} s
        USING unnest(%s::text[], %s::text[]) AS u(resource_type, parameter)
        WHERE s.resource_type = u.resource_type AND s.parameter = u.parameter
        RETURNING s.*
    )
    INSERT INTO {target} (resource_id, resource_type, parameter, {target_hash}, value)
    SELECT resource_id, resource_type, parameter, {source_hash}, value FROM moved
    ON CONFLICT DO NOTHING
"""
MOVE = _MOVE.format(
    source="search_strings", source_hash="exact_hash", target="search_uris", target_hash="value_hash"
)
MOVE_BACK = _MOVE.format(
    source="search_uris", source_hash="value_hash", target="search_strings", target_hash="exact_hash"
)


def uri_parameters() -> list[list[str]]:
    """The types, and for each the name of a parameter whose values are URIs."""
    pairs = [
        (resource_type, parameter.name)
        for resource_type in sorted(RESOURCE_TYPES)
        for parameter in parameters_of(resource_type).values()
        if parameter.type == "uri"
    ]
    return [[each[at] for each in pairs] for at in range(2)]


def _move(_: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(MOVE, uri_parameters())


def _move_back(_: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(MOVE_BACK, uri_parameters())


def _resource(*, db_index: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=db_index,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="patients.fhirresource",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_long_dates_and_wide_quantities"),
    ]

    operations = [
        migrations.AlterField("compartmentmember", "resource", _resource(db_index=False)),
        migrations.AlterField("searchstring", "resource", _resource(db_index=False)),
        migrations.AlterField("searchtoken", "resource", _resource(db_index=True)),
        migrations.CreateModel(
            name="SearchUri",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "resource_id",
                        "parameter",
                        "value_hash",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("resource_type", patients.models.fields.CollatedTextField()),
                ("parameter", patients.models.fields.CollatedTextField()),
                ("value_hash", models.BigIntegerField()),
                ("value", patients.models.fields.CollatedTextField()),
                ("resource", _resource(db_index=False)),
            ],
            options={
                "db_table": "search_uris",
                "indexes": [
                    models.Index(
                        models.F("resource_type"),
                        models.F("parameter"),
                        Left("value", 128),
                        models.F("resource_id"),
                        name="search_uris_value",
                    )
                ],
            },
        ),
        migrations.RunPython(_move, _move_back),
    ]

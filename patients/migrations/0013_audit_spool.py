"""The audit in partitions by month, with the columns and codes of a chain; signed heads. Rows are kept."""

import uuid
from datetime import UTC, datetime
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions
from django.db import migrations, models
from django.db.models import F, Q

from patients.audit import payloads, rows

_MONTHS_AHEAD = 3
_AT_A_TIME = 10_000

_TABLE = """
    ALTER TABLE audit_records RENAME TO audit_records_before;
    ALTER INDEX audit_records_recorded RENAME TO audit_records_before_recorded;
    ALTER INDEX audit_records_pkey RENAME TO audit_records_before_pkey;
    CREATE SEQUENCE audit_positions;
    CREATE TABLE audit_records (
        id uuid NOT NULL,
        recorded timestamp with time zone NOT NULL,
        user_id bigint,
        version_id bigint,
        number bigint NOT NULL,
        outcome smallint NOT NULL,
        chain uuid,
        request_id text NOT NULL,
        group_id text,
        actor text NOT NULL,
        roles text[] NOT NULL,
        purpose text,
        elevated text[] NOT NULL,
        channel text NOT NULL,
        address text NOT NULL,
        interaction text NOT NULL,
        resource_type text NOT NULL,
        resource_id text,
        query text,
        patients text[] NOT NULL,
        code bytea NOT NULL,
        CONSTRAINT audit_records_pkey PRIMARY KEY (id, recorded)
    ) PARTITION BY RANGE (recorded);
    -- What a clock that is wrong writes is not lost.
    CREATE TABLE audit_records_rest PARTITION OF audit_records DEFAULT;
    """
_INDEXES = """
    CREATE INDEX audit_records_recorded ON audit_records (recorded DESC, id DESC);
    CREATE INDEX audit_records_user ON audit_records (user_id, recorded DESC);
    CREATE INDEX audit_records_actor ON audit_records (actor, recorded DESC) WHERE user_id IS NULL;
    CREATE INDEX audit_records_patients ON audit_records USING gin (patients);
    CREATE INDEX audit_records_position ON audit_records (number) WHERE chain IS NULL;
    DROP TABLE audit_records_before;
    """
_COPIED = [
    name for name in payloads.COLUMNS if name not in ("id", "roles", "group_id", "purpose", "elevated")
]


def _make_months(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT min(recorded) FROM audit_records_before")
        now = datetime.now(UTC)
        first = (cursor.fetchone()[0] or now).astimezone(UTC)
        last = now.year * 12 + now.month - 1 + _MONTHS_AHEAD
        for month in range(first.year * 12 + first.month - 1, last + 1):
            cursor.execute(
                f"CREATE TABLE audit_records_{_name(month)} PARTITION OF audit_records"
                f" FOR VALUES FROM ('{_start(month)}') TO ('{_start(month + 1)}')"
            )


def _name(month: int) -> str:
    return f"{month // 12:04d}_{month % 12 + 1:02d}"


def _start(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}-01 00:00:00+00"


def _copy(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001
    connection = schema_editor.connection
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {', '.join(_COPIED)} FROM audit_records_before WHERE id > %s ORDER BY id LIMIT %s",
                [last, _AT_A_TIME],
            )
            found = [dict(zip(["id", *_COPIED], row, strict=True)) for row in cursor.fetchall()]
        if not found:
            return
        last = found[-1]["id"]
        names = [*payloads.COLUMNS, "number", "code"]
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY audit_records ({', '.join(names)}) FROM STDIN") as copy,
        ):
            for old in found:
                row = dict.fromkeys(payloads.COLUMNS) | old | {"id": _id(old), "roles": [], "elevated": []}
                code = rows.row_code(payloads.of_row(row))
                copy.write_row([*(row[name] for name in payloads.COLUMNS), old["id"], code])


def _id(old: dict[str, Any]) -> uuid.UUID:
    milliseconds = int(old["recorded"].timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | old["id"])


def _go_on_counting(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('audit_positions', max(number)) FROM audit_records HAVING max(number) IS NOT NULL"
        )


class Migration(migrations.Migration):
    dependencies = [("patients", "0012_sessions")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_TABLE),
                migrations.RunPython(_make_months),
                migrations.RunPython(_copy),
                migrations.RunPython(_go_on_counting),
                migrations.RunSQL(_INDEXES),
            ],
            state_operations=[
                migrations.RemoveIndex("auditrecord", "audit_records_recorded"),
                migrations.AlterField(
                    "auditrecord",
                    "id",
                    models.UUIDField(primary_key=True, serialize=False, help_text="In the order of time."),
                ),
                migrations.AlterField("auditrecord", "recorded", models.DateTimeField()),
                migrations.AddField(
                    "auditrecord",
                    "group_id",
                    models.TextField(null=True, help_text="Joins what was recorded together."),
                ),
                migrations.AddField(
                    "auditrecord",
                    "roles",
                    django.contrib.postgres.fields.ArrayField(models.TextField(), size=None, default=list),
                    preserve_default=False,
                ),
                migrations.AddField("auditrecord", "purpose", models.TextField(null=True)),
                migrations.AddField(
                    "auditrecord",
                    "elevated",
                    django.contrib.postgres.fields.ArrayField(
                        models.TextField(),
                        size=None,
                        default=list,
                        help_text="Those of the Patients whose restricted records were opened by breaking the glass.",
                    ),
                    preserve_default=False,
                ),
                migrations.AlterField("auditrecord", "version_id", models.BigIntegerField(null=True)),
                migrations.AddField(
                    "auditrecord",
                    "chain",
                    models.UUIDField(
                        null=True, help_text="The chain of a spool; none for a row of a transaction."
                    ),
                ),
                migrations.AddField(
                    "auditrecord",
                    "number",
                    models.BigIntegerField(
                        default=0, help_text="In its chain, or among all rows of transactions."
                    ),
                    preserve_default=False,
                ),
                migrations.AddField(
                    "auditrecord",
                    "code",
                    models.BinaryField(
                        default=b"", help_text="HMAC of the row, and of the one before in its chain."
                    ),
                    preserve_default=False,
                ),
                migrations.AddIndex(
                    "auditrecord",
                    models.Index(F("recorded").desc(), F("id").desc(), name="audit_records_recorded"),
                ),
                migrations.AddIndex(
                    "auditrecord",
                    models.Index(F("user_id"), F("recorded").desc(), name="audit_records_user"),
                ),
                migrations.AddIndex(
                    "auditrecord",
                    models.Index(
                        F("actor"),
                        F("recorded").desc(),
                        name="audit_records_actor",
                        condition=Q(user_id__isnull=True),
                    ),
                ),
                migrations.AddIndex(
                    "auditrecord",
                    django.contrib.postgres.indexes.GinIndex(F("patients"), name="audit_records_patients"),
                ),
                migrations.AddIndex(
                    "auditrecord",
                    models.Index(F("number"), name="audit_records_position", condition=Q(chain__isnull=True)),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditChain",
            fields=[
                ("chain", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("code", models.BinaryField()),
                ("moved", models.DateTimeField(db_default=django.db.models.functions.Now())),
            ],
            options={
                "db_table": "audit_chains",
                "indexes": [models.Index(F("moved"), name="audit_chains_moved")],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("content", models.TextField()),
                ("code", models.BinaryField()),
            ],
            options={"db_table": "audit_heads"},
        ),
    ]

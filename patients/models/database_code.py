"""Functions, storage options and rights that `manage.py migrate` puts in place after the migrations.

Each statement may be repeated: what stands in `sql/` is what the database has after any migrate.
"""

import textwrap
from collections.abc import Iterable
from importlib import resources

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from patients.fhir.definitions import RESOURCE_TYPES
from patients.models import reindexing
from patients.models.index_rows import PARAMETERS
from patients.models.summary import COLUMNS
from patients.models.value_tables import VALUE_TABLES

# Only `fhir_write` and the refresh change these.
RECORD_TABLES = (
    "fhir_resources",
    "fhir_resource_versions",
    "search_strings",
    "search_tokens",
    "patient_compartment",
    "search_resources",
    "search_list",
    "search_references",
    "search_dates",
    "search_quantities",
    "search_uris",
    "search_texts",
    "search_composites",
    "patient_index",
    "resource_labels",
    "patient_summary",
    "patient_summary_delta",
)
# A dictionary: its rows are no resource's.
CODES = "search_codes"
APPEND_ONLY_TABLES = ("audit_records", "audit_heads")
AUDIT_MONTHS_AHEAD = 3
DOORS = (
    "fhir_write",
    "fhir_reindex",
    "patient_summary_refresh",
    "patient_summary_prune",
    "audit_make_months",
)
_FIRST_WITH_MAINTAIN = 170_000
INTERNAL_FUNCTIONS = (
    "fhir_write_codes",
    "fhir_write_rows",
    "fhir_write_patient",
)


def install(connection: BaseDatabaseWrapper, *, application_role: str) -> None:
    """Create the functions, set the storage options and grant `application_role` what it needs.

    What is stored by other definitions of search than this version's is noted as to be reindexed.

    `connection` is the owner's. Where the application connects as the owner itself the rights are moot;
    `manage.py doctor` says so.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in ("search_rows.sql", "write.sql", "refresh.sql", "access.sql", "labels.sql", "audit.sql"):
            cursor.execute(_statements(name))
        # Truncating a vacuumed tail locks a relation so that its replay cancels searches on the standby.
        cursor.execute("ALTER MATERIALIZED VIEW patient_summary SET (vacuum_truncate = off)")
        cursor.execute("ALTER TABLE patient_summary_delta SET (vacuum_truncate = off)")
        # The newest rows are read most and change most: their dead entries must not pile up.
        for relation in ("MATERIALIZED VIEW patient_summary", "TABLE patient_summary_delta"):
            cursor.execute(f"ALTER {relation} SET (autovacuum_vacuum_scale_factor = 0.02)")
        cursor.execute("ALTER TABLE fhir_resource_versions ALTER content SET COMPRESSION lz4")
        cursor.execute("SELECT audit_make_months(%s)", [AUDIT_MONTHS_AHEAD])
        if application_role != connection.settings_dict["USER"]:
            _grant(cursor, connection.ops.quote_name(application_role))
    reindexing.note_definitions(connection, sorted(RESOURCE_TYPES))


def _statements(name: str) -> str:
    text = resources.files("patients.models").joinpath("sql", name).read_text(encoding="utf-8")
    others = [column for column in COLUMNS if column != "id"]
    return (
        text.replace("{all_columns}", ", ".join(COLUMNS))
        .replace("{columns}", ", ".join(others))
        .replace("{excluded}", ", ".join(f"excluded.{column}" for column in others))
        .replace("{row_parameters}", ",\n    ".join(f"{name} {type}" for name, type in PARAMETERS.items()))
        .replace("{row_arguments}", ", ".join(PARAMETERS))
        .replace("{delete_gone_values}", _lines((table.deletion for table in VALUE_TABLES), indent=8))
        .replace("{insert_new_values}", _lines((table.insertion for table in VALUE_TABLES), indent=4))
    )


def _lines(statements: Iterable[str], *, indent: int) -> str:
    return textwrap.indent("\n".join(statements), " " * indent).lstrip()


def _grant(cursor: CursorWrapper, role: str) -> None:
    records, appended = ", ".join((*RECORD_TABLES, CODES)), ", ".join(APPEND_ONLY_TABLES)
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {records}, django_migrations FROM {role}")
    cursor.execute(f"REVOKE UPDATE, DELETE ON {appended} FROM {role}")
    cursor.execute(f"REVOKE DELETE ON audit_chains FROM {role}")
    # What holds for the table must not be passed by through its months.
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_records'::regclass"
    )
    months = ", ".join(name for (name,) in cursor.fetchall())
    cursor.execute(f"REVOKE ALL ON {months} FROM {role}")
    if cursor.connection.info.server_version >= _FIRST_WITH_MAINTAIN:
        cursor.execute(f"GRANT MAINTAIN ON patient_summary_delta TO {role}")
    for name in (*DOORS, *INTERNAL_FUNCTIONS):
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC, {role}")
    for name in DOORS:
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {role}")

"""Rows into the tables by COPY, as the role that owns them: the application's may not write them."""

from collections.abc import Iterable

import psycopg

from patients.generation.rows import CODES, TEXTS, columns
from patients.generation.stencils import Blocks
from patients.models.summary import COLUMNS

_STAGE = "generated_texts"
_CODES_STAGE = "generated_codes"
_IDS = """
SELECT nextval(pg_get_serial_sequence('fhir_resources', 'id')) FROM generate_series(1, %s)
"""
_STAMPED = f"""
INSERT INTO patient_summary_delta ({", ".join(COLUMNS)}, gone, xact)
SELECT {", ".join(COLUMNS)}, false, pg_current_xact_id() FROM patient_index WHERE id = ANY (%s::bigint[])
"""


def resource_ids(connection: psycopg.Connection, count: int) -> list[int]:
    """Ids for new resources, which nobody else is given."""
    return [id for (id,) in connection.execute(_IDS, (count,))]


def write(connection: psycopg.Connection, resources: Iterable[Blocks], *, patients: list[int]) -> None:
    """Write all rows in one transaction; `patients` are the ids of those that are Patients."""
    tables: dict[str, list[str]] = {}
    for blocks in resources:
        for table, block in blocks.items():
            tables.setdefault(table, []).append(block)
    with connection.transaction():
        if TEXTS in tables:
            _write_texts(connection, tables.pop(TEXTS))
        _write_codes(connection, tables.pop(CODES, []))
        for table, found in tables.items():
            _copy(connection, table, table, found)
        if patients:
            connection.execute(_STAMPED, (patients,))


def _write_texts(connection: psycopg.Connection, blocks: list[str]) -> None:
    """PostgreSQL makes documents of the texts."""
    names = columns(TEXTS)
    plain = ", ".join(name for name in names if name != "document")
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_STAGE} (LIKE {TEXTS}) ON COMMIT DELETE ROWS")
    connection.execute(f"ALTER TABLE {_STAGE} ALTER document TYPE text")
    _copy(connection, _STAGE, TEXTS, blocks)
    connection.execute(
        f"INSERT INTO {TEXTS} ({plain}, document)"
        f" SELECT {plain}, to_tsvector('simple'::regconfig, document) FROM {_STAGE}"
    )


def _write_codes(connection: psycopg.Connection, blocks: list[str]) -> None:
    lines = {line for block in dict.fromkeys(blocks) for line in block.splitlines(keepends=True)}
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_CODES_STAGE} (LIKE {CODES}) ON COMMIT DELETE ROWS")
    connection.execute(f"ALTER TABLE {_CODES_STAGE} ALTER id DROP NOT NULL")
    _copy(connection, _CODES_STAGE, CODES, sorted(lines))
    arrays = ", ".join(f"array_agg({name})" for name in columns(CODES))
    connection.execute(f"SELECT fhir_write_codes({arrays}) FROM {_CODES_STAGE}")


def _copy(connection: psycopg.Connection, table: str, shape: str, blocks: list[str]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns(shape))}) FROM STDIN") as copy,
    ):
        copy.write("".join(blocks))

"""The rows of `audit_records`: inserted with the change they tell of, or from a spool."""

from collections.abc import Iterable, Sequence

from patients.audit import keys
from patients.audit.payloads import COLUMNS
from perf import database
from perf.spool.frames import Entry, code_after

_NAMES = ", ".join(COLUMNS)
_TYPED = ", ".join(f"{name} {type}" for name, type in COLUMNS.items())
_VALUES = ", ".join(
    f"coalesce(entry.{name}, '{{}}')" if type == "text[]" else f"entry.{name}"
    for name, type in COLUMNS.items()
)

# A row of a transaction stands in no chain. Its position is drawn after the transaction has its id, so that
# all positions below one drawn now belong to transactions that are known (heads.py).
_INSERT = f"""
    WITH begun AS MATERIALIZED (SELECT pg_current_xact_id())
    INSERT INTO audit_records ({_NAMES}, number, code)
    SELECT {_VALUES}, nextval('audit_positions'), decode(given.code, 'hex')
    FROM begun, jsonb_to_recordset(%s::jsonb) AS given (code text, entry jsonb),
         jsonb_to_record(given.entry) AS entry ({_TYPED})
    """
_INSERT_ONE = database.Query("audit", _INSERT)
_INSERT_MANY = database.Query("audits", _INSERT)

_MOVE = database.Query(
    "audit of a spool",
    f"""
    INSERT INTO audit_records ({_NAMES}, chain, number, code)
    SELECT {_VALUES}, given.chain, given.number, decode(given.code, 'hex')
    FROM jsonb_to_recordset(%s::jsonb) AS given (chain uuid, number bigint, code text, entry jsonb),
         jsonb_to_record(given.entry) AS entry ({_TYPED})
    ON CONFLICT DO NOTHING
    """,
)


def row_code(payload: bytes) -> bytes:
    """The code of a row that stands in no chain."""
    return code_after(keys.key("row"), b"", payload)


def insert_with_transaction(payloads: Sequence[bytes]) -> None:
    """Insert rows that are there if, and only if, the transaction is committed."""
    query = _INSERT_ONE if len(payloads) == 1 else _INSERT_MANY
    database.fetch_primary(
        query,
        (
            _array(
                f'{{"code":"{row_code(payload).hex()}","entry":{payload.decode()}}}' for payload in payloads
            ),
        ),
    )


def insert_moved(chain: bytes, entries: Sequence[Entry]) -> None:
    """Insert the entries of a spool that are not there yet."""
    database.fetch_primary(
        _MOVE,
        (
            _array(
                f'{{"chain":"{chain.hex()}","number":{entry.number},"code":"{entry.code.hex()}",'
                f'"entry":{entry.payload.decode()}}}'
                for entry in entries
            ),
        ),
    )


def _array(objects: Iterable[str]) -> str:
    return f"[{','.join(objects)}]"

"""Makes the head of a minute."""

import logging
from collections.abc import Sequence

from django.db import transaction

from patients.audit import draining, heads
from patients.audit.heads import Block, Dropped, Head, StoredHead
from perf import database

logger = logging.getLogger(__name__)

# More are left to the next head, so that no statement takes too long.
MOST_POSITIONS = 500_000

_DRAWN = database.Query("audit position", "SELECT coalesce(pg_sequence_last_value('audit_positions'), 0)")
_SNAPSHOT = database.Query(
    "audit snapshot",
    """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint, now()
    """,
)
_GROWN = database.Query(
    "audit chains",
    """
    SELECT chain, number, code FROM audit_chains
    WHERE moved > coalesce(%s::timestamptz, '-infinity') - interval '5 minutes'
    ORDER BY chain
    """,
)
_BLOCK = database.Query(
    "audit block",
    """
    SELECT count(*), encode(sha256(coalesce(string_agg(code, ''::bytea ORDER BY number), '')), 'hex')
    FROM audit_records
    WHERE chain IS NULL AND number > %s AND number <= %s
    """,
)
MONTHS = database.Query(
    "audit months",
    """
    SELECT replace(substring(inhrelid::regclass::text FROM '[0-9]{4}_[0-9]{2}$'), '_', '-')
    FROM pg_inherits
    WHERE inhparent = 'audit_records'::regclass AND inhrelid::regclass::text ~ '[0-9]{4}_[0-9]{2}$'
    ORDER BY 1
    """,
)


def seal(dropped: Sequence[Dropped] = ()) -> StoredHead | None:
    """Sign what is there, and say so in the log; None if somebody else is doing it."""
    draining.drain()
    with transaction.atomic(durable=True):
        stored = heads.store(_head(heads.last(), list(dropped)))
    if stored is not None:
        logger.info("audit head %d %s", stored.number, stored.code.hex())
    return stored


def months() -> list[str]:
    """The months that have a partition, like 2026-11."""
    return [month for (month,) in database.fetch_primary(MONTHS)]


def _head(last: StoredHead | None, dropped: list[Dropped]) -> Head:
    before = last.head() if last else None
    # First the position, then a transaction id: whoever has drawn a position up to it has a lower id.
    [(position,)] = database.fetch_primary(_DRAWN)
    [(earliest, own, now)] = database.fetch_primary(_SNAPSHOT)
    pending = before.drawn if before else []
    # Ids that are higher than one's own are of before a dump was restored.
    settled = [each for each in pending if each[1] <= earliest or each[1] > own]
    after = before.block.to if before else 0
    to = min(max([after, *(each[0] for each in settled)]), after + MOST_POSITIONS)
    [(count, digest)] = database.fetch_primary(_BLOCK, (after, to))
    gone = {each.month for each in dropped}
    return Head(
        number=before.number + 1 if before else 1,
        made=now.isoformat(),
        previous=last.code.hex() if last else "",
        since=next(month for month in months() if month not in gone),
        chains=_grown(before),
        block=Block(after, to, count, digest),
        drawn=[*(each for each in pending if each[0] > to), [position, own]],
        dropped=dropped,
    )


def _grown(before: Head | None) -> dict[str, list[object]]:
    known = before.chains if before else {}
    rows = database.fetch_primary(_GROWN, (before.made if before else None,))
    grown = {chain.hex: [number, bytes(code).hex()] for chain, number, code in rows}
    return {chain: end for chain, end in grown.items() if known.get(chain) != end}

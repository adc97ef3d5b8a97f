"""Moves the spools of this host into `audit_records`.

Any process may do it, several at once and over again: an entry that is there is not inserted twice, and a
segment is removed only when its entries are committed. What somebody did not move because he died lies there
for the next.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import transaction

from patients.audit import rows
from perf import database
from perf.spool import Segment, segments
from perf.spool.frames import Entry

logger = logging.getLogger(__name__)

_AT_A_TIME = 1_000
_NOT_TAKEN = (psycopg.DataError, psycopg.IntegrityError)

_NOTE_CHAIN = database.Query(
    "audit chain",
    """
    INSERT INTO audit_chains AS known (chain, number, code) VALUES (%s, %s, %s)
    ON CONFLICT (chain) DO UPDATE SET number = excluded.number, code = excluded.code, moved = now()
    WHERE known.number < excluded.number
    """,
)

# Segments that are still written to, with the number of what was moved of them.
_moved: dict[str, int] = {}


def drain() -> int:
    """Move what is there; answer how many entries that were.

    :raises psycopg.Error: if the database does not answer; then all stays where it is.
    """
    number = 0
    seen = set()
    for segment in segments(Path(settings.AUDIT_DIR)):
        seen.add(segment.path.name)
        number += _move(segment)
    for name in set(_moved) - seen:
        _moved.pop(name, None)  # another thread may have been here
    return number


def _move(segment: Segment) -> int:
    name = segment.path.name
    if segment.is_damaged:
        logger.error(
            "audit: %s: %d bytes behind its %d entries are not whole; kept in %s",
            name,
            segment.excess_bytes,
            len(segment.entries),
            "damaged/",
        )
    entries = [entry for entry in segment.entries if entry.number > _moved.get(name, 0)]
    refused = 0
    if entries and segment.header:
        refused = _insert(segment.header.chain, entries)
        _moved[name] = entries[-1].number
    segment.remove(is_whole=not refused)
    return len(entries) - refused


def _insert(chain: bytes, entries: Sequence[Entry]) -> int:
    """Commit the entries; answer how many were not taken."""
    refused = 0
    # Not within a transaction that may be rolled back when the segment is gone.
    with transaction.atomic(durable=True):
        for some in _slices(entries):
            try:
                with transaction.atomic():
                    rows.insert_moved(chain, some)
            except _NOT_TAKEN:
                refused += _insert_each(chain, some)
        last = entries[-1]
        database.fetch_primary(_NOTE_CHAIN, (chain.hex(), last.number, last.code))
    return refused


def _insert_each(chain: bytes, entries: Sequence[Entry]) -> int:
    """Let one entry that the database cannot hold not keep the others out; its gap will be found."""
    refused = 0
    for entry in entries:
        try:
            with transaction.atomic():
                rows.insert_moved(chain, [entry])
        except _NOT_TAKEN as error:
            refused += 1
            logger.error(
                "audit: entry %d of chain %s is not taken: %s", entry.number, chain.hex(), error.sqlstate
            )
    return refused


def _slices(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _AT_A_TIME):
        yield entries[start : start + _AT_A_TIME]

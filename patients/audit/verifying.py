"""Tells whether all that was recorded is there as it was: heads, months, chains, rows of transactions."""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from patients.audit import draining, heads, keys, payloads, sealing
from patients.audit.heads import Block, Told
from patients.audit.rows import row_code
from perf import database
from perf.spool import reading
from perf.spool.frames import code_after, first_code

Row = Mapping[str, Any]
_NAMES = (*payloads.COLUMNS, "chain", "number", "code")
_IN_CHAINS = f"SELECT {', '.join(_NAMES)} FROM audit_records WHERE chain IS NOT NULL ORDER BY chain, number"
_OF_TRANSACTIONS = f"SELECT {', '.join(_NAMES)} FROM audit_records WHERE chain IS NULL ORDER BY number"
_COUNT = database.Query("audit size", "SELECT count(*) FROM audit_records")
_AT_A_TIME = 5_000
# Of rows that no head tells of yet.
_NO_BLOCK = (Block(sys.maxsize, sys.maxsize, 0, ""), 0, "")


def count() -> int:
    """How many records there are to look at."""
    with _patiently():
        return int(database.fetch_primary(_COUNT)[0][0])


def verify(
    *, expected: tuple[int, str] | None = None, advanced: Callable[[int], object] = lambda _: None
) -> Iterator[str]:
    """Give a sentence for each thing that is not as it was; none: all is there.

    `expected`: number and code of a head that the log tells of. `advanced` is told of records looked at.
    """
    draining.drain()
    for path in reading.damaged(Path(settings.AUDIT_DIR)):
        yield f"Spool {path.name} was not whole: its end was torn off, or changed. It lies in {path.parent}."
    told = Told()
    yield from _verify_heads(told, expected)
    yield from _verify_months(told)
    with _patiently():
        yield from _Chains(told).verify(_rows(_IN_CHAINS, advanced))
        yield from _Blocks(told).verify(_rows(_OF_TRANSACTIONS, advanced))


def _verify_heads(told: Told, expected: tuple[int, str] | None) -> Iterator[str]:
    number, code, is_expected_there = 0, "", expected is None
    for stored in heads.stored():
        if stored.number != number + 1:
            yield f"Heads {number + 1} to {stored.number - 1} are missing."
        if not stored.is_signed:
            yield f"Head {stored.number} was changed, or signed with another key."
        try:
            head = stored.head()
        except ValueError as error:
            yield str(error)
        else:
            if stored.number == number + 1 and head.previous != code:
                yield f"Head {stored.number} does not follow head {number}."
            told.add(head)
        number, code = stored.number, stored.code.hex()
        is_expected_there |= expected == (number, code)
    if expected and not is_expected_there:
        yield f"Head {expected[0]} of the log is not there as the log has it; the last one there is {number}."


def _verify_months(told: Told) -> Iterator[str]:
    there, this = set(sealing.months()), f"{datetime.now(UTC):%Y-%m}"
    month = told.since or this
    while month <= this:
        if month not in there:
            yield f"Month {month} is gone, and no head says that it was dropped."
        year, number = map(int, month.split("-"))
        month = f"{year + number // 12:04d}-{number % 12 + 1:02d}"


class _Chains:
    """Each entry follows the one before, up to what the heads tell of."""

    def __init__(self, told: Told) -> None:
        self._key = keys.key("chain")
        self._ends = dict(told.ends)
        self._dropped: dict[str, list[list[Any]]] = defaultdict(list)
        for dropped in told.dropped:
            for chain, ranges in dropped.chains.items():
                self._dropped[chain] += ranges

    def verify(self, rows: Iterator[Row]) -> Iterator[str]:
        for uuid, entries in groupby(rows, key=lambda row: row["chain"]):
            yield from self._verify_chain(uuid, entries)
        for chain in sorted(self._ends):
            yield from self._missing_end(chain, 0)

    def _verify_chain(self, uuid: UUID, entries: Iterator[Row]) -> Iterator[str]:
        chain, number = uuid.hex, 0
        code: bytes | None = first_code(self._key, uuid.bytes)
        told = self._ends.get(chain, (0, "", 0))
        for row in entries:
            if row["number"] <= number:
                yield f"{_where(row)} was put in later."
                continue
            if row["number"] > number + 1:
                is_dropped, code = self._what_was_dropped(chain, number + 1, row["number"] - 1)
                if not is_dropped:
                    yield f"{_entries(chain, number + 1, row['number'] - 1)} missing, before {_where(row)}."
            if code is not None and code_after(self._key, code, payloads.of_row(row)) != row["code"]:
                yield f"{_where(row)} was changed."
            number, code = row["number"], row["code"]
            if number == told[0] and row["code"].hex() != told[1]:
                yield f"{_where(row)} is not what head {told[2]} tells of."
        yield from self._missing_end(chain, number)

    def _missing_end(self, chain: str, number: int) -> Iterator[str]:
        end, _, head = self._ends.pop(chain, (0, "", 0))
        if end > number and not self._what_was_dropped(chain, number + 1, end)[0]:
            yield f"{_entries(chain, number + 1, end)} missing at its end; head {head} tells of them."

    def _what_was_dropped(self, chain: str, first: int, last: int) -> tuple[bool, bytes | None]:
        """Whether all entries from `first` to `last` were dropped with their months; the last one's code."""
        code = None
        for start, end, ending in sorted(self._dropped[chain]):
            if start <= first <= end:
                first, code = end + 1, ending
        return first > last, bytes.fromhex(code) if code and first == last + 1 else None


class _Blocks:
    """Each row of a transaction is unchanged, and there are as many as the heads tell of."""

    def __init__(self, told: Told) -> None:
        self._blocks = told.blocks
        self._dropped: dict[int, int] = defaultdict(int)
        for dropped in told.dropped:
            for number, rows in dropped.blocks.items():
                self._dropped[int(number)] += rows

    def verify(self, rows: Iterator[Row]) -> Iterator[str]:
        waiting = iter(self._blocks)
        block, head, made = next(waiting, _NO_BLOCK)
        seen, digest = 0, hashlib.sha256()
        for row in rows:
            while row["number"] > block.to:
                yield from self._judged(block, head, made, seen, digest.hexdigest())
                block, head, made = next(waiting, _NO_BLOCK)
                seen, digest = 0, hashlib.sha256()
            if row_code(payloads.of_row(row)) != row["code"]:
                yield f"{_where(row)} was changed."
            if row["number"] > block.after:
                seen += 1
                digest.update(row["code"])
        while block.count:
            yield from self._judged(block, head, made, seen, digest.hexdigest())
            block, head, made = next(waiting, _NO_BLOCK)
            seen, digest = 0, hashlib.sha256()

    def _judged(self, block: Block, head: int, made: str, seen: int, digest: str) -> Iterator[str]:
        kept = block.count - self._dropped[head]
        rows = f"rows at positions {block.after + 1} to {block.to} (head {head} of {made})"
        if seen < kept:
            yield f"{kept - seen:,} of {block.count:,} {rows} are missing."
        elif seen > block.count:
            yield f"{seen - block.count:,} {rows} were put in later."
        elif seen == block.count and digest != block.digest:
            yield f"The {rows} are not those that were there."


def _rows(sql: str, advanced: Callable[[int], object]) -> Iterator[Row]:
    with database.raw_connection(database.PRIMARY_ALIAS).cursor("audit") as cursor:
        cursor.itersize = _AT_A_TIME
        cursor.execute(sql.encode())
        while rows := cursor.fetchmany(_AT_A_TIME):
            advanced(len(rows))
            for row in rows:
                values = dict(zip(_NAMES, row, strict=True))
                yield {**values, "code": bytes(values["code"])}


@contextmanager
def _patiently() -> Iterator[None]:
    """A transaction that may take its time and read all."""
    with transaction.atomic():
        connection = database.raw_connection(database.PRIMARY_ALIAS)
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL enable_seqscan = on")
        yield


def _entries(chain: str, first: int, last: int) -> str:
    which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
    return f"Chain {chain}: {which}"


def _where(row: Row) -> str:
    return f"Record {row['id']} of {payloads.time_text(row['recorded'])}"

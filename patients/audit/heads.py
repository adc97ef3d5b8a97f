"""Signed heads: what was there at a minute, each with the code of the one before.

A head names the last entry of each chain that has grown, and count and digest of the rows that transactions
have added: what is missing later was taken away. It goes to the table and, as number and code, to the log, so
that heads that are taken away are missed as well.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from patients.audit import keys
from perf import database
from perf.spool.frames import code_after

_NEXT = database.Query(
    "audit heads",
    "SELECT number, content, code FROM audit_heads WHERE number > %s ORDER BY number LIMIT 2000",
)
_LAST = database.Query(
    "last audit head", "SELECT number, content, code FROM audit_heads ORDER BY number DESC LIMIT 1"
)
_INSERT = database.Query(
    "audit head",
    """
    INSERT INTO audit_heads (number, content, code) VALUES (%s, %s, %s)
    ON CONFLICT DO NOTHING RETURNING number
    """,
)


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of transactions at the positions after `after` up to `to`: how many, and what they are."""

    after: int
    to: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A month that was dropped: the entries of chains in it, and how many rows of which head's block."""

    month: str
    # Of each chain the first and last number of entries that follow each other, and the code of the last.
    chains: Mapping[str, list[list[Any]]]
    blocks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """What was there."""

    number: int
    made: str
    previous: str
    # The first month of the table.
    since: str
    # Of each chain the number of its last entry and the code of that.
    chains: Mapping[str, list[Any]]
    block: Block
    # Positions drawn at earlier heads, each with the transaction id below which all must have ended before
    # the rows up to there can be counted.
    drawn: list[list[int]]
    dropped: list[Dropped] = field(default_factory=list)

    def content(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(slots=True)
class Told:
    """What all heads tell together."""

    since: str = ""
    # Of each chain the number and the code of the last entry that is told of, and the head that does.
    ends: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    # Blocks with rows, each with the number of its head and the time.
    blocks: list[tuple[Block, int, str]] = field(default_factory=list)
    sealed_to: int = 0
    dropped: list[Dropped] = field(default_factory=list)

    def add(self, head: Head) -> None:
        self.since = head.since
        for chain, (number, code) in head.chains.items():
            if number >= self.ends.get(chain, (0,))[0]:
                self.ends[chain] = number, code, head.number
        if head.block.count:
            self.blocks.append((head.block, head.number, head.made))
        self.sealed_to = max(self.sealed_to, head.block.to)
        self.dropped += head.dropped


@dataclass(frozen=True, slots=True)
class StoredHead:
    """A head as it stands in the table."""

    number: int
    content: str
    code: bytes

    @property
    def is_signed(self) -> bool:
        return code_of(self.content) == self.code

    def head(self) -> Head:
        """:raises ValueError: if the content is none of a head's."""
        try:
            values = json.loads(self.content)
            block = Block(**values.pop("block"))
            dropped = [Dropped(**each) for each in values.pop("dropped")]
            return Head(**values, block=block, dropped=dropped)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"Head {self.number} cannot be read.") from error


def code_of(content: str) -> bytes:
    return code_after(keys.key("head"), b"", content.encode())


def stored() -> Iterator[StoredHead]:
    """Give all heads in their order."""
    number = 0
    while rows := database.fetch_primary(_NEXT, (number,)):
        for number, content, code in rows:
            yield StoredHead(number, content, bytes(code))


def told() -> Told:
    """Return what all heads tell, whether or not they are signed."""
    together = Told()
    for each in stored():
        together.add(each.head())
    return together


def last() -> StoredHead | None:
    rows = database.fetch_primary(_LAST)
    return StoredHead(rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None


def store(head: Head) -> StoredHead | None:
    """Insert the head; None if somebody else has made one of its number."""
    content = head.content()
    code = code_of(content)
    is_new = database.fetch_primary(_INSERT, (head.number, content, code))
    return StoredHead(head.number, content, code) if is_new else None

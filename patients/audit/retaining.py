"""Makes the months to come, and drops those whose time is over: whole, and only when a head says so."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from patients.audit import heads, sealing
from patients.audit.heads import Dropped, Told
from patients.fhir.outcomes import FhirError
from patients.models.database_code import AUDIT_MONTHS_AHEAD
from perf import database

_MAKE = database.Query("audit months to come", "SELECT audit_make_months(%s)")


class NotSealed(FhirError):
    """A month cannot be dropped before all that is in it has been signed."""


def make_months() -> int:
    """Make the partitions of the months to come; answer how many that were."""
    return int(database.fetch_primary(_MAKE, (AUDIT_MONTHS_AHEAD,))[0][0])


def drop_months(*, keep: int) -> list[str]:
    """Drop all months but this one and the `keep` before it, as the owner of the tables; answer which.

    :raises NotSealed: if something in them is in no head yet.
    """
    oldest = _month_before(datetime.now(UTC), keep)
    there = sealing.months()
    told = heads.told()
    untold = [month for month in there if told.since <= month < oldest]
    if untold:
        sealing.seal([_dropped(month, told) for month in untold])
        told = heads.told()
    gone = [month for month in there if month < min(oldest, told.since)]
    for month in gone:
        _drop(month)
    return gone


def _drop(month: str) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(f"DROP TABLE {_table(month)}")


def _dropped(month: str, told: Told) -> Dropped:
    """What a head says of a month that is to be dropped."""
    chains: dict[str, list[list[Any]]] = defaultdict(list)
    blocks: dict[str, int] = defaultdict(int)
    at = 0
    for chain, number, code in _entries(month):
        if chain is not None:
            _extend(chains[chain.hex], number, code.hex())
            continue
        if number > told.sealed_to:
            raise NotSealed(f"Not all of {month} is signed yet; try again in some minutes.")
        while at < len(told.blocks) and number > told.blocks[at][0].to:
            at += 1
        if at < len(told.blocks) and number > told.blocks[at][0].after:
            blocks[str(told.blocks[at][1])] += 1
    return Dropped(month, dict(chains), dict(blocks))


def _extend(ranges: list[list[Any]], number: int, code: str) -> None:
    if ranges and ranges[-1][1] == number - 1:
        ranges[-1][1:] = number, code
    else:
        ranges.append([number, number, code])


def _entries(month: str) -> Iterator[tuple[Any, int, bytes]]:
    query = f"SELECT chain, number, code FROM {_table(month)} ORDER BY chain NULLS LAST, number"
    with transaction.atomic(using="owner"):
        connection = database.raw_connection("owner")
        with connection.cursor("audit month") as cursor:
            cursor.execute(query.encode())
            for chain, number, code in cursor:
                yield chain, number, bytes(code)


def _table(month: str) -> str:
    return f"public.audit_records_{month[:4]}_{month[5:]}"


def _month_before(now: datetime, number: int) -> str:
    months = now.year * 12 + now.month - 1 - number
    return f"{months // 12:04d}-{months % 12 + 1:02d}"

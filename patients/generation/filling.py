"""The whole work: room is looked for, indexes are set aside, chunks are written, indexes are built."""

import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.db import connections

from patients.generation import chunks, indexes
from patients.generation.chunks import OWNER_ALIAS
from patients.generation.population import Population
from patients.models import summary_refresh
from perf import database

# Measured with all indexes; the embedded standby has the same again, and the log its share.
_BYTES_OF_OBSERVATION = 10_000
_BYTES_OF_LOG = 6 * 1024**3
# Whoever fills the system holds this advisory lock.
_LOCK_KEY = 7_240_118_530_002


class RefusedError(Exception):
    """The system is not fit to be filled."""


@dataclass(frozen=True, slots=True)
class Need:
    """What will be written, and the room for it; `free_bytes` is None where the server is elsewhere."""

    patients: int
    observations: int
    bytes: int
    free_bytes: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What the work tells of itself."""

    wrote: Callable[[int], None]
    built: Callable[[str], None]


def need_of(population: Population) -> Need:
    """Where the servers are on this host, the free room of their disk."""
    copies = 2 if settings.REPLICA_ENABLED else 1
    host = settings.DATABASES[OWNER_ALIAS]["HOST"]
    is_here = host.startswith("/") and Path(settings.DATA_DIR).exists()
    return Need(
        population.patients,
        population.observations,
        population.observations * _BYTES_OF_OBSERVATION * copies
        + min(_BYTES_OF_LOG, population.observations * _BYTES_OF_OBSERVATION),
        shutil.disk_usage(settings.DATA_DIR).free if is_here else None,
    )


def fill(population: Population, *, into_existing: bool, processes: int, progress: Progress) -> None:
    """Write the population.

    An empty system is filled without the indexes, which are built afterwards; do not use it meanwhile. One
    that has records keeps its indexes and can be used: each chunk is a transaction like any other.

    :raises RefusedError: if there is no room, records are there and may not be, or somebody else is at it.
    """
    need = need_of(population)
    if need.free_bytes is not None and need.free_bytes < need.bytes:
        raise RefusedError(f"{need.bytes / 1e9:.1f} GB are needed, {need.free_bytes / 1e9:.1f} GB are free.")
    connection = database.raw_connection(OWNER_ALIAS)
    with _alone(connection):
        indexes.rebuild(connection, advanced=progress.built)
        is_empty = _is_empty(connection)
        if not is_empty and not into_existing:
            raise RefusedError("There are records already; --into-existing adds to them.")
        if is_empty:
            indexes.set_aside(connection)
        try:
            _write(population, processes, progress)
        finally:
            indexes.rebuild(connection, advanced=progress.built)
    connection.execute("VACUUM (ANALYZE)")
    summary_refresh.refresh(trigger="command", is_forced=True)


def _write(population: Population, processes: int, progress: Progress) -> None:
    todo = chunks.chunks_of(population)
    if processes == 1:
        for chunk in todo:
            progress.wrote(chunks.write(chunk))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=django.setup) as pool:
        try:
            for done in as_completed([pool.submit(chunks.write, chunk) for chunk in todo]):
                progress.wrote(done.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK_KEY,)).fetchone()
    if not row or not row[0]:
        raise RefusedError("Somebody else is filling this system.")
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK_KEY,))


def _is_empty(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT NOT EXISTS (SELECT FROM fhir_resources)").fetchone()
    return bool(row and row[0])


def close() -> None:
    connections[OWNER_ALIAS].close()

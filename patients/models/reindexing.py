"""Search rows made anew from the stored versions, after the definitions that they follow have changed.

A type is walked by FHIR id, a batch a transaction, and the batch's last id is noted in it: after a kill the
next run goes on there. Whoever writes a resource meanwhile writes its rows by the new definitions, so that
it is left alone.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from patients.fhir.resource import parse
from patients.fhir.search_digest import definitions_digest
from patients.models import arrays
from patients.models.index_rows import PARAMETERS
from patients.models.search_index import SearchIndexState
from patients.models.writing import Change, change_of_stored, search_parameters
from perf import database

BATCH_SIZE = 200
# How long a resource that somebody is writing is left to them before it is looked at again.
_PAUSE_SECONDS = 0.02

_PARTIAL = database.Query(
    "partial types", "SELECT resource_type FROM search_index_state WHERE NOT is_complete"
)
_NEXT = database.Query(
    "resources to reindex",
    """
    SELECT r.fhir_id, r.version_id, v.content
    FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.resource_type = %s AND r.fhir_id > %s AND NOT r.deleted
    ORDER BY r.fhir_id LIMIT %s
    """,
)
_REMAINING = database.Query(
    "count of resources to reindex",
    "SELECT count(*) FROM fhir_resources WHERE resource_type = %s AND fhir_id > %s AND NOT deleted",
)
_REINDEX = database.Query(
    "reindex",
    f"SELECT fhir_reindex({', '.join(f'%s::{type}' for type in ('integer[]', *PARAMETERS.values()))})",
)
_NOTE_DEFINITIONS = """
    INSERT INTO search_index_state AS s (resource_type, definitions, is_complete, last_resource_id)
    -- Ordered, it is looked up in an index: the planner would read all for each type that has no resource.
    SELECT n.resource_type, n.definitions, (
        SELECT r.id FROM fhir_resources r WHERE r.resource_type = n.resource_type AND NOT r.deleted
        ORDER BY r.fhir_id LIMIT 1
    ) IS NULL, ''
    FROM unnest(%s::text[], %s::text[]) AS n(resource_type, definitions)
    ON CONFLICT (resource_type) DO UPDATE
    SET definitions = excluded.definitions, is_complete = excluded.is_complete, last_resource_id = ''
    WHERE s.definitions <> excluded.definitions
"""


def partial_types(principal: str | None) -> frozenset[str]:
    """Types of which a search may not find all, because `manage.py reindex` has yet to run or to end.

    Without a `principal` as the primary knows it: for what is decided there.
    """
    if principal is None:
        return frozenset(resource_type for (resource_type,) in database.fetch_primary(_PARTIAL))
    return frozenset(resource_type for (resource_type,) in database.fetch(_PARTIAL, principal=principal))


def note_definitions(connection: BaseDatabaseWrapper, resource_types: Sequence[str]) -> None:
    """Note which types are to be reindexed by this version's definitions; those without resources are not."""
    digests = [definitions_digest(each) for each in resource_types]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_DEFINITIONS, [list(resource_types), digests])


def remaining(resource_type: str) -> int:
    """How many resources a run would still come to."""
    last = _last_id(resource_type)
    return int(database.fetch_primary(_REMAINING, (resource_type, last))[0][0])


def reindex(resource_type: str, *, advanced: Callable[[int], None], batch_size: int = BATCH_SIZE) -> None:
    """Make the rows of all resources of a type anew, from where an earlier run was stopped.

    `advanced` is told after each batch how many resources that was.
    """
    last: str | None = _last_id(resource_type)
    while last is not None:
        with transaction.atomic():
            done, last = _batch(resource_type, last, batch_size)
        if done:
            advanced(done)
        elif last is not None:
            time.sleep(_PAUSE_SECONDS)


def reindexed(changes: Sequence[Change]) -> list[bool]:
    """Make the rows of stored versions anew; False where one isn't current, or somebody is writing it."""
    versions = arrays.plain(change.expected_version for change in changes)
    answers: list[bool] = database.fetch_primary(_REINDEX, [versions, *search_parameters(changes)])[0][0]
    return answers


def _batch(resource_type: str, last: str, batch_size: int) -> tuple[int, str | None]:
    """Reindex up to the first resource that somebody is writing; how many those were, and where to go on."""
    rows = database.fetch_primary(_NEXT, (resource_type, last, batch_size))
    if not rows:
        _note(resource_type, is_complete=True, last_resource_id="")
        return 0, None
    changes = [change_of_stored(parse(content), id=id, version=version) for id, version, content in rows]
    written = reindexed(changes)
    done = written.index(False) if False in written else len(written)
    if done:
        last = rows[done - 1][0]
        _note(resource_type, last_resource_id=last)
    return done, last


def _last_id(resource_type: str) -> str:
    found = SearchIndexState.objects.filter(resource_type=resource_type).first()
    return found.last_resource_id if found else ""


def _note(resource_type: str, **columns: Any) -> None:
    defaults = {"definitions": definitions_digest(resource_type), **columns}
    SearchIndexState.objects.update_or_create(
        resource_type=resource_type, defaults=defaults, create_defaults={"is_complete": False, **defaults}
    )

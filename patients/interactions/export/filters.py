"""Which of some resources the filters of an export take, as the index has them now."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from patients.fhir import type_filters
from patients.models import ExportJob
from patients.models.reindexing import partial_types
from patients.search import resources
from patients.search.sight import Sight
from perf.database import Query, fetch_primary

_IDS = Query(
    "export: ids of a slice",
    """
    SELECT fhir_id FROM fhir_resources
    WHERE resource_type = %s AND fhir_id > %s ORDER BY fhir_id LIMIT %s
    """,
)


def of_type(job: ExportJob, resource_type: str) -> list[str]:
    """The filters of the type; if there are none, all of its resources are taken."""
    return [each for each in job.type_filters if each.partition("?")[0] == resource_type]


def types_without_index(filters: Iterable[str]) -> list[str]:
    """The types of which these might not find all, because their index is being made anew."""
    asked = {resource_type for each in filters for resource_type in type_filters.search_of(each).asked_types}
    return sorted(asked & partial_types(principal=None)) if asked else []


def taken(
    filters: Sequence[str], resource_type: str, *, after_id: str, size: int, sight: Sight
) -> frozenset[str]:
    """The ids of those of the next resources that any of the filters takes."""
    ids = [row[0] for row in fetch_primary(_IDS, (resource_type, after_id, size))]
    found: set[str] = set()
    for filter in filters if ids else ():
        found.update(resources.matching_ids(type_filters.search_of(filter, ids), limit=len(ids), sight=sight))
    return frozenset(found)


@contextmanager
def one_moment() -> Iterator[None]:
    """All statements see the same, so that what is written is what was taken."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield

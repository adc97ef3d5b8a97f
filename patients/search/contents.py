"""The texts of a page, up to so many bytes: a page of huge resources ends early, and goes on by its link.

The database adds the sizes up, which it knows without reading the texts; what is beyond is not fetched.
"""

from collections.abc import Sequence

from django.conf import settings

from patients.search.fragments import Fragment
from perf.database import Row


def content(window: str, version: str = "v") -> Fragment:
    """The text of a row, NULL where it no longer fits; `window` is the order of the page, by rows."""
    return Fragment(f"CASE WHEN {fits(window, version).sql} THEN {version}.content END")


def fits(window: str, version: str = "v") -> Fragment:
    """Whether a row's text fits into the page: with those before it, or because it is the first."""
    return Fragment(
        f"(row_number() OVER {window} = 1"
        f" OR sum(coalesce(octet_length({version}.content), 0)) OVER {window} <= {settings.MAX_PAGE_BYTES:d})"
    )


def version_of(row: str) -> Fragment:
    """The current version of a row that has its `id` and `version_id`, as `v`."""
    return Fragment(
        "CROSS JOIN LATERAL (SELECT n.content FROM fhir_resource_versions n"
        f" WHERE n.resource_id = {row}.id AND n.version_id = {row}.version_id OFFSET 0) v"
    )


def fitting(rows: Sequence[Row], column: int) -> Sequence[Row]:
    """The rows before the first that has no text in the column."""
    end = next((at for at, row in enumerate(rows) if row[column] is None), len(rows))
    return rows[:end]

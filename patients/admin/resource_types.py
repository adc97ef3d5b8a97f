"""The resource types that there are, found by leaping along an index instead of counting it through."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from perf.database import Query, fetch_primary

_PRESENT = Query(
    "resource types",
    """
    WITH RECURSIVE present AS (
        SELECT min(resource_type) AS name FROM fhir_resources
        UNION ALL
        SELECT (SELECT min(r.resource_type) FROM fhir_resources r WHERE r.resource_type > present.name)
        FROM present
        WHERE present.name IS NOT NULL
    )
    SELECT name FROM present WHERE name IS NOT NULL
    """,
)


def present_types() -> list[str]:
    """The types of which a resource is stored, deleted ones included, in alphabetical order."""
    return [name for (name,) in fetch_primary(_PRESENT)]


class ResourceTypeFilter(admin.SimpleListFilter):
    """Resources of one type."""

    title = "resource type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in present_types()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(resource_type=self.value()) if self.value() else queryset

"""Tokens by which resources are found: identifiers, phone numbers."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from patients.admin import finding
from patients.admin.disclosure import record_list, seen_rows
from patients.admin.read_only import ReadOnlyAdmin
from patients.models import CompartmentMember, SearchToken


@admin.register(SearchToken)
class SearchTokenAdmin(ReadOnlyAdmin):
    """The rows as `fhir_write` keeps them; those of one resource stand on its page too."""

    list_display = ("found_resource", "parameter", "system", "value")
    list_display_links = None
    list_select_related = ("resource",)
    fields = ("found_resource", "parameter", "system", "value")
    readonly_fields = fields
    search_fields = ("resource__fhir_id",)
    search_help_text = finding.HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[SearchToken]:
        queryset = seen_rows(request, super().get_queryset(request), column="resource_id")
        return queryset.select_related("resource").defer("resource__resource_data")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if term:
            queryset = queryset.filter(resource_id__in=finding.find_resources(request, term))
        return queryset, False

    def prepare_page(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        _record(request, rows)

    def prepare_row(self, request: HttpRequest, row: Any) -> None:
        _record(request, [row])

    @admin.display(description="resource")
    def found_resource(self, row: SearchToken) -> SafeString:
        address = reverse("admin:patients_fhirresource_change", args=[row.resource_id])
        return format_html('<a href="{}">{}</a>', address, row.resource)


def _record(request: HttpRequest, rows: Sequence[Any]) -> None:
    """A token tells of the Patient that it finds, or of those in whose compartment the resource lies."""
    own = [row.resource.fhir_id for row in rows if row.resource_type == "Patient"]
    members = CompartmentMember.objects.filter(resource_id__in={row.resource_id for row in rows})
    types = {row.resource_type for row in rows}
    record_list(
        request,
        resource_type=types.pop() if len(types) == 1 else "Resource",
        patients=[*own, *members.values_list("patient_id", flat=True)],
    )

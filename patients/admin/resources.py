"""Resources: their list, and on each one's page its text, its versions and what finds it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from patients.admin import finding, resource_pages
from patients.admin.disclosure import seen_rows
from patients.admin.failures import failures_shown
from patients.admin.keyset import PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.resource_types import ResourceTypeFilter
from patients.admin.times import shown_time
from patients.models import FhirResource


@admin.register(FhirResource)
class FhirResourceAdmin(ReadOnlyAdmin):
    """Every resource, the deleted ones included."""

    list_display = ("reference", "version_id", "state", "when", "chart")
    list_filter = (ResourceTypeFilter,)
    search_fields = ("fhir_id",)
    search_help_text = finding.HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[FhirResource]:
        return seen_rows(request, super().get_queryset(request)).defer("resource_data")

    def page_key(self, request: HttpRequest) -> PageKey:
        # Of one type they lie together in the index of type and id; by primary key all would be walked.
        of_a_type = ResourceTypeFilter.parameter_name in request.GET and not request.GET.get("q")
        return PageKey(("fhir_id",), is_descending=False) if of_a_type else self.key

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if term:
            queryset = queryset.filter(pk__in=finding.find_resources(request, term))
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/versions/<int:version_id>/",
                view(self.version_view),
                name="patients_fhirresource_version",
            ),
            path("<int:pk>/difference/", view(self.difference_view), name="patients_fhirresource_difference"),
            *super().get_urls(),
        ]

    @failures_shown
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return resource_pages.resource_page(self, request, object_id)

    @failures_shown
    def version_view(self, request: HttpRequest, pk: int, version_id: int) -> HttpResponse:
        return resource_pages.version_page(self, request, pk, version_id)

    @failures_shown
    def difference_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return resource_pages.difference_page(self, request, pk)

    @admin.display(description="resource")
    def reference(self, row: FhirResource) -> str:
        return str(row)

    @admin.display(description="last updated")
    def when(self, row: FhirResource) -> SafeString:
        return shown_time(row.last_updated)

    @admin.display(description="state")
    def state(self, row: FhirResource) -> SafeString | str:
        return format_html('<span class="state state-gone">{}</span>', "deleted") if row.deleted else "live"

    @admin.display(description="chart")
    def chart(self, row: FhirResource) -> SafeString | str:
        if row.resource_type != "Patient" or row.deleted:
            return ""
        address = reverse("pages:chart", args=[row.fhir_id])
        return format_html('<a href="{}">open<span class="visually-hidden"> {}</span></a>', address, row)

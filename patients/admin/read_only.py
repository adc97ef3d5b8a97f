"""Models that are looked at and never changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from patients.admin.failures import failures_shown
from patients.admin.keyset import PagedByKey


class ReadOnlyAdmin(PagedByKey):
    """Lists by key and pages without a form; what is not indexed cannot be filtered or sorted by."""

    actions: Any = None
    change_list_template = "admin/patients/keyset_list.html"
    change_form_template = "admin/patients/row.html"
    empty_value_display = ""
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    def prepare_row(self, request: HttpRequest, row: Any) -> None:
        """See the row of a page of its own before it is shown."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what `list_filter` names: any other field would be looked for row by row."""
        return lookup in {getattr(each, "parameter_name", None) for each in self.list_filter}

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @failures_shown
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, extra_context)

    @failures_shown
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        self.prepare_row(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

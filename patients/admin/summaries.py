"""Patient search's relations: the index, the view that projects it, and the delta written since."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from patients.admin import finding, state
from patients.admin.disclosure import record_list, record_row, seen_rows
from patients.admin.json_text import lines
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.models import PatientIndex, PatientSummary, PatientSummaryDelta

# Shown in words or laid out by a method of their own.
_BOOLEAN_COLUMNS = ("active", "deceased")
_JSON_COLUMNS = ("names", "identifiers", "telecoms", "addresses")


class PatientColumnsAdmin(ReadOnlyAdmin):
    """What the three have in common; to look at a row is to look at a Patient, and is recorded."""

    list_display: tuple[str, ...] = (
        "patient_id",
        "family_name",
        "given_name",
        "birth_date",
        "gender",
        "version_id",
        "when",
    )
    empty_value_display = "not recorded"
    search_fields = ("patient_id",)
    search_help_text = finding.HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen_rows(request, super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if term:
            queryset = queryset.filter(pk__in=finding.find_patients(request, term))
        return queryset, False

    def prepare_page(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        record_list(request, resource_type="Patient", patients=[row.patient_id for row in rows])

    def prepare_row(self, request: HttpRequest, row: Any) -> None:
        record_row(request, patient_id=row.patient_id, version_id=row.version_id)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = (*_BOOLEAN_COLUMNS, *_JSON_COLUMNS)
        columns = [field.name for field in self.opts.concrete_fields if field.name not in own]
        return [*columns, *(f"{column}_shown" for column in own)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    @admin.display(description="last updated")
    def when(self, row: Any) -> SafeString:
        return shown_time(row.last_updated)

    @admin.display(description="active")
    def active_shown(self, row: Any) -> str | None:
        return _in_words(row.active)

    @admin.display(description="deceased")
    def deceased_shown(self, row: Any) -> str | None:
        return _in_words(row.deceased)

    @admin.display(description="names")
    def names_shown(self, row: Any) -> SafeString:
        return _shown(row.names)

    @admin.display(description="identifiers")
    def identifiers_shown(self, row: Any) -> SafeString:
        return _shown(row.identifiers)

    @admin.display(description="telecoms")
    def telecoms_shown(self, row: Any) -> SafeString:
        return _shown(row.telecoms)

    @admin.display(description="addresses")
    def addresses_shown(self, row: Any) -> SafeString:
        return _shown(row.addresses)


@admin.register(PatientIndex)
class PatientIndexAdmin(PatientColumnsAdmin):
    """One row for each Patient that is not deleted."""


@admin.register(PatientSummaryDelta)
class PatientSummaryDeltaAdmin(PatientColumnsAdmin):
    """The patients written since the view's snapshot; `gone` marks the deleted."""

    list_display = (*PatientColumnsAdmin.list_display, "gone")


@admin.register(PatientSummary)
class PatientSummaryAdmin(PatientColumnsAdmin):
    """The view as it stands, and of each row whether the delta has overtaken it."""

    change_list_template = "admin/patients/patientsummary/change_list.html"
    list_display = (*PatientColumnsAdmin.list_display, "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PatientSummary]:
        if state.is_view_populated():
            return super().get_queryset(request)
        messages.warning(
            request, "The view holds nothing yet: searches read the base table until it is refreshed."
        )
        return super().get_queryset(request).none()

    def prepare_page(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        super().prepare_page(request, rows)
        newer = PatientSummaryDelta.objects.only("version_id", "gone").in_bulk([row.pk for row in rows])
        for row in rows:
            row.overtaken_by = newer.get(row.pk)

    @admin.display(description="standing")
    def standing(self, row: Any) -> str:
        newer = row.overtaken_by
        if newer is None:
            return "current"
        return "deleted since" if newer.gone else f"version {newer.version_id} in the delta"


def _in_words(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _shown(value: Any) -> SafeString:
    text = json.dumps(value, ensure_ascii=False)
    return render_to_string("admin/patients/json.html", {"lines": lines(text)})

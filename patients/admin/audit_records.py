"""The audit: who did what to which resource, when, and how it went."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from patients.admin.keyset import PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.audit import draining
from patients.models import AuditRecord

# Neither actor nor resource is indexed yet: a search reads this many of the newest rows, no more.
ROWS_SEARCHED = 100_000
_PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class PeriodFilter(admin.SimpleListFilter):
    """The newest, by the index on the time."""

    title = "time"
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, f"The last {name}") for name in _PERIODS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        period = _PERIODS.get(self.value() or "")
        return queryset.filter(recorded__gte=timezone.now() - period) if period else queryset


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    """Rows are added by the interactions; nobody changes or removes them."""

    key = PageKey(("recorded", "id"))
    list_display = (
        "when",
        "who",
        "interaction",
        "resource",
        "outcome_shown",
        "patient_count",
    )
    list_filter = (PeriodFilter,)
    search_fields = ("actor",)
    search_help_text = (
        f"The whole of it: a log-in name, a request id, Patient/1, or a patient's id for all that was seen "
        f"of them. Looks through the newest {ROWS_SEARCHED:,} rows."
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Others' hosts do so every few seconds.
        draining.drain()
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        newest_first = AuditRecord.objects.order_by("-recorded").values_list("recorded", flat=True)
        since = next(iter(newest_first[ROWS_SEARCHED : ROWS_SEARCHED + 1]), None)
        newest = queryset.filter(recorded__gt=since) if since else queryset
        return newest.filter(_meaning(term)), False

    @admin.display(description="when")
    def when(self, row: AuditRecord) -> SafeString:
        return shown_time(row.recorded)

    @admin.display(description="who")
    def who(self, row: AuditRecord) -> SafeString:
        return format_html('{}<span class="sub">{} {}</span>', row.actor, row.channel, row.address)

    @admin.display(description="resource")
    def resource(self, row: AuditRecord) -> SafeString:
        if not row.resource_id:
            return format_html(
                '{}<span class="sub long">{}</span>', row.resource_type, Truncator(row.query or "").chars(120)
            )
        reference = f"{row.resource_type}/{row.resource_id}"
        shown = f"{reference}/_history/{row.version_id}" if row.version_id else reference
        address = reverse("admin:patients_fhirresource_changelist")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode({"q": reference}), shown)

    @admin.display(description="outcome")
    def outcome_shown(self, row: AuditRecord) -> SafeString | int:
        if row.outcome < 400:
            return row.outcome
        state = "bad" if row.outcome >= 500 or row.outcome in (401, 403) else "warn"
        return format_html('<span class="state state-{}">{}</span>', state, row.outcome)

    @admin.display(description="patients")
    def patient_count(self, row: AuditRecord) -> int:
        return len(row.patients)


def _meaning(term: str) -> Q:
    resource_type, slash, id = term.partition("/")
    if slash:
        return Q(resource_type=resource_type, resource_id=id)
    return Q(actor=term) | Q(request_id=term) | Q(resource_id=term) | Q(patients__contains=[term])

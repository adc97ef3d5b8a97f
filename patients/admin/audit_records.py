"""The audit: who did what to which resource, when, and how it went."""

import re
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from patients.admin.disclosure import record_list
from patients.admin.keyset import KeysetChangeList, PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.audit import draining, questions
from patients.models import AuditRecord

# What no index knows is looked for in so many of the newest rows, no more.
ROWS_SEARCHED = 100_000
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")
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


class AuditChangeList(KeysetChangeList):
    """Reads the records about one patient by the index that their number asks for."""

    def get_results(self, request: HttpRequest) -> None:
        patient = _patient_meant(self.query.strip())
        with questions.asked_of(patient) if patient else nullcontext():
            super().get_results(request)


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
        "The whole of it: Patient/1 or a patient's id for who saw the patient, a log-in name for what they "
        f"saw; or, among the newest {ROWS_SEARCHED:,} rows, a request id or a resource like Observation/1."
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Complete up to now, but for the last seconds of other hosts, which move theirs themselves.
        draining.drain()
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(_meaning(term)), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return AuditChangeList

    def prepare_page(self, request: HttpRequest, rows: Sequence[AuditRecord]) -> None:
        record_list(request, resource_type="AuditEvent", patients=[])

    def prepare_row(self, request: HttpRequest, row: AuditRecord) -> None:
        record_list(request, resource_type="AuditEvent", patients=[])

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


def _patient_meant(term: str) -> str | None:
    """The Patient whose records are looked for: by the reference, or by an id that is nothing else's."""
    resource_type, slash, id = term.partition("/")
    if slash or not term:
        return id if resource_type == "Patient" and id else None
    is_other = _user_meant(term) is not None or _is_actor(term) or _REQUEST_ID.fullmatch(term)
    return None if is_other else term


def _meaning(term: str) -> Q:
    """What is meant, by the one index that knows it."""
    patient = _patient_meant(term)
    if patient is not None:
        return questions.about(patient)
    resource_type, slash, id = term.partition("/")
    if slash:
        return _newest(Q(resource_type=resource_type, resource_id=id))
    user = _user_meant(term)
    if user is not None:
        return Q(user_id=user)
    return Q(user_id=None, actor=term) if _is_actor(term) else _newest(Q(request_id=term))


def _user_meant(term: str) -> int | None:
    return get_user_model().objects.filter(username=term).values_list("pk", flat=True).first()


def _is_actor(term: str) -> bool:
    return bool(AuditRecord.objects.filter(user_id=None, actor=term).order_by()[:1])


def _newest(meaning: Q) -> Q:
    newest_first = AuditRecord.objects.order_by("-recorded").values_list("recorded", flat=True)
    since = next(iter(newest_first[ROWS_SEARCHED : ROWS_SEARCHED + 1]), None)
    return meaning & Q(recorded__gt=since) if since else meaning

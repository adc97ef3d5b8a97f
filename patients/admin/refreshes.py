"""Refreshes of the summary view: what each tick did, and a button that orders one."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from patients.admin.keyset import PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.models import SummaryRefresh, summary_refresh

_STATE_OF_VERDICT = {"refreshed": "ok", "busy": "warn", "failed": "bad"}


@admin.register(SummaryRefresh)
class SummaryRefreshAdmin(ReadOnlyAdmin):
    """The verdicts of the beat, of the command and of this page; all call the same code."""

    change_list_template = "admin/patients/summaryrefresh/change_list.html"
    key = PageKey(("started", "id"))
    list_display = (
        "when",
        "verdict_shown",
        "trigger",
        "duration",
        "delta_rows",
        "pruned_rows",
        "wal",
        "detail",
    )

    def has_refresh_permission(self, request: HttpRequest) -> bool:
        """Whoever was granted to change refreshes may order one; their rows nobody changes."""
        return request.user.has_perm("patients.change_summaryrefresh")

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., Any] = self.admin_site.admin_view(self.refresh_view)
        return [path("refresh/", view, name="patients_summaryrefresh_refresh"), *super().get_urls()]

    @method_decorator(require_POST)
    def refresh_view(self, request: HttpRequest) -> HttpResponse:
        """Refresh now, whether or not it is due, and tell the verdict."""
        if not self.has_refresh_permission(request):
            raise PermissionDenied
        try:
            record = summary_refresh.refresh(trigger="admin", is_forced=True)
        except psycopg.Error:
            messages.error(request, "The refresh failed; its row says why. Searches stay exact meanwhile.")
        else:
            self.log_addition(request, record, "Ordered a refresh.")
            messages.add_message(request, _level(record), _sentence(record))
        return redirect("admin:patients_summaryrefresh_changelist")

    @admin.display(description="started")
    def when(self, row: SummaryRefresh) -> SafeString:
        return shown_time(row.started)

    @admin.display(description="verdict")
    def verdict_shown(self, row: SummaryRefresh) -> SafeString:
        return format_html(
            '<span class="state state-{}">{}</span>', _STATE_OF_VERDICT.get(row.verdict, "plain"), row.verdict
        )

    @admin.display(description="duration")
    def duration(self, row: SummaryRefresh) -> str:
        return f"{row.duration_seconds:.2f} s"

    @admin.display(description="WAL")
    def wal(self, row: SummaryRefresh) -> str:
        return filesizeformat(row.wal_bytes)


def _level(record: SummaryRefresh) -> int:
    return messages.SUCCESS if record.verdict == "refreshed" else messages.WARNING


def _sentence(record: SummaryRefresh) -> str:
    if record.verdict == "busy":
        return "Busy: somebody else is refreshing the view, or rebuilding it. Nothing was done."
    return (
        f"{record.verdict.capitalize()}: {record.pruned_rows} of {record.delta_rows} delta rows pruned "
        f"in {record.duration_seconds:.2f} s, {filesizeformat(record.wal_bytes)} of WAL."
    )

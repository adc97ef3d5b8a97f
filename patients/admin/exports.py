"""Bulk exports: who ordered what, how far it is, why it failed; and an action that gives them up."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from patients.admin.disclosure import actor_of
from patients.admin.keyset import PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.admin.times import shown_time
from patients.interactions import export
from patients.models import ExportJob

_LOOK_OF_STATE = {"completed": "ok", "failed": "bad"}


@admin.register(ExportJob)
class ExportJobAdmin(ReadOnlyAdmin):
    """The orders whose time is not over; nobody reads their files here."""

    key = PageKey(("created", "id"))
    list_display = ("when", "principal", "level", "state_shown", "progress", "size", "error", "request_url")
    exclude = ("members", "snapshot")
    actions = ("cancel",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExportJob]:
        files = {"resources": Sum("files__resources"), "bytes": Sum("files__bytes")}
        return super().get_queryset(request).annotate(**files)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whoever was granted to change exports may give one up; their rows nobody changes."""
        return request.user.has_perm("patients.change_exportjob")

    @admin.action(description="Cancel the selected exports, and remove their files", permissions=["cancel"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[ExportJob]) -> None:
        actor = actor_of(request)
        self.log_deletions(request, jobs)
        for job in jobs:
            export.cancel_for_another(actor=actor, job_id=job.id)
        self.message_user(request, "The exports are cancelled, and their files removed.")

    @admin.display(description="ordered")
    def when(self, row: ExportJob) -> SafeString:
        return shown_time(row.created)

    @admin.display(description="state")
    def state_shown(self, row: ExportJob) -> SafeString:
        look = _LOOK_OF_STATE.get(row.state, "plain")
        return format_html('<span class="state state-{}">{}</span>', look, row.state)

    @admin.display(description="progress")
    def progress(self, row: Any) -> str:
        return f"{row.resources or 0} resources; {row.types_done} of {len(row.types)} types"

    @admin.display(description="files")
    def size(self, row: Any) -> str:
        return filesizeformat(row.bytes or 0)

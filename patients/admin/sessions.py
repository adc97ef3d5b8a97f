"""Log-ins that are open. A session's key opens it, so no page here shows one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from patients.admin.keyset import PageKey
from patients.admin.read_only import ReadOnlyAdmin
from patients.models import Session


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Who is logged in, and until when if they do nothing more."""

    list_display = ("user", "expire_date")
    list_display_links = None
    list_per_page = 200
    key = PageKey(("expire_date",))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).filter(expire_date__gt=timezone.now())

    def prepare_page(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        users = get_user_model().objects.in_bulk({row.user_id for row in rows if row.user_id})
        for row in rows:
            row.user = users.get(row.user_id)

    def has_view_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        # The list only: the page of one would have its key in the address.
        return obj is None and super().has_view_permission(request)

    @admin.display(description="user", empty_value="nobody yet")
    def user(self, row: Any) -> Any:
        return row.user

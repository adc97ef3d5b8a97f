"""The administrators' door: every model, read-mostly (docs/architecture.md#admin).

Records are looked at here, never changed: the application's role may not write their tables. Whoever
looks at one leaves an audit row, as through every other door.
"""

from django.conf import settings
from django.contrib import admin

from patients.admin import (
    audit_records,
    exports,
    load_progress,
    refreshes,
    resources,
    roles,
    search_tokens,
    sessions,
    summaries,
    tokens,
    users,
)

__all__ = [
    "audit_records",
    "exports",
    "load_progress",
    "refreshes",
    "resources",
    "roles",
    "search_tokens",
    "sessions",
    "summaries",
    "tokens",
    "users",
]

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Administration"

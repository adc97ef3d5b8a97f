"""The administrators' door: every model, read-mostly (docs/architecture.md#admin).

Records are looked at here, never changed: the application's role may not write their tables. Whoever
looks at one leaves an audit row, as through every other door.
"""

from patients.admin import (
    audit_records,
    refreshes,
    resources,
    search_tokens,
    sessions,
    summaries,
    tokens,
)

__all__ = ["audit_records", "refreshes", "resources", "search_tokens", "sessions", "summaries", "tokens"]

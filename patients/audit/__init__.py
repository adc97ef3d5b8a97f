"""Every interaction leaves an entry, durable before its answer is sent (docs/security.md#audit).

What discloses, is refused or fails is appended to the spool of the process (`recording.py`), which needs no
database; a change is a row of its own transaction (`rows.py`). `draining.py` moves the spool into the table
`audit_records`.
"""

from patients.audit.entries import AuditEntry
from patients.audit.recording import NotRecorded, has_recorded, record, record_all

__all__ = ["AuditEntry", "NotRecorded", "has_recorded", "record", "record_all"]

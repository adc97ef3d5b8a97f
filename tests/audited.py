"""What the audit holds: of all processes, up to now."""

from django.db.models import QuerySet

from patients.audit import draining
from patients.models import AuditRecord


def audit_records() -> QuerySet[AuditRecord]:
    """All records, after what lies in the spools has been moved to them."""
    draining.drain()
    return AuditRecord.objects.all()

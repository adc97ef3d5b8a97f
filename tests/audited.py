"""What the audit holds: of all processes, up to now."""

from django.db import connections
from django.db.models import QuerySet

from patients.audit import draining
from patients.models import AuditRecord


def audit_records() -> QuerySet[AuditRecord]:
    """All records, after what lies in the spools has been moved to them."""
    draining.drain()
    return AuditRecord.objects.all()


def forget_chains(actor: str) -> None:
    """Take away, as the owner of the tables, the chains of an actor that no head has told of yet."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_chains WHERE chain IN (SELECT chain FROM audit_records WHERE actor = %s)",
            [actor],
        )
        cursor.execute("DELETE FROM audit_records WHERE actor = %s AND chain IS NOT NULL", [actor])

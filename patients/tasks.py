"""What the worker does; beat says when (`CELERY_BEAT_SCHEDULE`)."""

import uuid

from celery import shared_task
from django.conf import settings

from patients.accounts import lock_out, sessions
from patients.audit import draining, retaining, sealing
from patients.interactions import export
from patients.models import summary_refresh


@shared_task
def refresh_patient_summary() -> str:
    """Refresh the summary view if that is due; answer the verdict, which is also recorded."""
    return summary_refresh.refresh(trigger="beat").verdict


@shared_task
def continue_export(job_id: str) -> None:
    """Work on a bulk export for some seconds, then let others have a turn."""
    if export.run_portion(uuid.UUID(job_id)):
        export.nudge(uuid.UUID(job_id))


@shared_task
def forget_ended_log_ins() -> None:
    """Remove sessions that are over, and failed log-ins that count no more."""
    sessions.forget_ended()
    lock_out.forget_old()


@shared_task
def attend_exports() -> None:
    """Take up the exports that no worker has, and remove those whose time is over."""
    for job_id in export.unattended():
        export.nudge(job_id)
    export.remove_old()


@shared_task
def drain_audit() -> int:
    """Move what this host's processes have recorded into the database."""
    return draining.drain()


@shared_task
def seal_audit() -> None:
    """Sign what is recorded up to now."""
    sealing.seal()


@shared_task
def keep_audit() -> None:
    """Make the months to come, and drop those whose time is over."""
    retaining.make_months()
    if settings.AUDIT_RETENTION_MONTHS:
        retaining.drop_months(keep=settings.AUDIT_RETENTION_MONTHS)

"""What the worker does; beat says when (`CELERY_BEAT_SCHEDULE`)."""

from celery import shared_task

from patients.models import summary_refresh


@shared_task
def refresh_patient_summary() -> str:
    """Refresh the summary view if that is due; answer the verdict, which is also recorded."""
    return summary_refresh.refresh(trigger="beat").verdict

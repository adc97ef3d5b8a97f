"""What is left of exports whose time is over, or that were cancelled while a worker was writing."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from patients.interactions.export import files
from patients.models import ExportJob


def remove_old() -> None:
    """Remove jobs that ended long ago, and folders without a job."""
    # Looked for first: a job that is ordered in between has no folder among these.
    present = files.jobs_with_files()
    before = timezone.now() - timedelta(hours=settings.EXPORT_HOURS)
    ExportJob.objects.filter(finished__lt=before).delete()
    for id in present - set(ExportJob.objects.values_list("id", flat=True)):
        files.remove(id)

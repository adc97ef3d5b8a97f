"""Celery: `celery --app fhirsite worker` and `beat`. Tasks live in `patients/tasks.py`."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init, worker_ready
from django.conf import settings

from fhirsite.checks import told_in_one_line
from fhirsite.embedded.processes.lifetime import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fhirsite.settings")

with told_in_one_line():
    settings.INSTALLED_APPS  # noqa: B018  loads the settings

app = Celery("fhirsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _end_with_master(**_: Any) -> None:
    end_with_parent()


@worker_ready.connect
@beat_init.connect
def _tell_ready(**_: Any) -> None:
    """Tell the supervisor, where there is one."""
    if ready_file := os.environ.get("FHIRSITE_READY_FILE"):
        Path(ready_file).touch()

"""What a process does with the audit when it begins and when it ends."""

import atexit
import logging
import threading

import django.db
import psycopg
from django.db import connections

from patients.audit import draining, recording

logger = logging.getLogger(__name__)


def drain_in_background() -> None:
    """Move what processes before this one have left, while this one begins to answer."""
    threading.Thread(target=_drain_and_disconnect, name="audit drain", daemon=True).start()


def drain_at_exit() -> None:
    """Leave nothing in this process's spool when it ends in order."""
    atexit.register(_end)


def _end() -> None:
    if recording.has_spool():
        recording.close_spool()
        _drain_and_disconnect()


def _drain_and_disconnect() -> None:
    try:
        draining.drain()
    except (psycopg.Error, django.db.Error, OSError) as error:
        logger.warning("audit: not moved yet, which is tried again: %s", type(error).__name__)
    finally:
        connections.close_all()

"""Reads that may fail on their own: the one place where a page goes on without an answer."""

import logging
from collections.abc import Callable
from typing import TypeVar

from patients.access import Actor
from patients.fhir.outcomes import Unavailable

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def attempt(read: Callable[[], Answer], *, of: str, actor: Actor) -> Answer | None:
    """Return what a read answers, None if the store does not answer; nothing else is caught."""
    try:
        return read()
    except Unavailable:
        logger.warning("%s %s: left out of the page", actor.request_id, of)
        return None

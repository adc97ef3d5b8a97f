"""The key of the audit: it is kept outside of the database, so that who owns that cannot forge a record."""

import hmac
from functools import lru_cache

from django.conf import settings

_LABELS = {"chain": b"fhirsite audit chain", "head": b"fhirsite audit head", "row": b"fhirsite audit row"}


@lru_cache
def key(purpose: str) -> bytes:
    """The key for one purpose, so that no code made for one passes for another."""
    # Production settings demand one of its own (fhirsite/checks.py).
    given = settings.AUDIT_KEY or settings.SECRET_KEY
    return hmac.digest(given.encode(), _LABELS[purpose], "sha256")

"""The key of the audit: it is kept outside of the database, so that who owns that cannot forge a record."""

import hmac
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_LABELS = {"chain": b"fhirsite audit chain", "head": b"fhirsite audit head", "row": b"fhirsite audit row"}


@lru_cache
def key(purpose: str) -> bytes:
    """The key for one purpose, so that no code made for one passes for another."""
    if not settings.AUDIT_KEY:
        raise ImproperlyConfigured("FHIRSITE_AUDIT_KEY must be given: without it no audit can be kept.")
    return hmac.digest(settings.AUDIT_KEY.encode(), _LABELS[purpose], "sha256")

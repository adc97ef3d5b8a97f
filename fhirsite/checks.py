"""What production settings must be like; a site that is not so does not start.

https://docs.djangoproject.com/en/5.2/howto/deployment/checklist/
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# What Django's own check of a deployment asks of a key (security.W009).
_SHORTEST_KEY = 50
_FEWEST_CHARACTERS = 5
_ADDRESSES = {"FHIRSITE_BASE_URLS": "BASE_URLS", "FHIRSITE_TRUSTED_ORIGINS": "CSRF_TRUSTED_ORIGINS"}


def require_production(settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """:raises ImproperlyConfigured: if something may not be so where records are; it names all."""
    found = list(_faults(settings, environment))
    if found:
        raise ImproperlyConfigured(f"FHIRSITE_PRODUCTION=1 does not go with this: {'; '.join(found)}.")


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End a process whose settings are refused with their sentence, and no traceback."""
    try:
        yield
    except ImproperlyConfigured as refusal:
        sys.exit(f"fhirsite: {refusal}")


def _faults(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    for name in ("SECRET_KEY", "AUDIT_KEY"):
        yield from _key_faults(f"FHIRSITE_{name}", settings[name])
    if settings["DEBUG"]:
        yield "FHIRSITE_DEBUG is on"
    if environment.get("FHIRSITE_DEMO", "").lower() not in ("", "0", "false", "no", "n", "off"):
        yield "FHIRSITE_DEMO is on"
    if settings["LOG_LEVEL"] == "DEBUG":
        yield "FHIRSITE_LOG_LEVEL is DEBUG, at which libraries may log what they handle"
    hosts = settings["ALLOWED_HOSTS"]
    if not hosts or any(host.strip() in ("*", ".") for host in hosts):
        yield "FHIRSITE_ALLOWED_HOSTS must name the hosts, without *"
    for name, key in (
        ("FHIRSITE_BASE_URLS", "BASE_URLS"),
        ("FHIRSITE_TRUSTED_ORIGINS", "CSRF_TRUSTED_ORIGINS"),
    ):
        if any(not url.startswith("https://") for url in settings[key]):
            yield f"{name} must hold https:// addresses only"
    if any(network.prefixlen == 0 for network in settings["TRUSTED_PROXIES"]):
        yield "FHIRSITE_TRUSTED_PROXIES trusts everybody"


def _key_faults(name: str, key: str) -> Iterator[str]:
    if not key:
        yield f"{name} is missing"
    elif len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_CHARACTERS or key.startswith("django-insecure-"):
        yield f"{name} is weak (give {_SHORTEST_KEY} random characters or more)"

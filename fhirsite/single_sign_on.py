"""Settings of single sign-on, read so that what cannot work stops the start with a sentence."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CLIENT_ID, _CLIENT_SECRET = "FHIRSITE_OIDC_CLIENT_ID", "FHIRSITE_OIDC_CLIENT_SECRET"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def issuer(name: str) -> str:
    """:raises ImproperlyConfigured: if it is no HTTPS address; on this machine HTTP will do."""
    address = text(name).rstrip("/")
    if address and not _is_safe(address):
        raise ImproperlyConfigured(f"{name} must be like https://login.example.org, not {address!r}.")
    return address


def roles(name: str, known: Sequence[str]) -> dict[str, str]:
    """What a value of the claim stands for; without a setting the roles' own names.

    :raises ImproperlyConfigured: if a pair is no pair, or its role is none.
    """
    pairs = [pair.strip() for pair in text(name).split(",") if pair.strip()]
    read = {}
    for pair in pairs:
        value, equals, role = (part.strip() for part in pair.partition("="))
        if not (value and equals and role in known):
            raise ImproperlyConfigured(
                f"{name} must be VALUE=ROLE pairs separated by commas, with roles of {', '.join(known)}; "
                f"{pair!r} is none."
            )
        read[value] = role
    return read or {role: role for role in known}


def providers(address: str, called: str) -> dict[str, Any]:
    """What allauth is told of the identity provider.

    :raises ImproperlyConfigured: if it is named without the client that this site is to it.
    """
    if not address:
        return {}
    client_id, secret = text(_CLIENT_ID), text(_CLIENT_SECRET)
    if not (client_id and secret):
        raise ImproperlyConfigured(f"Single sign-on needs {_CLIENT_ID} and {_CLIENT_SECRET}.")
    app = {
        "provider_id": "organisation",
        "name": called,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": address},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    is_encrypted = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return is_encrypted and bool(host) and not parts.query and not parts.fragment

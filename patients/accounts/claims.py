"""What an identity provider says of a person, and which roles that gives them.

`FHIRSITE_OIDC_ROLES_CLAIM` names the claim, with dots for claims in claims (`realm_access.roles`);
`FHIRSITE_OIDC_ROLES` tells which of its values stands for which role.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

_NOT_IN_NAMES = re.compile(r"[^\w.@+-]")
_LONGEST_NAME = 100
_LONGEST_TEXT = 150

Claims = Mapping[str, Any]


def roles_of(claims: Claims) -> frozenset[str]:
    """The roles that the claims give; none if they say nothing that is known here."""
    values = _values(claims, settings.OIDC_ROLES_CLAIM)
    return frozenset(settings.OIDC_ROLES[value] for value in values if value in settings.OIDC_ROLES)


def names_of(claims: Claims) -> tuple[str, str]:
    """The name that the person is to have here, and the one if somebody else has that."""
    name = claims.get("preferred_username") or claims.get("sub")
    text = _NOT_IN_NAMES.sub("-", str(name))[:_LONGEST_NAME]
    host = urlsplit(settings.OIDC_ISSUER).hostname or ""
    return text, f"{text}@{host}"[:150]


def text_of(claims: Claims, name: str) -> str:
    """The claim, if it is a text, as long as it can be kept."""
    value = claims.get(name)
    return value.replace("\0", "")[:_LONGEST_TEXT] if isinstance(value, str) else ""


def merged(data: Claims) -> Claims:
    """The claims of the ID token, and those of the user info that it lacks.

    :raises ValueError: if they are of two persons.
    """
    userinfo, id_token = data.get("userinfo") or {}, data.get("id_token") or {}
    if userinfo and id_token and userinfo.get("sub") != id_token.get("sub"):
        # https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
        raise ValueError("The user info is of somebody else than the ID token.")
    return {**userinfo, **id_token}


def _values(claims: Claims, path: str) -> tuple[str, ...]:
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

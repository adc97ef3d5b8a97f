"""Bearer tokens of the API: made once, shown once, kept as a digest."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from patients.models import ApiToken

PREFIX = "fhs_"


def make_token(user: User, *, label: str, days: int) -> str:
    """A new token of the user's, which can't be read again."""
    token = PREFIX + secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=days)
    ApiToken.objects.create(user=user, digest=_digest(token), label=label, expires=expires)
    return token


def user_of(token: str) -> User | None:
    """Whose token it is; None if it is unknown, revoked or expired, or its user is not active."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(token), is_revoked=False, expires__gt=timezone.now(), user__is_active=True)
        .first()
    )
    return found.user if found else None


def _digest(token: str) -> bytes:
    # A token has 256 random bits: a plain hash of it can't be searched for.
    return hashlib.sha256(token.encode()).digest()

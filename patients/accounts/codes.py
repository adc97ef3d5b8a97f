"""One-time codes: those of an authenticator app, and those on paper for when it is lost.

Each is good once. That is kept in the database and not, as allauth would, in the cache, without
which nobody could log in.
"""

import base64
import logging
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.crypto import constant_time_compare

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 30
DIGITS = 6
# A telephone's clock may be half a minute off.
TOLERANCE = 1
LAST_USED = "last_counter"


def accept(user: AbstractBaseUser, code: str) -> Authenticator | None:
    """Use up the code, and return what it came from; None if it is not good, or not any more."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdecimal()):
        return None
    with transaction.atomic():
        for authenticator in Authenticator.objects.select_for_update().filter(user_id=user.pk):
            try:
                if _is_used_up(authenticator, code):
                    return authenticator
            except InvalidToken:
                logger.error("second factor of user %s: encrypted under another key of the site", user.pk)
    return None


def is_of_secret(secret: str, code: str) -> bool:
    """Whether an app that knows the secret shows this code now."""
    return _counter_of(secret, "".join(code.split())) is not None


def _is_used_up(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return authenticator.wrap().validate_code(code)
    counter = _counter_of(decrypt(authenticator.data["secret"]), code)
    if counter is None or counter <= authenticator.data.get(LAST_USED, -1):
        return False
    authenticator.data[LAST_USED] = counter
    authenticator.save(update_fields=["data"])
    return True


def _counter_of(secret: str, code: str) -> int | None:
    """Return the period whose code it is. https://www.rfc-editor.org/rfc/rfc6238"""
    hotp = HOTP(base64.b32decode(secret), DIGITS, SHA1())  # noqa: S303, what authenticator apps know
    now = int(time.time()) // PERIOD_SECONDS
    for counter in range(now - TOLERANCE, now + TOLERANCE + 1):
        if constant_time_compare(hotp.generate(counter).decode(), code):
            return counter
    return None

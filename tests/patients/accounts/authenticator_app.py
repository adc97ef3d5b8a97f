"""An authenticator app: what a telephone shows for a secret."""

import base64
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def code(secret: str, *, periods_later: int = 0) -> str:
    app = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    return app.generate(time.time() + 30 * periods_later).decode()

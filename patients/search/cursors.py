"""Where a next page begins: signed, opaque, and good for the search that it was given for only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core import signing

from patients.fhir.outcomes import ExpiredCursor, InvalidCursor
from patients.fhir.search_request import SearchRequest

_SALT = "patients.search.cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The form of the statement, and the key after which its next page begins."""

    form: str
    key: list[object]


def write(request: SearchRequest, form: str, key: Sequence[object]) -> str:
    """The cursor of the page after the row with this key."""
    return signing.dumps([_digest(request), form, list(key)], salt=_SALT, compress=True)


def read(request: SearchRequest) -> Cursor:
    """The cursor that the request carries.

    :raises InvalidCursor: if it is not ours, or another search's.
    :raises ExpiredCursor: if it was given longer ago than cursors hold.
    """
    try:
        digest, form, key = signing.loads(
            request.cursor or "", salt=_SALT, max_age=timedelta(hours=settings.CURSOR_HOURS)
        )
    except signing.SignatureExpired:
        raise ExpiredCursor("This '_cursor' was given too long ago; begin with the first page.") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    if digest != _digest(request):
        raise InvalidCursor("This '_cursor' belongs to another search; begin with the first page.")
    return Cursor(form, key)


def _digest(request: SearchRequest) -> str:
    # Pages may change their size on the way, nothing else.
    criteria = replace(request, cursor=None, count=1, total="none").query()
    return hashlib.blake2b(criteria.encode(), digest_size=8).hexdigest()

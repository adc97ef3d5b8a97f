"""References as search sees them: `23`, `Patient/23`, or the URL of something elsewhere.

The URL of what is here is the same as its relative reference. A reference is found whichever version it
names, so a version cannot be asked for; that of a canonical URL (`http://…|1.0`) is part of the URL.

Specification: https://hl7.org/fhir/R4/search.html#reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from patients.fhir import own_addresses
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.values.escaping import escape

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LITERAL = re.compile(r"(?:(?P<type>[A-Za-z]+)/)?(?P<id>[A-Za-z0-9\-.]{1,64})")
_VERSIONED = re.compile(r"[A-Za-z]+/[A-Za-z0-9\-.]{1,64}/_history/[A-Za-z0-9\-.]{1,64}")


class ReferenceFormError(ValueError):
    """A text that is no reference to search for; its message goes on from "a reference that …"."""


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """A reference to search for: an id, of any type if `type` is None, or else an absolute URL."""

    type: str | None
    id: str | None
    url: str | None

    def query(self) -> str:
        if self.url is not None:
            return escape(self.url)
        return f"{self.type}/{self.id}" if self.type else self.id or ""


def parse_reference_value(text: str) -> ReferenceValue:
    """Parse a reference, its escapes already undone.

    :raises ReferenceFormError: if it is none, or names a type that R4 does not know, or a version.
    """
    if _URL.fullmatch(text):
        own = own_addresses.relative(text)
        found = _LITERAL.fullmatch(own) if own else None
        if found and found["type"] in RESOURCE_TYPES:
            return ReferenceValue(found["type"], found["id"], None)
        return ReferenceValue(None, None, text)
    if _VERSIONED.fullmatch(text):
        raise ReferenceFormError("names a version; references are found whichever version they name")
    found = _LITERAL.fullmatch(text)
    if found is None:
        raise ReferenceFormError("is not written like 23, Patient/23 or http://example.org/fhir/Patient/23")
    if found["type"] and found["type"] not in RESOURCE_TYPES:
        raise ReferenceFormError("names a type that R4 does not know")
    return ReferenceValue(found["type"], found["id"], None)

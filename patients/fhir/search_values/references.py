"""References of a resource: the type and id of what is here, or "" and the URL of what is elsewhere.

An absolute URL below an address of this service is the same as the relative reference.
Versions are left out: what refers to a version refers to the resource. Of a canonical URL the version is part
of what can be looked for, so it is there with and without. A reference to a contained resource (`#1`) is not
looked for, but there.

Specification: https://hl7.org/fhir/R4/search.html#reference
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from patients.fhir import own_addresses
from patients.fhir.search_values import tokens

Row = tuple[str, str]

_ID = r"[A-Za-z0-9\-.]{1,64}"
_RELATIVE = re.compile(rf"([A-Z][A-Za-z]+)/({_ID})(?:/_history/{_ID})?")
_ABSOLUTE = re.compile(rf"(?s)([A-Za-z][A-Za-z0-9+.\-]*:.+?)(?:/_history/{_ID})?")
# Whatever is sent, what is remembered stays small.
_LONGEST_REMEMBERED = 200
_TYPE_OF_URL = re.compile(rf"/([A-Z][A-Za-z]+)/{_ID}$")


def of_reference(value: Any) -> Iterable[Row]:
    text = value.get("reference") if value.__class__ is dict else None
    return _rows(text) if text.__class__ is str else ()


def of_identifier(value: Any) -> Iterable[Row]:
    """The identifier by which a reference is made, as a token."""
    identifier = value.get("identifier") if value.__class__ is dict else None
    return [row for row in tokens.of_identifier(identifier) if row[1]]


def of_display(value: Any) -> Iterable[tuple[str]]:
    text = value.get("display") if value.__class__ is dict else None
    return ((text,),) if text.__class__ is str else ()


def of_canonical(value: Any) -> Iterable[Row]:
    """A canonical or plain URI that names a resource."""
    if value.__class__ is not str:
        return ()
    url, bar, _ = value.partition("|")
    return (*_rows(url), ("", value)) if bar else _rows(url)


def of_resource(target: str) -> Callable[[Any], Iterable[Row]]:
    """Return what reads a resource within a Bundle as if it were referred to, if it is of this type."""

    def rows(value: Any) -> Iterable[Row]:
        if value.__class__ is not dict or value.get("resourceType") != target:
            return ()
        id = value.get("id")
        return ((target, id),) if id.__class__ is str else ()

    return rows


def only_to(target: str, read: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Iterable[Any]]:
    """Return what reads only references that are known to be to a resource of this type."""
    return lambda value: read(value) if _is_to(target, value) else ()


def _is_to(target: str, value: Any) -> bool:
    if value.__class__ is not dict:
        return False
    for resource_type, id in of_reference(value):
        found = _TYPE_OF_URL.search(id)
        known = resource_type or (found[1] if found else None)
        if known is not None:
            return known == target
    return bool(value.get("type") == target)


def _rows(text: str) -> Iterable[Row]:
    return _remembered_rows(text) if len(text) <= _LONGEST_REMEMBERED else _parsed(text)


def _parsed(text: str) -> tuple[Row]:
    if found := _RELATIVE.fullmatch(text):
        return ((found[1], found[2]),)
    own = own_addresses.relative(text)
    if own is not None and (found := _RELATIVE.fullmatch(own)):
        return ((found[1], found[2]),)
    found = _ABSOLUTE.fullmatch(text)
    return (("", found[1] if found else text),)


# A subject is read for several parameters, and by many resources after one another.
_remembered_rows = lru_cache(maxsize=4_096)(_parsed)

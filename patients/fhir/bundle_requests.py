"""The requests in the entries of a batch or transaction. https://hl7.org/fhir/R4/http.html#transaction

An entry is checked without its resource, which is whoever's that is asked to store it; and an address is
taken apart here, once.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from patients.fhir.outcomes import FhirError, InvalidRequest, Issue, TooLarge
from patients.fhir.primitives import PRIMITIVES
from patients.fhir.resource import Resource, from_value
from patients.fhir.validation import validate

MAXIMUM_ENTRIES = 5_000
LONGEST_URL = 65_536
BUNDLES_OF_REQUESTS = ("batch", "transaction")

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# What no address has: control characters, spaces, and what a path could climb out of the service by.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#\\]|(?:^|/)\.\.?(?:/|$)|^/|//")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
_PLAIN_ENTRY = frozenset({"fullUrl", "resource", "request"})
_PLAIN_REQUEST = frozenset({"method", "url"})
_NO_URL = "urn:none"
_is_uri = PRIMITIVES["uri"].is_valid
_CONDITIONS = ("ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist")


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """One entry: `path` and `query` are relative to the service, as written; `resource` is not validated."""

    index: int
    method: str
    path: str
    query: str
    full_url: str | None
    resource: Any
    conditions: dict[str, str]

    @property
    def segments(self) -> list[str]:
        parts = self.path.split("/")
        return [unquote(part) for part in parts] if "%" in self.path else parts

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def entries_of(bundle: Resource) -> tuple[str, list[Any]]:
    """Return the type of a bundle of requests, and its entries as they are.

    :raises InvalidRequest: if it is no batch and no transaction.
    :raises TooLarge: if it has too many entries.
    """
    if bundle.resource_type != "Bundle":
        raise InvalidRequest(
            f"This address takes a Bundle of type batch or transaction, not a {bundle.resource_type}.",
            expression=(f"{bundle.resource_type}.resourceType",),
        )
    type, entries = bundle.value.get("type"), bundle.value.get("entry", [])
    if type not in BUNDLES_OF_REQUESTS:
        raise InvalidRequest(
            "The Bundle must be of type batch or transaction; one of another type is created by POST Bundle.",
            expression=("Bundle.type",),
        )
    if not isinstance(entries, list):
        raise InvalidRequest("The entries of the Bundle must be an array.", expression=("Bundle.entry",))
    if len(entries) > MAXIMUM_ENTRIES:
        sentence = f"A Bundle may have at most {MAXIMUM_ENTRIES:,} entries here; this has {len(entries):,}."
        raise TooLarge(sentence, issues=(Issue("too-costly", sentence, ("Bundle.entry",)),))
    return type, entries


def entry_request(index: int, value: Any, *, base: str) -> EntryRequest:
    """Read one entry; `base` is the address of the service, without a slash at its end.

    :raises FhirError: if it is not an entry with a request.
    """
    _check_structure(index, value)
    request = value["request"]
    path, _, query = _relative(index, request["url"], base).partition("?")
    return EntryRequest(
        index=index,
        method=request["method"],
        path=path,
        query=query,
        full_url=value.get("fullUrl"),
        resource=value.get("resource"),
        conditions={name: request[name] for name in _CONDITIONS if name in request},
    )


@contextmanager
def naming_entry(index: int) -> Iterator[None]:
    """Let a failure say in which entry of the bundle it was found."""
    try:
        yield
    except FhirError as error:
        issues = tuple(
            Issue(it.code, f"Entry {index}: {it.diagnostics}", _within(index, it.expression), it.severity)
            for it in error.issues
        )
        raise type(error)(f"Entry {index}: {error}", issues=issues) from error


def _within(index: int, expressions: tuple[str, ...]) -> tuple[str, ...]:
    here = f"Bundle.entry[{index}]"
    if not expressions:
        return (here,)
    return tuple(
        each if each.startswith(here) else f"{here}.resource{each[len(each.partition('.')[0]) :]}"
        for each in expressions
    )


def _check_structure(index: int, value: Any) -> None:
    """Look at all of an entry but its resource; what is not understood there could be a condition."""
    here = f"Bundle.entry[{index}]"
    if not isinstance(value, dict):
        raise InvalidRequest("An entry must be an object.", expression=(here,))
    if not isinstance(value.get("request"), dict):
        raise InvalidRequest("The entry has no request.", expression=(f"{here}.request",))
    if _is_plain(value):
        return
    bare = {name: item for name, item in value.items() if name != "resource"}
    try:
        validate(from_value({"resourceType": "Bundle", "type": "batch", "entry": [bare]}))
    except FhirError as error:
        issues = tuple(
            Issue(
                it.code,
                it.diagnostics.replace("Bundle.entry[0]", here),
                tuple(each.replace("Bundle.entry[0]", here) for each in it.expression),
            )
            for it in error.issues
        )
        raise type(error)(str(error).replace("Bundle.entry[0]", here), issues=issues) from error


def _is_plain(entry: dict[str, Any]) -> bool:
    """Whether the entry has only what most have, and that as it must be: it need not be walked through."""
    request, full_url = entry["request"], entry.get("fullUrl", _NO_URL)
    return (
        entry.keys() <= _PLAIN_ENTRY
        and request.keys() == _PLAIN_REQUEST
        and request["method"].__class__ is str
        and request["method"] in _METHODS
        and _is_uri(request["url"])
        and _is_uri(full_url)
        and "/_history/" not in full_url
    )


def _relative(index: int, url: str, base: str) -> str:
    expression = (f"Bundle.entry[{index}].request.url",)
    if len(url) > LONGEST_URL:
        raise TooLarge(f"A url may be at most {LONGEST_URL:,} characters long.")
    if url == base or url.startswith(f"{base}/"):
        url = url[len(base) + 1 :]
    path, _, query = url.partition("?")
    if _ABSOLUTE.match(path):
        raise InvalidRequest("The url names another server than this.", expression=expression)
    if _FORBIDDEN.search(path) or _FORBIDDEN.search(unquote(path)) or "#" in query or "\0" in query:
        raise InvalidRequest(
            "The url must be relative to the address of the service, as in Patient/1.", expression=expression
        )
    return url

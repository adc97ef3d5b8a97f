"""An entry of a bundle, sent through the addresses as a request of its own, by whoever sent the bundle."""

import base64
import binascii
import io
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from django.conf import settings
from django.http import HttpResponseBase
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from patients.access import Channel
from patients.api.inner_requests import InnerRequest
from patients.api.renderers import FhirJsonRenderer
from patients.api.unknown_addresses import not_offered
from patients.fhir.bundle_requests import EntryRequest, naming_entry
from patients.fhir.bundle_responses import EntryResponse, failed
from patients.fhir.bundles import instant
from patients.fhir.exact_json import encode
from patients.fhir.outcomes import FhirError, InvalidRequest, Issue, TooCostly, operation_outcome

logger = logging.getLogger(__name__)

# Of the bundle's request, where it came from and went to; none of its own headers.
_KEPT = re.compile(
    r"SERVER_|REMOTE_|SCRIPT_NAME$|wsgi\.|HTTP_HOST$|HTTP_FORWARDED$|HTTP_X_FORWARDED_|HTTP_X_PURPOSE_OF_USE$"
)
_HEADERS = {
    "ifMatch": "HTTP_IF_MATCH",
    "ifNoneMatch": "HTTP_IF_NONE_MATCH",
    "ifNoneExist": "HTTP_IF_NONE_EXIST",
}
_UNSAFE_IN_QUERY = re.compile(r"[^\x21-\x7e]")
_LAST_UPDATED = re.compile(
    r'\{"resourceType":"\w+","id":"[^"]+","meta":\{"versionId":"\d+","lastUpdated":"([^"]+)"'
)


class _BundlesAuthentication(BaseAuthentication):
    """Whoever sent the bundle has been authenticated; each entry is authorised by what it does."""

    channel: Channel = "session"

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        inner = request._request
        if not isinstance(inner, InnerRequest):
            return None
        self.channel = inner.channel
        return inner.user, None


class EntryDispatcher:
    """Performs entries one after another."""

    def __init__(self, request: Request, *, base: str, prefer: str) -> None:
        self._request = request
        self._base = base
        self._prefer = prefer
        self._lengths: dict[int, int] = {}
        self._environment = {name: value for name, value in request.META.items() if _KEPT.match(name)}
        self._root = "/" + reverse("fhir:base").removeprefix(get_script_prefix())

    def __call__(self, entry: EntryRequest) -> EntryResponse:
        """Answer the entry as its address would by itself; that never fails, it answers the failure."""
        if entry.index in self._lengths:
            self._lengths.clear()  # the transaction is tried again
        try:
            with naming_entry(entry.index):
                self._require_room()
                request = self._request_of(entry)
                view, arguments = _resolved(request.path_info, self._root)
            response = view(request, **arguments)
        except FhirError as error:
            return failed(error)
        except Exception:
            logger.exception("%s: entry %d of a bundle", self._request_id, entry.index)
            return failed(FhirError(f"Something went wrong here; the log has it as {self._request_id}."))
        answer = self._response(entry, response)
        self._lengths[entry.index] = len(answer.resource or "") + len(answer.outcome or "")
        return answer

    def _require_room(self) -> None:
        """:raises TooCostly: if the answers so far, all of them in memory, are as long as one may be."""
        if sum(self._lengths.values()) > settings.MAX_BUNDLE_ANSWER_CHARACTERS:
            raise TooCostly(
                "The answers of the entries before it are as long as one bundle may be; send it by itself."
            )

    @property
    def _request_id(self) -> str:
        return getattr(self._request._request, "request_id", "unknown")

    @property
    def _channel(self) -> Channel:
        return getattr(self._request.successful_authenticator, "channel", "session")

    def _request_of(self, entry: EntryRequest) -> InnerRequest:
        content_type, body = _body(entry)
        environment = {
            **self._environment,
            "REQUEST_METHOD": entry.method,
            "PATH_INFO": unquote_to_bytes(self._root + entry.path).decode("latin-1"),
            "QUERY_STRING": _UNSAFE_IN_QUERY.sub(lambda found: quote(found[0]), entry.query),
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_ACCEPT": FhirJsonRenderer.media_type,
            "HTTP_PREFER": self._preference(entry),
            "wsgi.input": io.BytesIO(body),
        }
        for name, text in entry.conditions.items():
            if name == "ifModifiedSince":
                environment["HTTP_IF_MODIFIED_SINCE"] = http_date(datetime.fromisoformat(text).timestamp())
            else:
                environment[_HEADERS[name]] = text
        return InnerRequest(
            environment, sender=self._request.user, channel=self._channel, request_id=self._request_id
        )

    def _preference(self, entry: EntryRequest) -> str:
        if entry.method in ("GET", "HEAD"):
            return self._request.headers.get("Prefer", "")
        if entry.method == "DELETE":
            return f"return={self._prefer}"
        # The whole is asked for, because its meta has the time to the millisecond.
        return "return=representation"

    def _response(self, entry: EntryRequest, response: HttpResponseBase) -> EntryResponse:
        text = _text(response)
        status = response.status_code
        if status >= 400:
            return EntryResponse(status, outcome=text or encode(operation_outcome([_unsaid(status)])))
        if entry.method == "DELETE":
            return EntryResponse(status, etag=response.headers.get("ETag"), outcome=text)
        location = response.headers.get("Location") or response.headers.get("Content-Location")
        is_write = entry.method in ("PUT", "PATCH") or "Location" in response.headers
        is_shown = entry.method != "HEAD" and (not is_write or self._prefer == "representation")
        place = location.removeprefix(f"{self._base}/") if location and is_write else None
        is_told = self._prefer == "operationoutcome"
        return EntryResponse(
            status,
            location=place,
            etag=response.headers.get("ETag"),
            last_modified=_last_modified(text, response),
            full_url=_full_url(location, self._base),
            resource=text if is_shown else None,
            outcome=_told(place, entry, status) if place and is_told else None,
        )


def _resolved(path: str, root: str) -> tuple[Callable[..., HttpResponseBase], dict[str, Any]]:
    """Return the view of an address, which takes the bundle's user as its own.

    :raises InvalidRequest: if it would take another bundle.
    :raises NotFound: if there is nothing at the address.
    """
    try:
        match = resolve(path)
    except Resolver404:
        raise not_offered(path.removeprefix(f"{root}/")) from None
    if match.namespaces[:1] != ["fhir"] or not hasattr(match.func, "cls"):
        raise not_offered(path.removeprefix(f"{root}/"))
    if path == root and hasattr(match.func, "actions") and "post" in match.func.actions:
        raise InvalidRequest("An entry may ask for anything but another bundle of requests.")
    return _as_of_bundle(match.func), match.kwargs


@lru_cache(maxsize=256)
def _as_of_bundle(view: Any) -> Callable[..., HttpResponseBase]:
    arguments = {**view.initkwargs, "authentication_classes": [_BundlesAuthentication]}
    made: Callable[..., HttpResponseBase] = view.cls.as_view(view.actions, **arguments)
    return made


def _body(entry: EntryRequest) -> tuple[str, bytes]:
    """Return the body of a request and its type; a patch comes as the content of a Binary.

    :raises InvalidRequest: if that is not Base64.
    """
    resource = entry.resource
    if resource is None:
        return "", b""
    if entry.method == "PATCH" and isinstance(resource, dict) and resource.get("resourceType") == "Binary":
        try:
            data = base64.b64decode(str(resource.get("data", "")), validate=True)
        except (binascii.Error, ValueError):
            raise InvalidRequest("The data of the Binary is not Base64.") from None
        return str(resource.get("contentType", "")), data
    return FhirJsonRenderer.media_type, encode(resource).encode()


def _text(response: HttpResponseBase) -> str | None:
    if isinstance(response, Response):
        data = response.data
        return data if data is None or isinstance(data, str) else encode(data)
    content = b"".join(response) if response.streaming else getattr(response, "content", b"")
    return content.decode() or None


def _last_modified(text: str | None, response: HttpResponseBase) -> str | None:
    found = _LAST_UPDATED.match(text or "")
    if found:
        return found[1]
    seconds = parse_http_date_safe(response.headers.get("Last-Modified", ""))
    return None if seconds is None else instant(datetime.fromtimestamp(seconds, UTC))


def _full_url(location: str | None, base: str) -> str | None:
    if location is None or not location.startswith(f"{base}/"):
        return None
    return location.partition("/_history/")[0]


def _told(place: str, entry: EntryRequest, status: int) -> str:
    reference, _, version = place.partition("/_history/")
    done = "was created" if status == HTTPStatus.CREATED else "was updated"
    if entry.method == "POST" and status == HTTPStatus.OK:
        done = "was there already; nothing was changed"
    issue = Issue("informational", f"{reference} version {version} {done}.", severity="information")
    return encode(operation_outcome([issue]))


def _unsaid(status: int) -> Issue:
    return Issue("processing", f"The request was answered with {status} {HTTPStatus(status).phrase}.")

"""Binary in its own content type: bytes in, bytes out, as files that no browser opens by itself.

https://hl7.org/fhir/R4/binary.html#rest
"""

import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from patients import interactions
from patients.api import responses
from patients.api.byte_ranges import requested_range
from patients.api.inner_requests import InnerRequest
from patients.api.negotiation import FhirContentNegotiation, choose, refuse_encodings
from patients.api.parsers import FhirJsonParser, resource_in
from patients.api.queries import query_of
from patients.api.renderers import FhirJsonRenderer, PlainJsonRenderer
from patients.api.viewsets import ResourceViewSet
from patients.fhir import exact_json, representations
from patients.fhir.binaries import Content, binary_of, content_of
from patients.fhir.outcomes import InvalidRequest, NotAcceptable, TooLarge, UnsupportedMediaType
from patients.fhir.resource import Resource
from patients.interactions import StoredResource

# Whatever the content claims to be: it is saved, not shown, and loads and runs nothing.
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}

_JSON = (FhirJsonParser.media_type, "application/json")
# What browsers send for a page of somebody else's, and Django reads in its own way.
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SAYABLE = re.compile(r"[\x21-\x7e]+")


class ContentParser(FhirJsonParser):
    """A body of any type. JSON may be a Binary itself; then it is that."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the Binary that was sent, or else the content.

        :raises InvalidJson: if it claims to be JSON and is not.
        :raises InvalidResource: if it claims to be a resource and is none.
        :raises TooLarge: if it is longer than content may be.
        """
        request: Request = (parser_context or {})["request"]
        type = _type_of(request)
        if type not in _JSON:
            _require_short(int(request.META.get("CONTENT_LENGTH") or 0))
        body = request._request.body
        if type == "application/json":
            value = exact_json.decode(body) if body else None
            if isinstance(value, dict) and value.get("resourceType") == "Binary":
                return super().parse(stream, media_type, parser_context)
        elif type == FhirJsonParser.media_type:
            resource: Resource = super().parse(stream, media_type, parser_context)
            if resource.resource_type == "Binary":
                return resource
        _require_short(len(body))
        return body


class BinaryNegotiation(FhirContentNegotiation):
    """Bodies of any type; answers of a read in the type of the content, which is known later."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Return the parser for the body.

        :raises UnsupportedMediaType: if it is compressed, a form, or without a type.
        """
        if request.method not in ("POST", "PUT") or isinstance(request._request, InnerRequest):
            return super().select_parser(request, parsers)
        refuse_encodings(request)
        if _type_of(request) in ("", *_FORMS):
            raise UnsupportedMediaType("Content-Type must say what the content is; forms are not taken.")
        return ContentParser()

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer for a resource, or for a refusal."""
        try:
            return super().select_renderer(request, renderers)
        except NotAcceptable:
            if request.method not in ("GET", "HEAD"):
                raise
            return FhirJsonRenderer(), FhirJsonRenderer.media_type


class BinaryViewSet(ResourceViewSet):
    """/fhir/Binary"""

    content_negotiation_class = BinaryNegotiation

    def read(self, request: Request, id: str) -> HttpResponseBase:
        since = responses.modified_since(request)
        stored = interactions.read(actor=self.actor, resource_type="Binary", id=id, modified_since=since)
        return _answer(stored, request)

    def vread(self, request: Request, id: str, version_id: int) -> HttpResponseBase:
        stored = interactions.vread(actor=self.actor, resource_type="Binary", id=id, version_id=version_id)
        return _answer(stored, request)

    def _resource(self, request: Request) -> Resource:
        """:raises InvalidRequest: if the body is empty."""
        if request.method not in ("POST", "PUT") or isinstance(request._request, InnerRequest):
            return super()._resource(request)
        if isinstance(request.data, Resource):
            return resource_in(request)
        if not isinstance(request.data, bytes) or not request.data:
            raise InvalidRequest("The body is empty; content was expected.")
        content = Content(request.content_type.strip(), request.data, _security_context(request))
        return binary_of(content, id=self.kwargs.get("id"))


def _answer(stored: StoredResource, request: Request) -> HttpResponseBase:
    """Answer the bytes, unless the resource is asked for, or it is for a bundle, which holds nothing else."""
    query = query_of(request)
    if query.parameters or isinstance(request._request, InnerRequest):
        part = representations.parse("Binary", query.parameters)
        return responses.resource(stored, request, part)
    content = content_of(stored.content or "{}")
    renderer = _renderer(request, content)
    if isinstance(renderer, _ContentRenderer):
        return _file(stored, content, request)
    request.accepted_renderer, request.accepted_media_type = renderer, str(renderer.media_type)
    return responses.resource(stored, request)


class _ContentRenderer(BaseRenderer):
    """What an Accept header is held against; the bytes themselves need none."""

    def __init__(self, content: Content) -> None:
        self.media_type = content.media_type.partition(";")[0].strip().lower()


def _renderer(request: Request, content: Content) -> BaseRenderer:
    """Return the bytes' own, unless FHIR's JSON is named, or JSON where the bytes are none.

    :raises NotAcceptable: if none of them is accepted.
    """
    query, accept = query_of(request), request.headers.get("Accept", "")
    own, resource, plain = _ContentRenderer(content), FhirJsonRenderer(), PlainJsonRenderer()
    if query.format:
        return choose(query, accept, [resource, plain, own])[0]
    try:
        return choose(query, accept, [own, resource])[0]
    except NotAcceptable:
        return choose(query, accept, [own, resource, plain])[0]


def _file(stored: StoredResource, content: Content, request: Request) -> HttpResponse:
    # Unlike a resource's, this tag is a strong one: a version's bytes are always the same.
    tag = f'"{stored.version_id}"'
    headers = {
        **responses.version_headers(stored, request),
        **SAFE_HEADERS,
        "ETag": tag,
        "Accept-Ranges": "bytes",
    }
    headers["Content-Disposition"] = f'attachment; filename="Binary-{stored.id}.{content.extension}"'
    if content.security_context and _SAYABLE.fullmatch(content.security_context):
        headers["X-Security-Context"] = content.security_context
    if responses.client_has(stored, request, tag):
        return HttpResponse(status=304, headers=headers)
    length = len(content.data)
    range = requested_range(request.headers, length=length, tag=tag)
    if range is None:
        del headers["Content-Disposition"]
        return responses.unsatisfiable(length, headers)
    if range.is_part:
        headers["Content-Range"] = f"bytes {range.start}-{range.end - 1}/{length}"
    data = content.data[range.start : range.end]
    status = 206 if range.is_part else 200
    return HttpResponse(data, status=status, content_type=content.media_type, headers=headers)


def _type_of(request: Request) -> str:
    return request.content_type.partition(";")[0].strip().lower()


def _require_short(length: int) -> None:
    if length > settings.MAX_BINARY_BYTES:
        raise TooLarge(
            f"Content may have at most {settings.MAX_BINARY_BYTES} bytes here.", expression=("Binary.data",)
        )


def _security_context(request: Request) -> str | None:
    context = request.headers.get("X-Security-Context")
    return None if context is None else context.strip().removeprefix(f"{responses.base_of(request)}/")

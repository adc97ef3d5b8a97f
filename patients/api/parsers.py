"""Bodies of requests."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from patients.api.queries import Query, parse_query
from patients.fhir.binaries import require_short
from patients.fhir.outcomes import InvalidJson
from patients.fhir.resource import Resource, parse


class FhirJsonParser(BaseParser):
    """One resource."""

    media_type = "application/fhir+json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the resource in the body.

        :raises InvalidJson: if the body is not JSON, or not to be kept exactly.
        :raises InvalidResource: if it is no resource of a type that R4 knows.
        :raises TooLarge: if it has an attachment that is too long.
        """
        body = _body(parser_context)
        resource = parse(body)
        require_short_data(body, resource.value, resource.resource_type)
        return resource


class PlainJsonParser(FhirJsonParser):
    """The same by JSON's general name."""

    media_type = "application/json"


class SearchFormParser(BaseParser):
    """A search as the fields of a form. https://hl7.org/fhir/R4/http.html#search"""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what the form says.

        :raises InvalidRequest: if it is not percent-encoded UTF-8.
        """
        return parse_query(_body(parser_context))


def resource_in(request: Request) -> Resource:
    """Return the resource that was sent.

    :raises InvalidJson: if there is none, or it is not to be kept exactly.
    """
    if isinstance(request.data, Resource):
        return request.data
    raise InvalidJson("The body is empty; a resource was expected.")


def form_in(request: Request) -> Query:
    """Return the form that was sent, if any."""
    return request.data if isinstance(request.data, Query) else Query()


def require_short_data(body: bytes, value: Any, path: str) -> None:
    """Refuse a body with data that are longer than content may be.

    :raises TooLarge: if there are some, with the element named.
    """
    if len(body) > settings.MAX_BINARY_BYTES:  # else none of its parts is
        require_short(value, path, longest=settings.MAX_BINARY_BYTES)


def _body(parser_context: Mapping[str, Any] | None) -> bytes:
    # Not the stream: Django's `body` refuses what is too long before it reads any of it.
    return (parser_context or {})["request"]._request.body

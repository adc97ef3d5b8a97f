"""Which format an answer has, and whether that of a body is read. https://hl7.org/fhir/R4/http.html#mime-type"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.http.request import MediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from patients.api.queries import Query, query_of
from patients.api.renderers import JsonRenderer
from patients.fhir.outcomes import NotAcceptable, UnsupportedMediaType

FHIR_VERSIONS = ("4.0", "4.0.1")
JSON = "json"

Offer = TypeVar("Offer", BaseParser, BaseRenderer)


class FhirContentNegotiation(BaseContentNegotiation):
    """JSON as `_format` or else `Accept` asks for it, with their weights; nothing else is there."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Return the parser for the body.

        :raises UnsupportedMediaType: if there is none.
        """
        refuse_encodings(request)
        media_type = MediaType(request.content_type)
        parser = _offered(media_type, list(parsers))
        if parser is None or not _is_utf_8(media_type):
            expected = " or ".join(str(each.media_type) for each in parsers)
            raise UnsupportedMediaType(f"The body must be {expected}, in UTF-8; Content-Type says otherwise.")
        return parser

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer for the answer.

        :raises NotAcceptable: if the client takes no format that is offered.
        """
        return choose(query_of(request), request.headers.get("Accept", ""), list(renderers))


def refuse_encodings(request: Request) -> None:
    """:raises UnsupportedMediaType: if the body is compressed, or otherwise not as it is."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must come as it is, without a Content-Encoding.")


def choose(query: Query, accept: str, renderers: Sequence[BaseRenderer]) -> tuple[BaseRenderer, str]:
    """Return the renderer for the format that a query names, or else an Accept header.

    :raises NotAcceptable: if there is none.
    """
    renderer = _of_format(query.format, renderers) if query.format else _accepted(accept or "*/*", renderers)
    if renderer is None:
        offered = " or ".join(str(each.media_type) for each in renderers)
        raise NotAcceptable(f"Answers are {offered} only; ask for that by Accept or by '_format=json'.")
    if isinstance(renderer, JsonRenderer):
        renderer.is_pretty = query.is_pretty
    return renderer, str(renderer.media_type)


def _of_format(format: str, renderers: Sequence[BaseRenderer]) -> BaseRenderer | None:
    # A plus that was not percent-encoded arrives as a space, and R4 asks to read it as what was meant.
    named = MediaType(format.replace(" ", "+"))
    if str(named) == JSON:
        return renderers[0]
    return _offered(named, renderers)


def _accepted(accept: str, renderers: Sequence[BaseRenderer]) -> BaseRenderer | None:
    """Of the best weights, the most specific range wins; what is offered first, if they are equal."""
    ranges = [MediaType(each) for each in accept.split(",") if each.strip()]
    ranked = sorted(ranges, key=lambda each: (each.quality, each.specificity), reverse=True)
    refused = [each for range in ranges if not range.quality for each in _within(range, renderers)]
    wanted = (each for range in ranked if range.quality for each in _within(range, renderers))
    return next((each for each in wanted if each not in refused), None)


def _offered(media_type: MediaType, offers: Sequence[Offer]) -> Offer | None:
    return next(iter(_within(media_type, offers)), None)


def _within(range: MediaType, offers: Sequence[Offer]) -> list[Offer]:
    """Return what lies within a media range. Of its parameters, only `fhirVersion` can rule something out."""
    if range.params.get("fhirVersion", range.params.get("fhirversion", "4.0")) not in FHIR_VERSIONS:
        return []
    plain = MediaType(f"{range.main_type}/{range.sub_type}".lower())
    return [each for each in offers if plain.match(str(each.media_type))]


def _is_utf_8(media_type: MediaType) -> bool:
    return media_type.params.get("charset", "utf-8").lower() in ("utf-8", "utf8")

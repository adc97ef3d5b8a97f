"""Answers as JSON. Text goes out as it is stored."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from patients.fhir.exact_json import encode
from patients.fhir.pretty_json import indent


class JsonRenderer(BaseRenderer):
    """JSON from text that is JSON already, or from a value."""

    format = "json"
    charset = "utf-8"
    is_pretty = False

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        text = data if isinstance(data, str) else encode(data)
        return (indent(text) if self.is_pretty else text).encode()


class FhirJsonRenderer(JsonRenderer):
    """FHIR's JSON. https://hl7.org/fhir/R4/json.html"""

    media_type = "application/fhir+json"


class PlainJsonRenderer(JsonRenderer):
    """The same by JSON's general name."""

    media_type = "application/json"

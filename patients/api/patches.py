"""Patches over HTTP: JSON Patch and FHIRPath Patch, at the address of a resource or by criteria.

https://hl7.org/fhir/R4/http.html#patch
"""

from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import quote, urlencode

from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from patients import interactions
from patients.api import responses
from patients.api.parsers import require_short_data, resource_in
from patients.api.preconditions import if_match, refuse_others
from patients.api.queries import query_of
from patients.fhir.patches import Patch, fhirpath_patch, json_patch
from patients.fhir.patches.json_patch import JsonPatch


class JsonPatchParser(BaseParser):
    """A JSON Patch."""

    media_type = "application/json-patch+json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the patch in the body.

        :raises InvalidJson: if the body is not JSON.
        :raises InvalidPatch: if it is not a JSON Patch.
        :raises TooLarge: if it adds an attachment that is too long.
        """
        # Not the stream: Django's `body` refuses what is too long before it reads any of it.
        body = (parser_context or {})["request"]._request.body
        patch = json_patch.parse(body)
        for operation in patch.operations:
            place = operation.path[-1] if operation.path else ""
            require_short_data(body, {place: operation.value}, "/".join(("", *operation.path[:-1])))
        return patch


class PatchActions(APIView):
    """What a viewset of resources does with a patch."""

    # Of the viewset that these actions are added to.
    resource_type: str
    actor: Any

    def get_parsers(self) -> list[BaseParser]:
        parsers = super().get_parsers()
        return [*parsers, JsonPatchParser()] if self.request.method == "PATCH" else parsers

    def patch(self, request: Request, id: str) -> Response:
        refuse_others(request, "patch")
        result = interactions.patch(
            actor=self.actor,
            resource_type=self.resource_type,
            id=id,
            patch=_patch_in(request),
            if_match=if_match(request),
        )
        return responses.written(result, request)

    def conditional_patch(self, request: Request) -> Response:
        refuse_others(request, "patch")
        result = interactions.conditional_patch(
            actor=self.actor,
            resource_type=self.resource_type,
            criteria=urlencode(query_of(request).parameters, quote_via=quote),
            patch=_patch_in(request),
            if_match=if_match(request),
        )
        return responses.written(result, request)


def _patch_in(request: Request) -> Patch:
    if isinstance(request.data, JsonPatch):
        return request.data
    return fhirpath_patch.parse(resource_in(request))

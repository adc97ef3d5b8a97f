"""The API described for programs and people: OpenAPI at /api/schema, a page to read it at /api/docs.

It is made from the addresses of `urls.py`, and FHIR's own description is `/fhir/metadata`.
https://spec.openapis.org/oas/v3.1.0
"""

import json
import re
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from patients.api.converters import STORED_TYPES
from patients.api.openapi_answers import Action, action_of
from patients.api.openapi_shapes import ID, SHAPES
from patients.api.renderers import PlainJsonRenderer
from patients.api.viewsets import ApiViewSet
from patients.fhir.search_parameters import SEARCH_PARAMETERS
from patients.fhir.search_request import RESULT_PARAMETERS

_VARIABLE = re.compile(r"<(?:[^:>]+:)?(\w+)>")
_WITH_BODY = ("POST", "PUT", "PATCH")
_OPEN_TO_ALL: list[dict[str, Any]] = [{}]
_LOG_INS: list[dict[str, Any]] = [{"bearer": []}, {"basic": []}, {"session": []}]

_PATH_VARIABLES: dict[str, dict[str, Any]] = {
    "file_id": {"type": "string", "format": "uuid"},
    "id": ID,
    "job_id": {"type": "string", "format": "uuid"},
    "version_id": {"type": "integer", "minimum": 1},
}

_SEARCHES = ("search", "system_search", "compartment_search")
_CRITERIA: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_ON_CRITERIA = "Search parameters of the type, with their modifiers, as metadata lists them."
_LIKE_BINARY = tuple(
    f"/fhir/{{resource_type}}{rest}" for rest in ("", "/{id}", "/{id}/_history/{version_id}")
)


class FhirAutoSchema(AutoSchema):
    """An operation as its viewset's action tells of it: bodies are resources, whose shape R4 defines."""

    def is_excluded(self) -> bool:
        # The service's own address is there with a slash as well.
        return bool(self._action == "unknown") or self.path == "/fhir"

    def get_operation_id(self) -> str:
        words = re.findall(r"\w+", self.path)
        return "_".join((self.method.lower(), *words))

    def get_tags(self) -> list[str]:
        words = re.findall(r"[\w$]+", self.path)
        return [words[1] if len(words) > 1 else words[0]]

    def get_summary(self) -> str:
        return str(self._action)

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_auth(self) -> list[dict[str, Any]]:
        return _LOG_INS if self.view.permission_classes else _OPEN_TO_ALL

    def get_request_serializer(self) -> Any:
        return None

    def get_response_serializers(self) -> Any:
        return {}

    def get_override_parameters(self) -> list[Any]:
        names = [OpenApiParameter(name, str, OpenApiParameter.HEADER) for name in self._described.headers]
        if self.method != "GET" or self._action not in _SEARCHES:
            return names
        return [*names, *(OpenApiParameter(name, str) for name in RESULT_PARAMETERS), *self._criteria()]

    def _criteria(self) -> list[Any]:
        if self.path == "/api/patients":
            found = SEARCH_PARAMETERS["Patient"].values()
            return [OpenApiParameter(each.name, str, description=each.documentation) for each in found]
        return [OpenApiParameter("criteria", _CRITERIA, description=_ON_CRITERIA, style="form", explode=True)]

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method not in _WITH_BODY:
            return None
        content = {type: {"schema": shape} for type, shape in self._described.takes.items()}
        return {"content": content, "required": self._action not in _SEARCHES}

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        return self._described.responses(has_body=self.method in _WITH_BODY)

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": self._variable(name),
            }
            for name in variables
        ]

    def _variable(self, name: str) -> dict[str, Any]:
        if name != "resource_type":
            return _PATH_VARIABLES[name]
        # Where Binary has an address of its own, its content is answered there.
        others = {"Binary"} if self.path in _LIKE_BINARY else set()
        return {"type": "string", "enum": sorted(STORED_TYPES - others)}

    @property
    def _described(self) -> Action:
        return action_of(self.path, self._action)

    @property
    def _action(self) -> Any:
        return getattr(self.view, "action", None)


class SchemaViewSet(ApiViewSet):
    """/api/schema"""

    renderer_classes = [PlainJsonRenderer]

    def openapi(self, request: Request) -> Response:
        return Response(document())


def docs(request: HttpRequest) -> HttpResponse:
    """/api/docs: the description to read, and to try out what changes nothing."""
    return render(request, "pages/api_docs.html")


@lru_cache(maxsize=1)
def document() -> str:
    """Return the description as JSON."""
    found = Generator(urlconf="patients.api.urls").get_schema(public=True)
    found["components"]["schemas"] = SHAPES
    return json.dumps(found, default=str)


class _Addresses(EndpointEnumerator):
    """The addresses as they are written: in a pattern's own form the $ of an operation would be lost."""

    def get_path_from_regex(self, path_regex: str) -> str:
        return "/" + _VARIABLE.sub(r"{\1}", path_regex)


class Generator(SchemaGenerator):
    endpoint_inspector_cls = _Addresses

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        # Which bodies a view takes may depend on the method.
        view = super().create_view(callback, method, request)
        view.request = HttpRequest()
        view.request.method = method
        return view

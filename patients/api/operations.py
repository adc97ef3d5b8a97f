"""Operations on resources of any type. https://hl7.org/fhir/R4/operations.html"""

from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api.parsers import resource_in
from patients.api.preconditions import if_match, refuse_others
from patients.api.queries import query_of
from patients.api.viewsets import ApiViewSet
from patients.fhir import meta, validate_request
from patients.fhir.meta import MetaPatch
from patients.fhir.outcomes import operation_outcome
from patients.fhir.resource import Resource


class ValidateViewSet(ApiViewSet):
    """/fhir/{type}/$validate and /fhir/{type}/{id}/$validate"""

    with_parameters = frozenset({"validate"})

    def validate(self, request: Request, resource_type: str, id: str | None = None) -> Response:
        body = request.data if isinstance(request.data, Resource) else None
        asked = validate_request.parse(resource_type, id, query_of(request).parameters, body)
        return Response(operation_outcome(interactions.validate(actor=self.actor, request=asked)))


class MetaViewSet(ApiViewSet):
    """/fhir/{type}/{id}/$meta, $meta-add and $meta-delete"""

    def meta(self, request: Request, resource_type: str, id: str) -> Response:
        stored = interactions.read(actor=self.actor, resource_type=resource_type, id=id)
        return Response(meta.answer(stored.content or "{}"))

    def meta_add(self, request: Request, resource_type: str, id: str) -> Response:
        return self._changed(request, resource_type, id, meta.parse("add", resource_in(request)))

    def meta_delete(self, request: Request, resource_type: str, id: str) -> Response:
        return self._changed(request, resource_type, id, meta.parse("delete", resource_in(request)))

    def _changed(self, request: Request, resource_type: str, id: str, patch: MetaPatch) -> Response:
        refuse_others(request, "patch")
        written = interactions.patch(
            actor=self.actor, resource_type=resource_type, id=id, patch=patch, if_match=if_match(request)
        )
        return Response(meta.answer(written.resource.content or "{}"))

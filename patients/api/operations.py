"""Operations on resources of any type. https://hl7.org/fhir/R4/operations.html"""

from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api.queries import query_of
from patients.api.viewsets import ApiViewSet
from patients.fhir import validate_request
from patients.fhir.outcomes import operation_outcome
from patients.fhir.resource import Resource


class ValidateViewSet(ApiViewSet):
    """/fhir/{type}/$validate and /fhir/{type}/{id}/$validate"""

    with_parameters = frozenset({"validate"})

    def validate(self, request: Request, resource_type: str, id: str | None = None) -> Response:
        body = request.data if isinstance(request.data, Resource) else None
        asked = validate_request.parse(resource_type, id, query_of(request).parameters, body)
        return Response(operation_outcome(interactions.validate(actor=self.actor, request=asked)))

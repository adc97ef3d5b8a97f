"""Conditional create, update and delete, added to the actions of a viewset of resources.

https://hl7.org/fhir/R4/http.html#ccreate, #cond-update and #3.1.0.7.1
"""

from typing import Any
from urllib.parse import quote, urlencode

from rest_framework.request import Request
from rest_framework.response import Response

from patients import interactions
from patients.api import responses
from patients.api.preconditions import if_match, must_be_new, refuse_others
from patients.api.queries import query_of


class ConditionalActions:
    """What an address of a type does where criteria say which resource is meant."""

    # Of the viewset that these actions are added to.
    resource_type: str
    actor: Any
    _resource: Any

    def conditional_create(self, request: Request, criteria: str) -> Response:
        """Store the resource if none meets the criteria of If-None-Exist."""
        refuse_others(request, "conditional create")
        result = interactions.conditional_create(
            actor=self.actor, resource=self._resource(request), criteria=criteria
        )
        return responses.written(result, request)

    def conditional_update(self, request: Request) -> Response:
        refuse_others(request, "conditional update")
        result = interactions.conditional_update(
            actor=self.actor,
            resource=self._resource(request),
            criteria=_criteria(request),
            if_match=if_match(request),
            must_be_new=must_be_new(request),
        )
        return responses.written(result, request)

    def conditional_delete(self, request: Request) -> Response:
        refuse_others(request, "delete")
        result = interactions.conditional_delete(
            actor=self.actor,
            resource_type=self.resource_type,
            criteria=_criteria(request),
            if_match=if_match(request),
        )
        return responses.deleted(result, request)


def _criteria(request: Request) -> str:
    return urlencode(query_of(request).parameters, quote_via=quote)

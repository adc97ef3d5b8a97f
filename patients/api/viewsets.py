"""One viewset for each kind of address; its actions are FHIR's interactions, by their names.

An action translates and makes one call to `patients.interactions`; failures are answered by `exceptions`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from patients import interactions
from patients.access import Actor
from patients.api import pagination, responses
from patients.api.authentication import actor_of
from patients.api.conditional import ConditionalActions
from patients.api.converters import STORED_TYPES
from patients.api.negotiation import choose
from patients.api.parsers import form_in, resource_in
from patients.api.patches import PatchActions
from patients.api.preconditions import if_match, if_none_exist, must_be_new, refuse_others
from patients.api.preferences import is_lenient
from patients.api.queries import query_of, require_none
from patients.api.renderers import PlainJsonRenderer
from patients.api.summaries import summary
from patients.api.unknown_addresses import not_offered
from patients.fhir import history_request, representations, search_request
from patients.fhir.capabilities import capability_statement
from patients.fhir.exact_json import encode
from patients.fhir.outcomes import InvalidResource, UnknownSearchParameter
from patients.fhir.resource import Resource

HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, Cookie, Prefer"}


class ApiViewSet(ViewSet):
    """What all answers of the API have in common."""

    # Interactions that read parameters of the query themselves; all others take none.
    with_parameters = frozenset({"search"})

    @property
    def default_response_headers(self) -> dict[str, str]:
        return dict(HEADERS)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # `delete` is an interaction as well as a method: only what the address names is reached by method.
        self.http_method_names = list(self.action_map)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action and self.action not in self.with_parameters:
            require_none(query_of(request), interaction=self.action)

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def searched(
        self, request: Request, resource_type: str | None, *, place: str, compartment: str | None = None
    ) -> Response:
        """Answer a search, by GET or by a posted form, of a type or (None) of all."""
        query = query_of(request)
        if request.method == "POST":
            query = query.with_form(form_in(request))
            accept, offered = request.headers.get("Accept", ""), self.get_renderers()
            request.accepted_renderer, request.accepted_media_type = choose(query, accept, offered)
        search = search_request.parse(resource_type, query.parameters, lenient=is_lenient(request))
        page = interactions.search(actor=self.actor, request=search, compartment=compartment)
        return Response(pagination.searchset(page, search, query, place=place, request=request))


class ResourceViewSet(ConditionalActions, PatchActions, ApiViewSet):
    """/fhir/{type}, for all types of resources that are kept"""

    resource_type = ""
    with_parameters = frozenset(
        {
            "read",
            "vread",
            "search",
            "compartment_search",
            "history",
            "type_history",
            "conditional_update",
            "conditional_patch",
            "conditional_delete",
        }
    )

    def dispatch(
        self, request: HttpRequest, *args: Any, resource_type: str = "", **kwargs: Any
    ) -> HttpResponseBase:
        self.resource_type = resource_type
        return super().dispatch(request, *args, **kwargs)

    def read(self, request: Request, id: str) -> HttpResponseBase:
        part = representations.parse(self.resource_type, query_of(request).parameters)
        stored = interactions.read(
            actor=self.actor,
            resource_type=self.resource_type,
            id=id,
            modified_since=responses.modified_since(request),
        )
        return responses.resource(stored, request, part)

    def vread(self, request: Request, id: str, version_id: int) -> HttpResponseBase:
        part = representations.parse(self.resource_type, query_of(request).parameters)
        stored = interactions.vread(
            actor=self.actor, resource_type=self.resource_type, id=id, version_id=version_id
        )
        return responses.resource(stored, request, part)

    def history(self, request: Request, id: str) -> Response:
        return _history(self.actor, request, resource_type=self.resource_type, id=id)

    def type_history(self, request: Request) -> Response:
        return _history(self.actor, request, resource_type=self.resource_type)

    def create(self, request: Request) -> Response:
        if (criteria := if_none_exist(request)) is not None:
            return self.conditional_create(request, criteria)
        refuse_others(request, "create")
        created = interactions.create(actor=self.actor, resource=self._resource(request))
        return responses.written(created, request)

    def update(self, request: Request, id: str) -> Response:
        refuse_others(request, "update")
        updated = interactions.update(
            actor=self.actor,
            resource=self._resource(request),
            id=id,
            if_match=if_match(request),
            must_be_new=must_be_new(request),
        )
        return responses.written(updated, request)

    def delete(self, request: Request, id: str) -> Response:
        refuse_others(request, "delete")
        gone = interactions.delete(
            actor=self.actor, resource_type=self.resource_type, id=id, if_match=if_match(request)
        )
        return responses.deleted(gone, request)

    def search(self, request: Request) -> Response:
        return self.searched(request, self.resource_type, place=self.resource_type)

    def compartment_search(self, request: Request, id: str) -> Response:
        """The resources of the type in the compartment of a Patient."""
        place = f"Patient/{id}/{self.resource_type}"
        return self.searched(request, self.resource_type, place=place, compartment=id)

    def _resource(self, request: Request) -> Resource:
        """:raises InvalidResource: if the resource is of another type than the address."""
        resource = resource_in(request)
        if resource.resource_type != self.resource_type:
            raise InvalidResource(
                f"The resource is of type {resource.resource_type}; "
                f"this address takes {self.resource_type} resources.",
                expression=(f"{resource.resource_type}.resourceType",),
            )
        return resource


class SystemHistoryViewSet(ApiViewSet):
    """/fhir/_history"""

    with_parameters = frozenset({"system_history"})

    def system_history(self, request: Request) -> Response:
        return _history(self.actor, request)


class SummaryViewSet(ApiViewSet):
    """/api/patients"""

    renderer_classes = [PlainJsonRenderer]

    def search(self, request: Request) -> Response:
        query = query_of(request)
        search = search_request.parse("Patient", query.parameters)
        page = interactions.search_summaries(actor=self.actor, request=search)
        return Response(pagination.summaries(page, search, query, request=request))

    def read(self, request: Request, id: str) -> Response:
        return Response(summary(interactions.read_summary(actor=self.actor, id=id)))


class CapabilityViewSet(ApiViewSet):
    """/fhir/metadata, open to everybody; it describes the addresses it is given."""

    authentication_classes = ()
    permission_classes = ()
    with_parameters = frozenset({"capabilities"})
    described: Sequence[URLPattern] = ()

    def capabilities(self, request: Request) -> Response:
        for name, text in query_of(request).parameters:
            if (name, text) != ("mode", "full"):
                raise UnknownSearchParameter("Of the parameters of capabilities, only mode=full is offered.")
        return Response(_statement(responses.base_of(request), self._offered()))

    def _offered(self) -> frozenset[str]:
        """The interactions, as the addresses name them."""
        views: list[Any] = [pattern.callback for pattern in self.described]
        return frozenset(name for view in views for name in view.actions.values())


class UnknownAddressViewSet(ApiViewSet):
    """Whatever else is asked for below /fhir and /api, by any method."""

    with_parameters = frozenset({"unknown"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.unknown(request, **kwargs)

    def unknown(self, request: Request, address: str = "") -> Response:
        raise not_offered(address)


def _history(
    actor: Actor, request: Request, *, resource_type: str | None = None, id: str | None = None
) -> Response:
    query = query_of(request)
    asked = history_request.parse(query.parameters)
    page = interactions.history(actor=actor, resource_type=resource_type, id=id, request=asked)
    place = "/".join(part for part in (resource_type, id, "_history") if part)
    return Response(pagination.history(page, asked, query, place=place, request=request))


@lru_cache(maxsize=16)
def _statement(base: str, interactions: frozenset[str]) -> str:
    statement = capability_statement(
        base=base,
        name=settings.SITE_NAME,
        version=settings.VERSION,
        date=timezone.now(),
        types=STORED_TYPES,
        interactions=interactions,
    )
    return encode(statement)

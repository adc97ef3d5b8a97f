"""The entries of a transaction that write: create, update and delete, each with or without criteria.

https://hl7.org/fhir/R4/http.html#trules
"""

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from patients.fhir.bundle_requests import EntryRequest
from patients.fhir.entity_tags import version_in
from patients.fhir.outcomes import InvalidRequest, UnknownResourceType
from patients.fhir.resource import ID_PATTERN, RESOURCE_TYPES, Resource, from_value
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition
from patients.interactions.bundle.links import Link, has_hyperlinks, links
from patients.interactions.update import require_id

_RESTFUL = re.compile(rf"(https?://.*/)[A-Za-z]+/{ID_PATTERN}")
_ID = re.compile(ID_PATTERN)
# The conditions that each method keeps to; any other would be ignored, so it is refused.
_CONDITIONS = {
    "POST": {"ifNoneExist"},
    "PUT": {"ifMatch", "ifNoneMatch"},
    "DELETE": {"ifMatch"},
}


@dataclass(slots=True)
class BundleChange:
    """A resource to be written as `id`, which may change once it is known what meets its criteria."""

    request: EntryRequest
    resource_type: str
    id: str
    resource: Resource | None = None
    condition: Condition | None = None
    if_match: int | None = None
    # There is one that meets the criteria of a create, or none that meets those of a delete.
    is_nothing_to_do: bool = False
    # None meets the criteria of an update, which makes a new resource then.
    is_unmatched: bool = False
    links: list[Link] = field(default_factory=list)
    narrative: str | None = None
    # The id that it gets where nothing meets its criteria.
    own_id: str = ""

    @property
    def index(self) -> int:
        return self.request.index

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def reference(self) -> str:
        return f"{self.resource_type}/{self.id}"

    @property
    def base_url(self) -> str | None:
        """What a relative reference within the resource continues, where the bundle tells it."""
        found = _RESTFUL.fullmatch(self.request.full_url or "")
        return found[1] if found else None


def change_in(request: EntryRequest, full_urls: Collection[str]) -> BundleChange | None:
    """Read the request as a create, update or delete; None if it is anything else.

    `full_urls` are those of all entries.

    :raises FhirError: if it cannot be understood.
    """
    if request.method not in _CONDITIONS or not _is_of_type(request):
        return None
    _refuse_other_conditions(request)
    match request.method:
        case "POST":
            return _create(request, full_urls)
        case "PUT":
            return _update(request, full_urls)
        case _:
            return _delete(request)


def _is_of_type(request: EntryRequest) -> bool:
    """Whether the address is `Type` or `Type/id`; an operation or a search by POST is somebody else's."""
    if len(request.segments) > 2 or (request.method == "POST" and len(request.segments) > 1):
        return False
    type = request.segments[0]
    if type and type not in RESOURCE_TYPES and not type.startswith(("$", "_")):
        raise UnknownResourceType(f"{ascii(type)[:40]} is not a resource type of FHIR R4.")
    # A Parameters is no resource to keep; its address says so.
    return type in RESOURCE_TYPES and type != "Parameters"


def _create(request: EntryRequest, full_urls: Collection[str]) -> BundleChange:
    resource = _resource(request)
    if request.query:
        raise InvalidRequest("A create takes no parameters; criteria stand in ifNoneExist.")
    change = _of_resource(request, resource, str(uuid.uuid4()), full_urls)
    criteria = request.conditions.get("ifNoneExist")
    if criteria is not None:
        type = change.resource_type
        change.condition = conditions.parse(type, criteria.removeprefix(f"{type}?").removeprefix("?"))
    return change


def _update(request: EntryRequest, full_urls: Collection[str]) -> BundleChange:
    resource = _resource(request)
    if len(request.segments) == 1:
        if resource.id is not None:
            require_id(resource, resource.id)
        change = _of_resource(request, resource, resource.id or str(uuid.uuid4()), full_urls)
        change.condition = conditions.parse(change.resource_type, request.query)
    else:
        if request.query:
            raise InvalidRequest("An update of an id takes no parameters.")
        require_id(resource, request.segments[1])
        change = _of_resource(request, resource, request.segments[1], full_urls)
    change.if_match = _if_match(request)
    return change


def _delete(request: EntryRequest) -> BundleChange:
    type = request.segments[0]
    if len(request.segments) == 1:
        condition = conditions.parse(type, request.query)
        return BundleChange(request, type, "", condition=condition, if_match=_if_match(request))
    id = request.segments[1]
    if not _ID.fullmatch(id) or request.query:
        raise InvalidRequest("A resource is deleted by DELETE Type/id, or by DELETE Type?criteria.")
    return BundleChange(request, type, id, if_match=_if_match(request))


def _of_resource(
    request: EntryRequest, resource: Resource, id: str, full_urls: Collection[str]
) -> BundleChange:
    return BundleChange(
        request,
        resource.resource_type,
        id,
        resource,
        links=links(resource.value, full_urls=full_urls, parse_condition=conditions.parse),
        narrative=_narrative(resource.value),
        own_id=id,
    )


def _resource(request: EntryRequest) -> Resource:
    if request.resource is None:
        raise InvalidRequest(
            "The entry has no resource.", expression=(f"Bundle.entry[{request.index}].resource",)
        )
    resource = from_value(request.resource)
    if resource.resource_type != request.segments[0]:
        raise InvalidRequest(
            f"The resource is of type {resource.resource_type}; its request is {request.method}"
            f" {request.segments[0]}.",
            expression=(f"Bundle.entry[{request.index}].request.url",),
        )
    return resource


def _narrative(value: dict[str, Any]) -> str | None:
    text = value.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    return div if isinstance(div, str) and has_hyperlinks(div) else None


def _if_match(request: EntryRequest) -> int | None:
    written = request.conditions.get("ifMatch")
    return None if written is None else version_in(written)


def _refuse_other_conditions(request: EntryRequest) -> None:
    for name in request.conditions:
        if name not in _CONDITIONS[request.method]:
            raise InvalidRequest(
                f"{name} is not offered with {request.method}; nothing was changed.",
                expression=(f"Bundle.entry[{request.index}].request.{name}",),
            )

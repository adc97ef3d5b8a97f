"""The entries of what is loaded: each a resource, the id it gets, and what its bundle calls it.

https://hl7.org/fhir/R4/bundle.html. A transaction or batch says in `request` what to do. The entries of a
collection, the lines of NDJSON and single resources keep their ids, and those without one get one.
"""

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from patients.fhir import resource as resources
from patients.fhir.outcomes import InvalidRequest
from patients.fhir.resource import ID_PATTERN, Resource
from patients.interactions.bundle import conditions
from patients.interactions.bundle.conditions import Condition
from patients.interactions.bundle.links import Link, links

BUNDLES_OF_REQUESTS = ("transaction", "batch")
UNPACKED_BUNDLES = (*BUNDLES_OF_REQUESTS, "collection")
# These tell what a server answered; to store one as a resource is hardly what is wanted.
_ANSWERS = ("searchset", "history", "transaction-response", "batch-response")
_NOT_HONOURED = ("ifMatch", "ifNoneMatch", "ifModifiedSince")
_RESTFUL = re.compile(rf"(https?://.*/)[A-Za-z]+/{ID_PATTERN}")

Method = Literal["POST", "PUT"]


@dataclass(slots=True)
class Entry:
    """A resource to be written as `id`, or one that is there already and is only referred to."""

    index: int
    resource: Resource
    method: Method
    id: str
    full_url: str | None = None
    condition: Condition | None = None
    is_existing: bool = False
    links: list[Link] = field(default_factory=list)
    is_rewritten: bool = False

    @property
    def reference(self) -> str:
        return f"{self.resource.resource_type}/{self.id}"

    @property
    def own_reference(self) -> str:
        """What it is called where it comes from."""
        return f"{self.resource.resource_type}/{self.resource.id or '-'}"

    @property
    def base_url(self) -> str | None:
        """What a relative reference within the resource continues, where the bundle tells it."""
        found = _RESTFUL.fullmatch(self.full_url or "")
        return found[1] if found else None

    def settled(self) -> Resource:
        """The resource with its links as they now are."""
        return resources.from_value(self.resource.value) if self.is_rewritten else self.resource


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is to become an entry: a value of a bundle, or the text of a line."""

    index: int
    content: Any


@dataclass(frozen=True, slots=True)
class Document:
    """A bundle taken apart, or a single resource as its only entry."""

    bundle_type: str | None
    candidates: list[Candidate]


def document(text: bytes) -> Document:
    """Take apart the content of a JSON file.

    :raises FhirError: if it is no resource, or a bundle of a kind that cannot be loaded.
    """
    resource = resources.parse(text)
    bundle_type = resource.value.get("type") if resource.resource_type == "Bundle" else None
    if bundle_type in _ANSWERS:
        raise InvalidRequest(
            f"A Bundle of type {bundle_type} is a server's answer; "
            f"those of type {', '.join(UNPACKED_BUNDLES)} can be loaded."
        )
    if bundle_type not in UNPACKED_BUNDLES:
        return Document(None, [Candidate(0, resource)])
    values = resource.value.get("entry")
    if not isinstance(values, list) or not values:
        raise InvalidRequest("The Bundle has no entry.", expression=("Bundle.entry",))
    return Document(bundle_type, [Candidate(index, value) for index, value in enumerate(values)])


def entry(candidate: Candidate, *, bundle_type: str | None, digest: str, full_urls: Collection[str]) -> Entry:
    """Read one entry; an id that the server has to give follows from `digest`, the same in each run.

    `full_urls` are those of all entries of the bundle.

    :raises FhirError: if it cannot be understood.
    """
    found = _entry(candidate, bundle_type, digest)
    found.links = links(found.resource.value, full_urls=full_urls)
    return found


def _entry(candidate: Candidate, bundle_type: str | None, digest: str) -> Entry:
    if bundle_type is None:
        content = candidate.content
        resource = content if isinstance(content, Resource) else resources.parse(content)
        return _kept(candidate.index, resource, None, digest)
    path = f"Bundle.entry[{candidate.index}]"
    value = candidate.content
    if not isinstance(value, dict):
        raise InvalidRequest("An entry must be an object.", expression=(path,))
    full_url = value.get("fullUrl")
    if full_url is not None and not isinstance(full_url, str):
        raise InvalidRequest("The fullUrl must be a string.", expression=(f"{path}.fullUrl",))
    if bundle_type not in BUNDLES_OF_REQUESTS:
        return _kept(candidate.index, _resource(value, path), full_url, digest)
    return _requested(candidate.index, value, path, full_url, digest)


def _kept(index: int, resource: Resource, full_url: str | None, digest: str) -> Entry:
    if resource.id is None:
        made = _made_id(digest, index)
        return Entry(index, resource, "POST", made, full_url)
    _require_id(resource.id)
    return Entry(index, resource, "PUT", resource.id, full_url)


def _requested(index: int, value: dict[str, Any], path: str, full_url: str | None, digest: str) -> Entry:
    method, url, condition = _request(value, path)
    resource = _resource(value, path)
    found = Entry(index, resource, method, _made_id(digest, index), full_url, condition)
    if method == "POST" and url != resource.resource_type:
        raise InvalidRequest(
            f"A {resource.resource_type} is created by POST {resource.resource_type}, not POST {url[:80]}.",
            expression=(f"{path}.request.url",),
        )
    if method == "PUT":
        type_name, _, found.id = url.partition("/")
        if type_name != resource.resource_type or not re.fullmatch(ID_PATTERN, found.id):
            raise InvalidRequest(
                f"A {resource.resource_type} is updated by PUT {resource.resource_type}/id, "
                f"not by PUT {url[:80]}.",
                expression=(f"{path}.request.url",),
            )
        if resource.id != found.id:
            raise InvalidRequest(
                f"The resource must have the id of its PUT {url}.", expression=(f"{path}.resource.id",)
            )
    return found


def _request(value: dict[str, Any], path: str) -> tuple[Method, str, Condition | None]:
    request = value.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        raise InvalidRequest("The entry has no request with a url.", expression=(f"{path}.request",))
    method, url, criteria = request.get("method"), request["url"], request.get("ifNoneExist")
    if method not in ("POST", "PUT"):
        raise InvalidRequest(
            f"Only entries with the methods POST and PUT are loaded, not {ascii(method)[:20]}.",
            expression=(f"{path}.request.method",),
        )
    for name in _NOT_HONOURED:
        if name in request:
            raise InvalidRequest(
                f"{name} cannot be honoured when loading.", expression=(f"{path}.request.{name}",)
            )
    if criteria is None:
        return method, url, None
    if method != "POST" or not isinstance(criteria, str):
        raise InvalidRequest(
            "ifNoneExist goes with POST, as a string.", expression=(f"{path}.request.ifNoneExist",)
        )
    return method, url, conditions.parse_identifier(url, criteria.removeprefix(f"{url}?").removeprefix("?"))


def _resource(value: dict[str, Any], path: str) -> Resource:
    if "resource" not in value:
        raise InvalidRequest("The entry has no resource.", expression=(f"{path}.resource",))
    return resources.from_value(value["resource"])


def _require_id(id: str) -> None:
    if not re.fullmatch(ID_PATTERN, id) or id in (".", ".."):
        raise InvalidRequest(
            f"{id[:80]!r} is not an id: those have 1 to 64 letters, digits, hyphens and dots, not dots alone."
        )


def _made_id(digest: str, index: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{digest}#{index}"))

"""Answers with the headers that FHIR gives them. https://hl7.org/fhir/R4/http.html"""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.request import Request
from rest_framework.response import Response

from patients.api.preferences import preferred_return
from patients.api.renderers import FhirJsonRenderer
from patients.fhir.entity_tags import entity_tag, is_named
from patients.fhir.outcomes import Issue, RangeNotSatisfiable, operation_outcome
from patients.fhir.representations import Representation
from patients.interactions import StoredResource, Written

_WHOLE = Representation()


def base_of(request: Request) -> str:
    """Return the address of the FHIR service, as the client reached it, without a slash at its end."""
    return request.build_absolute_uri(reverse("fhir:base")).rstrip("/")


def version_headers(stored: StoredResource, request: Request) -> dict[str, str]:
    """Return what tells which version an answer is."""
    version = f"{stored.resource_type}/{stored.id}/_history/{stored.version_id}"
    return {
        "ETag": entity_tag(stored.version_id),
        "Last-Modified": http_date(stored.last_updated.timestamp()),
        "Content-Location": f"{base_of(request)}/{version}",
    }


def client_has(stored: StoredResource, request: Request, tag: str) -> bool:
    """Whether the client has this version already; If-None-Match counts before If-Modified-Since."""
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None:
        return is_named(tag, if_none_match)
    since, changed = modified_since(request), stored.last_updated
    if since is not None and stored.is_only_of_its_second:
        changed = changed.replace(microsecond=0)
    return since is not None and changed <= since


def modified_since(request: Request) -> datetime | None:
    """Return the moment of If-Modified-Since, which is ignored if it is none."""
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return None if since is None else datetime.fromtimestamp(since, UTC)


def resource(stored: StoredResource, request: Request, representation: Representation = _WHOLE) -> Response:
    """Answer a version, or a part of it; 304 where a conditional read finds that the client has that."""
    headers = version_headers(stored, request)
    headers["ETag"] = tag = entity_tag(stored.version_id, representation.mark)
    if client_has(stored, request, tag):
        return Response(status=304, headers=headers)
    return Response(representation.text(stored.content or "", stored.resource_type), headers=headers)


def unsatisfiable(length: int, headers: Mapping[str, str]) -> Response:
    """Answer a range that lies behind the end of what has this length."""
    failure = RangeNotSatisfiable(f"The range lies behind the end of what is here, {length} bytes.")
    return Response(
        operation_outcome(failure.issues),
        status=failure.status,
        headers={**headers, "Content-Range": f"bytes */{length}"},
        content_type=f"{FhirJsonRenderer.media_type}; charset={FhirJsonRenderer.charset}",
    )


def written(result: Written, request: Request) -> Response:
    """Answer a create or an update with what the client prefers to get back."""
    stored = result.resource
    headers = version_headers(stored, request)
    if result.is_created or result.is_existing:
        headers["Location"] = headers["Content-Location"]
    status = 201 if result.is_created else 200
    match preferred_return(request):
        case "minimal":
            del headers["Content-Location"]
            return Response(status=status, headers=headers)
        case "operationoutcome":
            del headers["Content-Location"]
            return Response(_success(done(result)), status=status, headers=headers)
        case _:
            return Response(stored.content, status=status, headers=headers)


def deleted(result: Written | None, request: Request) -> Response:
    """Answer a delete; that there was nothing to delete is as good."""
    headers = {"ETag": entity_tag(result.resource.version_id)} if result else {}
    if preferred_return(request) != "operationoutcome":
        return Response(status=204, headers=headers)
    return Response(_success(done(result)), headers=headers)


def done(result: Written | None) -> str:
    """Say what a write came to."""
    if result is None:
        return "There was nothing to delete."
    if result.is_existing:
        return f"{_named(result.resource)} was there already; nothing was changed."
    if result.resource.is_deleted:
        return f"{_named(result.resource)} marks it as deleted."
    return f"{_named(result.resource)} was {'created' if result.is_created else 'updated'}."


def _success(sentence: str) -> dict[str, object]:
    return operation_outcome([Issue("informational", sentence, severity="information")])


def _named(stored: StoredResource) -> str:
    return f"{stored.resource_type}/{stored.id} version {stored.version_id}"

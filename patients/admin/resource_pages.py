"""The pages of one resource. Each reads through an interaction, which leaves the audit row."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from patients import interactions
from patients.admin.difference import CONTEXT_LINES, difference
from patients.admin.disclosure import actor_of
from patients.admin.json_text import lines
from patients.fhir.outcomes import InvalidRequest
from patients.models import CompartmentMember, FhirResource, SearchString, SearchToken
from patients.models.search import NO_DATE

if TYPE_CHECKING:
    from patients.admin.read_only import ReadOnlyAdmin

VERSIONS_SHOWN = 50
MOST_LINES_SHOWN = 5000
MOST_SEARCH_VALUES = 500


def resource_page(model_admin: "ReadOnlyAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the current text, the versions, and the rows by which searches find it."""
    resource = _viewable(model_admin, request, object_id)
    named = _names(request, resource)
    versions = interactions.history(**named, count=VERSIONS_SHOWN, cursor=request.GET.get("versions") or None)
    content = "" if resource.deleted else interactions.read(**named).content or ""
    context = {
        **_text(content),
        "versions": versions.entries,
        "version_count": versions.total,
        "next_versions": versions.next_cursor,
        "comparable": _comparable(versions),
        "search_values": _search_values(resource),
        "chart": _chart(resource),
    }
    return _page(model_admin, request, resource, "resource", context)


def version_page(
    model_admin: "ReadOnlyAdmin", request: HttpRequest, pk: int, version_id: int
) -> HttpResponse:
    """Show the text of one version."""
    resource = _viewable(model_admin, request, str(pk))
    version = interactions.vread(**_names(request, resource), version_id=version_id)
    context = {**_text(version.content or ""), "version": version}
    return _page(model_admin, request, resource, "version", context)


def difference_page(model_admin: "ReadOnlyAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Show what changed from the older of two versions to the newer."""
    resource = _viewable(model_admin, request, str(pk))
    named = _names(request, resource)
    older, newer = sorted((_version_id(request, "from"), _version_id(request, "to")))
    old = interactions.vread(**named, version_id=older)
    new = interactions.vread(**named, version_id=newer)
    context = {
        "old": old,
        "new": new,
        "rows": difference(old.content or "", new.content or ""),
        "context_lines": CONTEXT_LINES,
    }
    return _page(model_admin, request, resource, "difference", context)


def _viewable(model_admin: "ReadOnlyAdmin", request: HttpRequest, object_id: str) -> FhirResource:
    resource = model_admin.get_object(request, object_id)
    if resource is None:
        raise Http404(f"There is no resource with the key {object_id}.")
    if not model_admin.has_view_permission(request, resource):
        raise PermissionDenied
    return resource


def _names(request: HttpRequest, resource: FhirResource) -> dict[str, Any]:
    return {"actor": actor_of(request), "resource_type": resource.resource_type, "id": resource.fhir_id}


def _version_id(request: HttpRequest, name: str) -> int:
    """:raises InvalidRequest: if the address names no version there."""
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidRequest(f"Choose two versions to compare; '{name}' names none.")
    return int(text)


def _text(content: str) -> dict[str, Any]:
    laid_out = lines(content)
    return {
        "lines": laid_out[:MOST_LINES_SHOWN],
        "lines_left_out": max(0, len(laid_out) - MOST_LINES_SHOWN),
        "characters": len(content),
    }


def _comparable(versions: interactions.HistoryPage) -> tuple[int, int] | None:
    """The two newest versions with a text: what the form of the comparison begins with."""
    with_text = [entry.version_id for entry in versions.entries if not entry.is_deleted]
    return (with_text[1], with_text[0]) if len(with_text) > 1 else None


def _search_values(resource: FhirResource) -> dict[str, Any]:
    """The rows of the search tables, which have no pages of their own."""
    strings = SearchString.objects.filter(resource_id=resource.pk).order_by("parameter", "value")
    tokens = SearchToken.objects.filter(resource_id=resource.pk).order_by("parameter", "system", "value")
    members = CompartmentMember.objects.filter(resource_id=resource.pk).order_by("patient_id")
    return {
        "strings": strings[:MOST_SEARCH_VALUES],
        "tokens": tokens[:MOST_SEARCH_VALUES],
        "members": members[:MOST_SEARCH_VALUES],
        "no_date": NO_DATE[:10],
    }


def _chart(resource: FhirResource) -> str:
    if resource.resource_type != "Patient" or resource.deleted:
        return ""
    return reverse("pages:chart", args=[resource.fhir_id])


def _page(
    model_admin: "ReadOnlyAdmin",
    request: HttpRequest,
    resource: FhirResource,
    name: str,
    context: dict[str, Any],
) -> HttpResponse:
    shared = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": resource,
        "title": str(resource),
        "page": name,
    }
    return TemplateResponse(request, f"admin/patients/fhirresource/{name}.html", {**shared, **context})

"""The addresses of the API: the table of https://hl7.org/fhir/R4/http.html, and summary rows."""

from typing import Any

from django.urls import include, path, register_converter

from patients.api.binaries import BinaryViewSet
from patients.api.bundles import SystemViewSet
from patients.api.converters import FhirIdConverter, ResourceTypeConverter, VersionIdConverter
from patients.api.everything import EverythingViewSet
from patients.api.export import ExportFileViewSet, ExportStatusViewSet, ExportViewSet
from patients.api.openapi import SchemaViewSet, docs
from patients.api.operations import MetaViewSet, ValidateViewSet
from patients.api.parsers import SearchFormParser
from patients.api.viewsets import (
    CapabilityViewSet,
    ResourceViewSet,
    SummaryViewSet,
    SystemHistoryViewSet,
    UnknownAddressViewSet,
)

register_converter(FhirIdConverter, "fhir_id")
register_converter(ResourceTypeConverter, "resource_type")
register_converter(VersionIdConverter, "version_id")

_SINGLE: dict[str, Any] = {"get": "read", "put": "update", "patch": "patch", "delete": "delete"}
_OF_TYPE: dict[str, Any] = {
    "get": "search",
    "post": "create",
    "put": "conditional_update",
    "patch": "conditional_patch",
    "delete": "conditional_delete",
}

# Those of Binary stand before the same addresses of all types.
binary_patterns = [
    path("Binary", BinaryViewSet.as_view(_OF_TYPE), {"resource_type": "Binary"}),
    path("Binary/<fhir_id:id>", BinaryViewSet.as_view(_SINGLE), {"resource_type": "Binary"}),
    path(
        "Binary/<fhir_id:id>/_history/<version_id:version_id>",
        BinaryViewSet.as_view({"get": "vread"}),
        {"resource_type": "Binary"},
    ),
]

resource_patterns = [
    path("<resource_type:resource_type>", ResourceViewSet.as_view(_OF_TYPE)),
    path(
        "<resource_type:resource_type>/_search",
        ResourceViewSet.as_view({"post": "search"}, parser_classes=[SearchFormParser]),
    ),
    path("<resource_type:resource_type>/<fhir_id:id>", ResourceViewSet.as_view(_SINGLE)),
    path(
        "Patient/<fhir_id:id>/<resource_type:resource_type>",
        ResourceViewSet.as_view({"get": "compartment_search"}),
    ),
    path(
        "Patient/<fhir_id:id>/<resource_type:resource_type>/_search",
        ResourceViewSet.as_view({"post": "compartment_search"}, parser_classes=[SearchFormParser]),
    ),
    path("<resource_type:resource_type>/_history", ResourceViewSet.as_view({"get": "type_history"})),
    path("<resource_type:resource_type>/<fhir_id:id>/_history", ResourceViewSet.as_view({"get": "history"})),
    path(
        "<resource_type:resource_type>/<fhir_id:id>/_history/<version_id:version_id>",
        ResourceViewSet.as_view({"get": "vread"}),
    ),
]

operation_patterns = [
    path("<resource_type:resource_type>/$validate", ValidateViewSet.as_view({"post": "validate"})),
    path(
        "<resource_type:resource_type>/<fhir_id:id>/$validate",
        ValidateViewSet.as_view({"post": "validate"}),
    ),
    path("<resource_type:resource_type>/<fhir_id:id>/$meta", MetaViewSet.as_view({"get": "meta"})),
    path("<resource_type:resource_type>/<fhir_id:id>/$meta-add", MetaViewSet.as_view({"post": "meta_add"})),
    path(
        "<resource_type:resource_type>/<fhir_id:id>/$meta-delete",
        MetaViewSet.as_view({"post": "meta_delete"}),
    ),
    path(
        "Patient/<fhir_id:id>/$everything",
        EverythingViewSet.as_view({"get": "everything", "post": "everything"}),
    ),
    path("$export", ExportViewSet.as_view({"get": "export", "post": "export"})),
    path("Patient/$export", ExportViewSet.as_view({"get": "export", "post": "export"}, level="patient")),
    path(
        "Group/<fhir_id:id>/$export",
        ExportViewSet.as_view({"get": "export", "post": "export"}, level="group"),
    ),
    path("_export/<uuid:job_id>", ExportStatusViewSet.as_view({"get": "status", "delete": "cancel"})),
    path("_export/<uuid:job_id>/<uuid:file_id>", ExportFileViewSet.as_view({"get": "file"})),
]

system = SystemViewSet.as_view({"get": "system_search", "post": "perform"})

system_patterns = [
    path("", system, name="base"),
    path("_search", SystemViewSet.as_view({"post": "system_search"}, parser_classes=[SearchFormParser])),
    path("_history", SystemHistoryViewSet.as_view({"get": "system_history"})),
]

unknown_address = UnknownAddressViewSet.as_view({"get": "unknown"})

fhir_patterns = [
    path(
        "metadata",
        CapabilityViewSet.as_view({"get": "capabilities"}, described=[*system_patterns, *resource_patterns]),
    ),
    *system_patterns,
    *operation_patterns,
    *binary_patterns,
    *resource_patterns,
    path("<path:address>", unknown_address),
]

api_patterns = [
    path("patients", SummaryViewSet.as_view({"get": "search"})),
    path("patients/<fhir_id:id>", SummaryViewSet.as_view({"get": "read"})),
    path("schema", SchemaViewSet.as_view({"get": "openapi"}), name="schema"),
    path("docs", docs, name="docs"),
    path("", unknown_address),
    path("<path:address>", unknown_address),
]

urlpatterns = [
    path("fhir", system),
    path("fhir/", include((fhir_patterns, "fhir"))),
    path("api", unknown_address),
    path("api/", include((api_patterns, "api"))),
]

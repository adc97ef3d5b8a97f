"""The tables, views and the one door by which they are written."""

from patients.models.access import (
    AccessGeneration,
    Affiliation,
    ApiToken,
    Grant,
    PatientList,
    PatientListEntry,
    ResourceLabel,
)
from patients.models.audit import AuditChain, AuditHead, AuditRecord
from patients.models.exports import ExportFile, ExportJob
from patients.models.loading import LoadProgress
from patients.models.resource import FhirResource, FhirResourceVersion
from patients.models.search import CompartmentMember, SearchString, SearchToken
from patients.models.search_index import (
    SearchCode,
    SearchComposite,
    SearchDate,
    SearchIndexState,
    SearchListEntry,
    SearchQuantity,
    SearchReference,
    SearchResource,
    SearchText,
    SearchUri,
)
from patients.models.sessions import Session
from patients.models.summary import PatientIndex, PatientSummary, PatientSummaryDelta, SummaryRefresh

__all__ = [
    "AccessGeneration",
    "Affiliation",
    "ApiToken",
    "AuditChain",
    "AuditHead",
    "AuditRecord",
    "CompartmentMember",
    "ExportFile",
    "ExportJob",
    "FhirResource",
    "FhirResourceVersion",
    "Grant",
    "LoadProgress",
    "PatientIndex",
    "PatientList",
    "PatientListEntry",
    "PatientSummary",
    "PatientSummaryDelta",
    "ResourceLabel",
    "SearchCode",
    "SearchComposite",
    "SearchDate",
    "SearchIndexState",
    "SearchListEntry",
    "SearchQuantity",
    "SearchReference",
    "SearchResource",
    "SearchString",
    "SearchText",
    "SearchToken",
    "SearchUri",
    "Session",
    "SummaryRefresh",
]

"""$export over HTTP: the order, its status, its files. https://hl7.org/fhir/uv/bulkdata/STU2/export.html"""

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response

from patients.api import responses
from patients.api.byte_ranges import Range, requested_range
from patients.api.parsers import resource_in
from patients.api.queries import query_of
from patients.api.renderers import FhirJsonRenderer, PlainJsonRenderer
from patients.api.viewsets import ApiViewSet
from patients.fhir import bulk_export
from patients.fhir.bulk_export import NDJSON, Level
from patients.fhir.bundles import instant
from patients.fhir.operation_parameters import pairs_of
from patients.fhir.outcomes import FhirError, InvalidRequest
from patients.interactions import export
from patients.interactions.export import ExportedFile, ExportStatus
from patients.models import ExportFile

RETRY_AFTER_SECONDS = 2

_CHUNK_BYTES = 64 * 1024


class ExportViewSet(ApiViewSet):
    """/fhir/$export, /fhir/Patient/$export and /fhir/Group/{id}/$export"""

    with_parameters = frozenset({"export"})
    level: Level = "system"

    def export(self, request: Request, id: str | None = None) -> Response:
        _require_asynchronous(request)
        posted = pairs_of(resource_in(request)) if request.method == "POST" else ()
        asked = bulk_export.parse(self.level, query_of(request).parameters, posted, group_id=id)
        url = request.build_absolute_uri()
        job_id = export.order(actor=self.actor, request=asked, url=url, posted=posted)
        location = f"{responses.base_of(request)}/_export/{job_id}"
        return Response(None, status=202, headers={"Content-Location": location})


class ExportStatusViewSet(ApiViewSet):
    """/fhir/_export/{job}"""

    renderer_classes = [PlainJsonRenderer, FhirJsonRenderer]

    def status(self, request: Request, job_id: uuid.UUID) -> Response:
        found = export.status(actor=self.actor, job_id=job_id)
        if found.job.state == "failed":
            raise FhirError(found.job.error)
        if found.job.state != "completed":
            headers = {"X-Progress": found.progress, "Retry-After": str(RETRY_AFTER_SECONDS)}
            return Response(None, status=202, headers=headers)
        headers = {"Expires": http_date(found.expires.timestamp())} if found.expires else {}
        return Response(_manifest(found, base=responses.base_of(request)), headers=headers)

    def cancel(self, request: Request, job_id: uuid.UUID) -> Response:
        export.cancel(actor=self.actor, job_id=job_id)
        return Response(None, status=202)


class NdjsonRenderer(FhirJsonRenderer):
    """What a client of files says it accepts; files are sent as they are, refusals as FHIR's JSON."""

    media_type = NDJSON


class ExportFileViewSet(ApiViewSet):
    """/fhir/_export/{job}/{file}"""

    renderer_classes = [NdjsonRenderer, FhirJsonRenderer, PlainJsonRenderer]

    def file(self, request: Request, job_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponseBase:
        found = export.exported_file(actor=self.actor, job_id=job_id, file_id=file_id)
        tag = f'"{found.id}"'
        range = requested_range(request.headers, length=found.length, tag=tag)
        headers = {"Accept-Ranges": "bytes", "ETag": tag}
        if range is None:
            return responses.unsatisfiable(found.length, headers)
        headers["Content-Length"] = str(range.length)
        if range.is_part:
            headers["Content-Range"] = f"bytes {range.start}-{range.end - 1}/{found.length}"
        return StreamingHttpResponse(
            _chunks(found, range), status=206 if range.is_part else 200, content_type=NDJSON, headers=headers
        )

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        response.content_type = f"{FhirJsonRenderer.media_type}; charset={FhirJsonRenderer.charset}"
        return response


def _require_asynchronous(request: Request) -> None:
    preferences = request.headers.get("Prefer", "").replace(";", ",").split(",")
    if "respond-async" not in (each.strip().lower() for each in preferences):
        raise InvalidRequest("$export is answered later only; ask for that with 'Prefer: respond-async'.")


def _manifest(found: ExportStatus, *, base: str) -> dict[str, Any]:
    job = found.job
    manifest: dict[str, Any] = {
        "transactionTime": instant(job.transaction_time),
        "request": job.request_url,
        "requiresAccessToken": True,
        "output": _listed(found, "output", base),
        "error": [],
    }
    return {**manifest, "deleted": _listed(found, "deleted", base)} if job.since else manifest


def _listed(found: ExportStatus, kind: str, base: str) -> list[dict[str, Any]]:
    return [_entry(file, base) for file in found.files if file.kind == kind]


def _entry(file: ExportFile, base: str) -> dict[str, Any]:
    # The files of deletions hold Bundles that would make them.
    type = file.resource_type if file.kind == "output" else "Bundle"
    return {"type": type, "url": f"{base}/_export/{file.job_id}/{file.id}", "count": file.resources}


def _chunks(found: ExportedFile, range: Range) -> Iterator[bytes]:
    with found.path.open("rb") as file:
        file.seek(range.start)
        left = range.length
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk

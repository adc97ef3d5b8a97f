"""Ordering an export, asking how it stands, taking its files, giving it up."""

import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from patients import access, audit
from patients.access import Actor
from patients.access.vocabulary import ANY_TYPE
from patients.fhir import type_filters
from patients.fhir.bulk_export import ExportRequest
from patients.fhir.compartments import patient_id
from patients.fhir.operation_parameters import Pairs
from patients.fhir.outcomes import Forbidden, Gone, NotFound, Throttled, Unavailable
from patients.interactions.door import opened
from patients.interactions.export import files, filters, snapshot
from patients.interactions.export.running import LEASE
from patients.interactions.read import current_version, require_seen
from patients.interactions.visibility import authorise_search
from patients.models import ExportFile, ExportJob
from perf.database import Query, fetch_primary

logger = logging.getLogger(__name__)

# More would only wait for each other.
MOST_AT_A_TIME = 5

_PRESENT = Query(
    "export: patients that are there",
    """
    SELECT fhir_id FROM fhir_resources
    WHERE resource_type = 'Patient' AND fhir_id = ANY(%s::text[]) AND NOT deleted
    """,
)
# The class of these advisory locks is "EXPT".
_LOCK = Query("export: lock of orders", "SELECT pg_advisory_xact_lock(x'45585054'::int, hashtext(%s))")
_RESOURCE_TYPES = {"system": ANY_TYPE, "patient": "Patient", "group": "Group"}


@dataclass(frozen=True, slots=True)
class ExportStatus:
    """How an export stands; `files` are those that can be taken once it is completed."""

    job: ExportJob
    resources: int
    files: tuple[ExportFile, ...]

    @property
    def progress(self) -> str:
        job = self.job
        return f"{self.resources} resources; {job.types_done} of {len(job.types)} types done"

    @property
    def expires(self) -> datetime | None:
        finished = self.job.finished
        return finished + timedelta(hours=settings.EXPORT_HOURS) if finished else None


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to send: so many bytes from its beginning, which never change."""

    id: uuid.UUID
    path: Path
    length: int


def order(*, actor: Actor, request: ExportRequest, url: str, posted: Pairs = ()) -> uuid.UUID:
    """Take the order; a worker begins at once, or when there is one. The audit tells what was posted, too.

    :raises NotFound: if there is no such Group, or a Patient that is named is none, or no member of it.
    :raises Gone: if it is deleted.
    :raises Unavailable: if it has filters of a type whose index is being made anew.
    :raises Throttled: if the actor has as many under way as one may have.
    """
    query = f"{url} with {urlencode(posted)}" if posted else url
    with opened(actor, "export", _RESOURCE_TYPES[request.level], id=request.group_id, query=query) as entry:
        types = _granted(actor, request)
        for each in request.type_filters:
            authorise_search(actor, type_filters.search_of(each).asked_types)
        _require_index(request)
        seen = snapshot.take()
        job = ExportJob(
            principal=actor.principal,
            request_url=url,
            level=request.level,
            types=types,
            type_filters=list(request.type_filters),
            elements=list(request.elements),
            since=request.since,
            members=_members(actor, request),
            snapshot=seen.text,
            transaction_time=seen.sure_until,
            lease_until=Now() + LEASE,
        )
        entry.outcome = 202
        with transaction.atomic():
            _require_room(actor)
            job.save(force_insert=True)
            audit.record(entry)
    nudge(job.id)
    return job.id


def status(*, actor: Actor, job_id: uuid.UUID) -> ExportStatus:
    """Answer how the export stands.

    :raises NotFound: if the actor has no such export.
    """
    with opened(actor, "export-status", "Bundle", id=str(job_id)):
        job = _job(actor, job_id)
        resources = job.files.aggregate(total=Sum("resources"))["total"] or 0
        return ExportStatus(job, resources, tuple(job.files.order_by("kind", "resource_type", "id")))


def cancel(*, actor: Actor, job_id: uuid.UUID) -> None:
    """Give the export up, or remove its files if it was completed.

    :raises NotFound: if the actor has no such export.
    """
    with opened(actor, "export-cancel", "Bundle", id=str(job_id)) as entry:
        _remove(_job(actor, job_id).id)
        entry.outcome = 202


def cancel_for_another(*, actor: Actor, job_id: uuid.UUID) -> None:
    """Give up an export, whoever ordered it: what an administrator does.

    :raises NotFound: if there is no such export.
    """
    with opened(actor, "export-cancel", "Bundle", id=str(job_id)) as entry:
        job = ExportJob.objects.filter(id=job_id).first()
        if job is None:
            raise NotFound(f"The export {job_id} is not known.")
        entry.query = f"of {job.principal}: {job.request_url}"
        _remove(job_id)
        entry.outcome = 202


def exported_file(*, actor: Actor, job_id: uuid.UUID, file_id: uuid.UUID) -> ExportedFile:
    """Answer a file of an export that is completed.

    :raises NotFound: if the actor has no such export, or it no such file yet.
    :raises Gone: if the file was removed.
    """
    with opened(actor, "export-file", "Bundle", id=str(job_id)) as entry:
        job = _job(actor, job_id)
        file = job.files.filter(id=file_id).first() if job.state == "completed" else None
        if file is None:
            raise NotFound(f"The export {job_id} has no file {file_id}.")
        access.authorise(actor, "export", file.resource_type)
        entry.resource_type = file.resource_type
        entry.query = f"{file.resources} resources ({file.kind}) for {job.request_url}"
        path = files.path_of(job_id, file_id)
        if not path.is_file():
            raise Gone(f"The file {file_id} of the export {job_id} was removed.")
        return ExportedFile(file_id, path, file.bytes)


def nudge(job_id: uuid.UUID) -> None:
    """Tell a worker of a job that is promised; if nobody hears it in time, the beat says it again."""
    name, expires = "patients.tasks.continue_export", LEASE.total_seconds()
    try:
        current_app.send_task(name, args=[str(job_id)], retry=False, expires=expires)
    except OperationalError:
        logger.warning("export %s: the broker does not answer; the beat will tell a worker", job_id)


def _remove(job_id: uuid.UUID) -> None:
    with transaction.atomic():
        # A worker that is at it notes its files before that, or not at all.
        for job in ExportJob.objects.select_for_update().filter(id=job_id):
            job.delete()
    files.remove(job_id)


def _job(actor: Actor, job_id: uuid.UUID) -> ExportJob:
    job = ExportJob.objects.filter(id=job_id, principal=actor.principal).first()
    if job is None:
        raise NotFound(f"The export {job_id} is not known.")
    return job


def _require_room(actor: Actor) -> None:
    """Let nobody else order for the same user until the commit.

    :raises Throttled: if as many are under way as one may have.
    """
    fetch_primary(_LOCK, (actor.principal,))
    under_way = ExportJob.objects.filter(principal=actor.principal, finished=None).count()
    if under_way >= MOST_AT_A_TIME:
        raise Throttled(f"{under_way} exports of yours are under way; wait for one, or cancel it.")


def _granted(actor: Actor, request: ExportRequest) -> list[str]:
    """Those of the types that the actor may export; others are as if there were none of them.

    :raises Forbidden: if they are all others.
    """
    granted = [each for each in request.types if access.policy_of(actor).grants("export", each)]
    if request.types and not granted:
        access.authorise(actor, "export", request.types[0])
    return granted


def _require_index(request: ExportRequest) -> None:
    """:raises Unavailable: if a filter might not find all, because an index is being made anew."""
    partial = filters.types_without_index(request.type_filters)
    if partial:
        raise Unavailable(
            f"Resources are being indexed anew, and cannot be filtered yet: {', '.join(partial)}."
        )


def _members(actor: Actor, request: ExportRequest) -> list[str] | None:
    """The ids of the Patients that it is about; None if it is about all."""
    members = _members_of(actor, request.group_id) if request.group_id else None
    if not request.patients:
        return members
    known = _present(request.patients) if members is None else set(members)
    for id in request.patients:
        require_seen(actor, "export", "Patient", id)
        if id not in known:
            raise NotFound(f"Patient/{id} is not known{' in this group' if request.group_id else ''}.")
    return list(request.patients)


def _present(ids: Sequence[str]) -> set[str]:
    return {row[0] for row in fetch_primary(_PRESENT, (list(ids),))}


def _members_of(actor: Actor, group_id: str) -> list[str]:
    """The ids of the Patients that are members now."""
    try:
        found = current_version("Group", group_id, actor=actor, interaction="export")
    except Forbidden:
        found = None
    if found is None:
        raise NotFound(f"Group/{group_id} is not known.")
    group = found[0]
    if group.content is None:
        raise Gone(f"Group/{group_id} is deleted; its last version is {group.version_id}.")
    members = json.loads(group.content).get("member", [])
    active = (each.get("entity", {}).get("reference") for each in members if not each.get("inactive"))
    return sorted({id for reference in active if (id := patient_id(reference)) is not None})

"""Work on an export: slices, each committed with its position, for as long as the lease is held.

A portion takes some seconds and gives the lease back, so that one worker does other things in between. A
worker that was killed leaves its lease to end: the next begins new files behind the last position that was
committed. One that only stood still meanwhile finds its lease gone, and what it wrote behind the committed
length is never sent. Between two portions a job is promised to a task that waits in the queue: it is looked
for again when the promise is as old as a lease, so that the queue has each job once.
"""

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from patients.fhir import type_filters
from patients.interactions.export import files, filters
from patients.interactions.export.slices import lines
from patients.models import ExportFile, ExportJob

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
PORTION_SECONDS = 10.0
SLICE = type_filters.MOST_IDS
MOST_ATTEMPTS = 6
LARGEST_FILE_BYTES = 2**30

_OPEN = ("waiting", "running")
_NOT_WRITTEN = "The files of the export could not be written; the log tells why."
_GAVE_UP = f"The export failed {MOST_ATTEMPTS} times at the same place; the log tells why."


class _LeaseLostError(Exception):
    """The job was cancelled, or another worker has it."""


def unattended() -> list[uuid.UUID]:
    """The jobs that no worker has, and no task that is queued; they are promised to the caller's tasks."""
    with transaction.atomic():
        over = Q(lease_until=None) | Q(lease_until__lt=Now())
        jobs = ExportJob.objects.select_for_update(skip_locked=True).filter(over, state__in=_OPEN)
        found = list(jobs.order_by("created"))
        for job in found:
            _let_go(job)
        ids = [job.id for job in found]
        ExportJob.objects.filter(id__in=ids).update(holder=None, lease_until=Now() + LEASE)
        return ids


def run_portion(job_id: uuid.UUID, *, seconds: float = PORTION_SECONDS) -> bool:
    """Work on the job for some seconds if nobody else does; answer whether something is left to do."""
    holder = uuid.uuid4()
    job = _taken(job_id, holder)
    if job is None:
        return False
    try:
        return _run(job, until=time.monotonic() + seconds)
    except _LeaseLostError:
        return False
    except OSError:
        logger.exception("export %s", job_id)
        _fail(_held(job), job_id, _NOT_WRITTEN)
        return False


def _taken(job_id: uuid.UUID, holder: uuid.UUID) -> ExportJob | None:
    """Take the lease."""
    is_free = Q(holder=None) | Q(lease_until__lt=Now())
    with transaction.atomic():
        free = ExportJob.objects.select_for_update(skip_locked=True).filter(is_free, state__in=_OPEN)
        job = free.filter(id=job_id).first()
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _fail(ExportJob.objects.filter(id=job_id), job_id, _GAVE_UP)
            return None
        _let_go(job)
        ExportJob.objects.filter(id=job_id).update(
            state="running", holder=holder, lease_until=Now() + LEASE, attempts=F("attempts") + 1
        )
        job.refresh_from_db()
        return job


def _let_go(job: ExportJob) -> None:
    """Write to no file any more that may be written still by a worker that only stood still."""
    if job.holder is not None:
        job.files.update(is_open=False)


def _fail(jobs: QuerySet[ExportJob], job_id: uuid.UUID, error: str) -> None:
    """Give the job up; what was written of it, to a disk that may be full, is of use to nobody."""
    if jobs.update(state="failed", error=error, finished=Now(), holder=None, lease_until=None):
        ExportFile.objects.filter(job_id=job_id).delete()
        files.remove(job_id)


def _run(job: ExportJob, *, until: float) -> bool:
    # Where a slice did not come to its end in time, the next are smaller.
    size = max(1, SLICE // 4 ** (job.attempts - 1))
    while job.types_done < len(job.types):
        is_late, lacks_index = time.monotonic() >= until, _lacks_index(job)
        if is_late or lacks_index:
            _update(job, holder=None, lease_until=Now() + LEASE, attempts=0)
            return not lacks_index
        _write_slice(job, size)
    _update(job, state="completed", finished=Now(), holder=None, lease_until=None)
    return False


def _lacks_index(job: ExportJob) -> bool:
    """Whether the type in hand cannot be filtered for now: the job waits until it is looked for again."""
    return bool(filters.types_without_index(filters.of_type(job, job.types[job.types_done])))


def _write_slice(job: ExportJob, size: int) -> None:
    resource_type = job.types[job.types_done]
    # Looked for now: while rows stream in, the connection does nothing else.
    open_files = {file.kind: file for file in job.files.filter(resource_type=resource_type, is_open=True)}
    outputs: dict[str, _Output] = {}
    looked_at, last_id = 0, job.after_id
    with ExitStack() as stack:
        found = stack.enter_context(closing(lines(job, resource_type, after_id=job.after_id, size=size)))
        for line in found:
            if line.is_looked_at:
                looked_at, last_id = looked_at + 1, line.id
            if line.text is None:
                continue
            if line.kind not in outputs:
                file = open_files.get(line.kind) or ExportFile(
                    job=job, kind=line.kind, resource_type=resource_type
                )
                outputs[line.kind] = stack.enter_context(_opened(file))
            outputs[line.kind].write(line.text)
    _commit(job, [each.file for each in outputs.values()], last_id=last_id, is_end_of_type=looked_at < size)


@dataclass(frozen=True, slots=True)
class _Output:
    """A file that is written to."""

    file: ExportFile
    stream: BinaryIO

    def write(self, text: str) -> None:
        self.file.bytes += self.stream.write(text.encode() + b"\n")
        self.file.resources += 1


@contextmanager
def _opened(file: ExportFile) -> Iterator[_Output]:
    with files.appending(file.job_id, file.id, length=file.bytes) as stream:
        yield _Output(file, stream)


def _commit(job: ExportJob, written: list[ExportFile], *, last_id: str, is_end_of_type: bool) -> None:
    """Note how far it is, together with how long the files are."""
    position = {"types_done": job.types_done + 1, "after_id": ""} if is_end_of_type else {"after_id": last_id}
    with transaction.atomic():
        _update(job, lease_until=Now() + LEASE, attempts=1, **position)
        for file in written:
            file.is_open = file.bytes < LARGEST_FILE_BYTES
            file.save()
        if is_end_of_type:
            job.files.update(is_open=False)
    for name, value in position.items():
        setattr(job, name, value)


def _update(job: ExportJob, **fields: Any) -> None:
    if not _held(job).update(**fields):
        raise _LeaseLostError


def _held(job: ExportJob) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(id=job.id, holder=job.holder, state="running")

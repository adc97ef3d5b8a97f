"""A slice of an export: the next resources of a type, each in the version that the snapshot sees, as lines.

Rows come one at a time and their text is written as it is stored, so that memory does not grow with them.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from patients.fhir import bulk_export, export_elements
from patients.fhir.compartments import compartment_patients
from patients.fhir.resource import parse
from patients.interactions.export import filters
from patients.models import ExportJob
from perf.database import Query, Row, fetch_primary, stream_primary

_SLICE = Query(
    "export slice",
    """
    SELECT r.id, r.fhir_id, v.version_id, v.last_updated, v.content, v.version_id = r.version_id,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id)
    FROM (
        SELECT id, fhir_id, version_id FROM fhir_resources
        WHERE resource_type = %s AND fhir_id > %s ORDER BY fhir_id LIMIT %s
    ) r
    LEFT JOIN LATERAL (
        SELECT version_id, last_updated, content FROM fhir_resource_versions
        WHERE resource_id = r.id AND pg_visible_in_snapshot(xact, %s::pg_snapshot)
        ORDER BY version_id DESC LIMIT 1
    ) v ON true
    ORDER BY r.fhir_id
    """,
)
# What a filter takes is what there is now, if there was something when the export was ordered.
_SLICE_NOW = Query(
    "export slice, filtered",
    """
    SELECT r.id, r.fhir_id, v.version_id, v.last_updated, v.content, true,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id)
    FROM (
        SELECT id, fhir_id, version_id FROM fhir_resources
        WHERE resource_type = %s AND fhir_id > %s ORDER BY fhir_id LIMIT %s
    ) r
    LEFT JOIN LATERAL (
        SELECT version_id, last_updated, content FROM fhir_resource_versions
        WHERE resource_id = r.id AND version_id = r.version_id AND EXISTS (
            SELECT 1 FROM fhir_resource_versions f
            WHERE f.resource_id = r.id AND pg_visible_in_snapshot(f.xact, %s::pg_snapshot)
        )
    ) v ON true
    ORDER BY r.fhir_id
    """,
)
_LAST_CONTENT = Query(
    "export: last content",
    """
    SELECT content FROM fhir_resource_versions
    WHERE resource_id = %s AND version_id < %s AND content IS NOT NULL
    ORDER BY version_id DESC LIMIT 1
    """,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is written of a resource; none of one that does not belong to the export."""

    id: str
    kind: str = "output"
    text: str | None = None

    @property
    def is_looked_at(self) -> bool:
        """Each resource is looked at once; a deletion has its line behind those, if any."""
        return self.kind == "output"


def lines(job: ExportJob, resource_type: str, *, after_id: str, size: int) -> Generator[Line, None, None]:
    """Look at the next `size` resources."""
    chosen = filters.of_type(job, resource_type)
    if not chosen:
        yield from _lines(job, resource_type, _SLICE, after_id=after_id, size=size)
        return
    with filters.one_moment():
        taken = filters.taken(chosen, resource_type, after_id=after_id, size=size)
        yield from _lines(job, resource_type, _SLICE_NOW, after_id=after_id, size=size, taken=taken)


def _lines(
    job: ExportJob,
    resource_type: str,
    query: Query,
    *,
    after_id: str,
    size: int,
    taken: frozenset[str] | None = None,
) -> Iterator[Line]:
    members = None if job.members is None else frozenset(job.members)
    part = export_elements.representation(job.elements, resource_type)
    deleted: list[Row] = []
    for row in stream_primary(query, (resource_type, after_id, size, job.snapshot)):
        _, id, version_id, last_updated, content, is_current, patients = row
        if version_id is None or (job.since is not None and last_updated <= job.since):
            yield Line(id)
        elif content is None:
            deleted.append(row)
            yield Line(id)
        elif taken is not None and id not in taken:
            yield Line(id)
        else:
            if not is_current:
                patients = _patients_in(resource_type, content)
            is_wanted = _belongs(job, resource_type, id, patients, members)
            yield Line(id, text=part.text(content, resource_type) if is_wanted else None)
    if job.since is not None:
        yield from _deletions(job, resource_type, deleted, members)


def _deletions(
    job: ExportJob, resource_type: str, rows: list[Row], members: frozenset[str] | None
) -> Iterator[Line]:
    """Deleted resources are in no compartment any more: their last text tells in which they were."""
    for resource_id, id, version_id, *_ in rows:
        patients: list[str] = []
        if job.level != "system":
            before = fetch_primary(_LAST_CONTENT, (resource_id, version_id))
            patients = _patients_in(resource_type, before[0][0]) if before else []
        if _belongs(job, resource_type, id, patients, members):
            yield Line(id, "deleted", bulk_export.deletion(resource_type, id))


def _belongs(
    job: ExportJob, resource_type: str, id: str, patients: list[str], members: frozenset[str] | None
) -> bool:
    about = [id] if resource_type == "Patient" else patients
    return job.level == "system" or (bool(about) if members is None else not members.isdisjoint(about))


def _patients_in(resource_type: str, content: str) -> list[str]:
    return sorted(compartment_patients(resource_type, parse(content).value))

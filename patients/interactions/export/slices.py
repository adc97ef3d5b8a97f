"""A slice of an export: the next resources of a type, each in the version that the snapshot sees, as lines.

Rows come one at a time and their text is written as it is stored, so that memory does not grow with them.
"""

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from patients import access
from patients.access import Actor, facts
from patients.access.policy import Policy
from patients.fhir import bulk_export, export_elements
from patients.fhir.compartments import compartment_patients
from patients.fhir.resource import parse
from patients.interactions.export import filters
from patients.interactions.visibility import is_version_seen
from patients.models import ExportJob
from patients.search.fragments import TRUE, Fragment
from perf.database import Query, Row, fetch_primary, stream_primary

_SLICE = """
    SELECT r.id, r.fhir_id, v.version_id, v.last_updated, v.content, v.version_id = r.version_id,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id),
           {seen}
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
    """
# What a filter takes is what there is now, if there was something when the export was ordered.
_SLICE_NOW = """
    SELECT r.id, r.fhir_id, v.version_id, v.last_updated, v.content, true,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id),
           {seen}
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
    """
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
    # As the policy is now: who ordered it may have lost a role since.
    actor = access.actor_of_principal(job.principal)
    sight = access.sight(actor, "export")
    seen = sight.of((resource_type,), "r.id")
    slice = _Slice(job, resource_type, actor, access.policy_of(actor), seen, _labelled(seen), after_id, size)
    if not chosen:
        yield from _lines(slice, _SLICE)
        return
    with filters.one_moment():
        taken = filters.taken(chosen, resource_type, after_id=after_id, size=size, sight=access.sight(actor))
        yield from _lines(slice, _SLICE_NOW, taken)


@dataclass(frozen=True, slots=True)
class _Slice:
    """Which resources are looked at, and what of them whoever ordered it may see."""

    job: ExportJob
    resource_type: str
    actor: Actor
    policy: Policy
    seen: Fragment
    labels: frozenset[tuple[str, str]]
    after_id: str
    size: int

    def rows(self, statement: str) -> Iterator[Row]:
        """Stream them."""
        sql = statement.replace("{seen}", self.seen.sql)
        which = (self.resource_type, self.after_id, self.size, self.job.snapshot)
        return stream_primary(Query("export slice", sql), (*self.seen.params, *which))

    def is_seen(self, row: Row) -> bool:
        """Whether a version may be seen: as the resource is now, and as the version says itself.

        By what is known beforehand: while rows stream in, the connection answers nothing else.
        """
        _, id, _, _, content, is_current, _, is_seen = row
        if not is_seen or is_current or content is None or self.policy.is_all:
            return bool(is_seen)
        linked = frozenset(_patients_in(self.resource_type, content))
        known = facts.of_linked(self.resource_type, id, linked, self.labels)
        known = replace(known, labels=facts.labels_in(json.loads(content)))
        return any(
            permit.opens(known, self.policy.elevations) and permit.reaches(known, frozenset())
            for permit in self.policy.permits_for("export", self.resource_type)
        )


def _labelled(seen: Fragment) -> frozenset[tuple[str, str]]:
    """The Patients who are labelled, few as they are, with their labels."""
    return frozenset() if seen == TRUE else facts.labels_of_all()


def _lines(slice: _Slice, statement: str, taken: frozenset[str] | None = None) -> Iterator[Line]:
    job, resource_type = slice.job, slice.resource_type
    members = None if job.members is None else frozenset(job.members)
    part = export_elements.representation(job.elements, resource_type)
    deleted: list[Row] = []
    for row in slice.rows(statement):
        _, id, version_id, last_updated, content, is_current, patients, _ = row
        is_old = job.since is not None and version_id is not None and last_updated <= job.since
        if version_id is None or is_old or not slice.is_seen(row):
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
        yield from _deletions(slice, deleted, members)


def _deletions(slice: _Slice, rows: list[Row], members: frozenset[str] | None) -> Iterator[Line]:
    """Deleted resources are in no compartment any more: their last text tells in which they were."""
    job, resource_type = slice.job, slice.resource_type
    for resource_id, id, version_id, *_ in rows:
        patients: list[str] = []
        if job.level != "system" or slice.seen != TRUE:
            before = fetch_primary(_LAST_CONTENT, (resource_id, version_id))
            patients = _patients_in(resource_type, before[0][0]) if before else []
            content = before[0][0] if before else None
            if not is_version_seen(slice.actor, "export", id=id, content=content):
                continue
        if _belongs(job, resource_type, id, patients, members):
            yield Line(id, "deleted", bulk_export.deletion(resource_type, id))


def _belongs(
    job: ExportJob, resource_type: str, id: str, patients: list[str], members: frozenset[str] | None
) -> bool:
    about = [id] if resource_type == "Patient" else patients
    return job.level == "system" or (bool(about) if members is None else not members.isdisjoint(about))


def _patients_in(resource_type: str, content: str) -> list[str]:
    return sorted(compartment_patients(resource_type, parse(content).value))

"""What there is of the resources that a transaction is about to change, and whose data it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patients.access import Facts, facts
from patients.interactions.bundle.changes import BundleChange
from patients.interactions.results import StoredResource
from perf import database

_CURRENT = database.Query(
    "versions to follow in a transaction",
    f"""
    SELECT r.resource_type, r.fhir_id, r.version_id, r.last_updated, r.deleted,
           CASE WHEN wanted.with_content THEN v.content END,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id),
           {facts.COLUMNS}
    FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS wanted (resource_type, fhir_id, with_content)
    JOIN fhir_resources r ON r.resource_type = wanted.resource_type AND r.fhir_id = wanted.fhir_id
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    """,
)


@dataclass(frozen=True, slots=True)
class Current:
    """The current version of a resource."""

    version_id: int
    last_updated: datetime
    is_deleted: bool
    content: str | None
    known: Facts

    @property
    def patients(self) -> list[str]:
        """Ids of the Patients whose data it holds."""
        return sorted(self.known.patients)

    def stored(self, change: BundleChange) -> StoredResource:
        return StoredResource(
            change.resource_type,
            change.id,
            self.version_id,
            self.last_updated,
            self.is_deleted,
            None,
            self.content,
        )


def current_of(changes: Sequence[BundleChange]) -> dict[str, Current]:
    """Return it for each change that there is anything of, by its reference."""
    if not changes:
        return {}
    # Of two changes of a resource only a create that finds it needs the content.
    wanted: dict[tuple[str, str], bool] = {}
    for it in changes:
        wanted[it.resource_type, it.id] = it.is_nothing_to_do or wanted.get((it.resource_type, it.id), False)
    columns = zip(*((type, id, is_shown) for (type, id), is_shown in wanted.items()), strict=True)
    rows = database.fetch_primary(_CURRENT, [list(column) for column in columns])
    return {
        f"{type}/{id}": Current(version, at, is_deleted, text, Facts.of_row(type, id, *told))
        for type, id, version, at, is_deleted, text, *told in rows
    }

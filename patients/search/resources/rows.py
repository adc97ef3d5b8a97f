"""A resource as a search finds it."""

from dataclasses import dataclass
from datetime import datetime

from patients.search import contents
from patients.search.fragments import Fragment, fill

CONTENT = 4


def shown(window: str) -> Fragment:
    """Of `fhir_resources r` and its version `v`, in the order of ResourceRow's fields."""
    return fill(
        "r.resource_type, r.fhir_id, r.version_id, r.last_updated, {content},"
        " ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id), r.id",
        content=contents.content(window),
    )


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """The current version of a resource, its text as stored, and the Patients in whose compartments it is."""

    resource_type: str
    id: str
    version_id: int
    last_updated: datetime
    content: str
    compartment_patients: list[str]
    resource_id: int

    @property
    def patients(self) -> list[str]:
        """Ids of the Patients whose data it discloses."""
        own = [self.id] if self.resource_type == "Patient" else []
        return own + self.compartment_patients


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A page of a result: what matched, in order, and what is included besides."""

    rows: tuple[ResourceRow, ...]
    included: tuple[ResourceRow, ...]
    next_cursor: str | None
    total: int | None

    @property
    def patients(self) -> list[str]:
        return sorted({patient for row in (*self.rows, *self.included) for patient in row.patients})

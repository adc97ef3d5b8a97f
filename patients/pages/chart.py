"""A patient's chart: who it is, and sections that are read, and may fail, each on its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from django.utils import timezone

from patients import interactions
from patients.access import Actor
from patients.fhir.extraction import extract
from patients.fhir.outcomes import Gone, NotFound, Unavailable
from patients.fhir.resource import ID_PATTERN, parse
from patients.pages.presenters.allergies import Allergies, unavailable
from patients.pages.presenters.demographics import Row, demographics
from patients.pages.presenters.entries import entries
from patients.pages.presenters.medications import medicine_reference
from patients.pages.presenters.people import Person, person
from patients.pages.presenters.stored import JsonObject, loads
from patients.pages.reading import attempt
from patients.pages.sections import KINDS, Kind, Reading, Section

_ID = re.compile(ID_PATTERN)


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose chart it is."""

    id: str
    version_id: int
    person: Person
    demographics: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A patient and the sections of the chart, in the order of `KINDS`."""

    patient: Patient
    allergies: Allergies
    sections: tuple[Section, ...]

    @property
    def section(self) -> dict[str, Section]:
        return {section.slug: section for section in self.sections}


class ChartReader:
    """Reads the chart of one patient for one actor."""

    def __init__(self, *, actor: Actor, patient_id: str, zone: tzinfo) -> None:
        self.actor = actor
        self.patient_id = patient_id
        self.zone = zone

    def chart(self) -> Chart:
        patient = self.patient()
        # Two sections are made of Observations; one read serves both.
        largest = {kind.resource_type: kind for kind in sorted(KINDS, key=lambda kind: kind.read_count)}
        readings = {resource_type: self.read(kind) for resource_type, kind in largest.items()}
        sections = tuple(kind.section(readings[kind.resource_type]) for kind in KINDS)
        return Chart(patient, _allergies(sections), sections)

    def section(self, kind: Kind, cursor: str | None) -> Chart:
        """Return the chart with one section, and with the allergies, without which no patient is shown."""
        patient = self.patient()
        section = kind.section(self.read(kind, cursor=cursor))
        allergy_kind = next(one for one in KINDS if one.slug == "allergies")
        shown = (
            section if kind is allergy_kind and not cursor else allergy_kind.section(self.read(allergy_kind))
        )
        return Chart(patient, _allergies([shown]), (section,))

    def patient(self) -> Patient:
        """Read who it is.

        :raises NotFound, Gone: if there is no such patient, or no longer.
        :raises Unavailable: if the store does not answer.
        """
        if not _ID.fullmatch(self.patient_id):
            raise NotFound("There is no patient of this id: no id looks like it.")
        stored = attempt(
            lambda: interactions.read(actor=self.actor, resource_type="Patient", id=self.patient_id),
            of="Patient",
            actor=self.actor,
        )
        if stored is None or stored.content is None:
            raise Unavailable("The patient could not be read.")
        columns = extract(parse(stored.content)).patient
        if columns is None:
            raise NotFound(f"Patient/{self.patient_id} is not known.")
        return Patient(
            id=stored.id,
            version_id=stored.version_id,
            person=person(columns, today=timezone.localdate(), zone=self.zone),
            demographics=demographics(loads(stored.content), self.zone),
        )

    def read(self, kind: Kind, *, cursor: str | None = None) -> Reading | None:
        page = attempt(
            lambda: interactions.compartment(
                actor=self.actor,
                patient_id=self.patient_id,
                resource_type=kind.resource_type,
                count=kind.read_count,
                cursor=cursor,
            ),
            of=kind.resource_type,
            actor=self.actor,
        )
        if page is None:
            return None
        found = entries(page.entries, self.zone)
        return Reading(
            entries=found,
            next_cursor=page.next_cursor,
            is_first=cursor is None,
            total=page.total or 0,
            as_of=timezone.localtime(page.as_of),
            zone=self.zone,
            medicines=self.medicines(entry.value for entry in found if kind.slug == "medications"),
        )

    def medicines(self, requests: Iterable[JsonObject]) -> dict[str, JsonObject]:
        """Return the Medications that requests refer to, by reference; one that is missing is left out."""
        references = dict.fromkeys(filter(None, map(medicine_reference, requests)))
        found = {reference: self._medicine(reference) for reference in references}
        return {reference: medicine for reference, medicine in found.items() if medicine is not None}

    def _medicine(self, reference: str) -> JsonObject | None:
        try:
            stored = attempt(
                lambda: interactions.read(
                    actor=self.actor, resource_type="Medication", id=reference.split("/")[1]
                ),
                of="Medication",
                actor=self.actor,
            )
        except (NotFound, Gone):
            return None
        return loads(stored.content) if stored is not None and stored.content is not None else None


def _allergies(sections: Iterable[Section]) -> Allergies:
    """Return the allergies for the banner: if they could not be read, that is what it says."""
    section = next((one for one in sections if one.slug == "allergies"), None)
    known = section.content if section is not None else None
    return known if isinstance(known, Allergies) else unavailable()

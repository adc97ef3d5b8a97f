"""Medications: what was ordered, as name, form, dose, route and frequency, never cut.

https://hl7.org/fhir/R4/medicationrequest.html, https://hl7.org/fhir/R4/dosage.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import concept, concepts, reference
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.dosages import Dosage, dosage
from patients.pages.presenters.entries import Entry, is_entered_in_error
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

CURRENT_STATES = {
    "on-hold": Tag(gettext_lazy("On hold"), "pending", "warn"),
    "draft": Tag(gettext_lazy("Draft"), "pending"),
    "unknown": Tag(gettext_lazy("Status unknown"), "question", "warn"),
}
PAST_STATES = {
    "stopped": Tag(gettext_lazy("Stopped"), "inactive"),
    "completed": Tag(gettext_lazy("Completed"), "tick"),
    "cancelled": Tag(gettext_lazy("Cancelled"), "inactive"),
}
INTENTS = {
    "proposal": Tag(gettext_lazy("Proposed"), "question"),
    "plan": Tag(gettext_lazy("Planned"), "pending"),
    "option": Tag(gettext_lazy("Option"), "question"),
}
DO_NOT_GIVE = Tag(gettext_lazy("Do not give"), "stop", "bad")

Medicines = Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Medication:
    """One request for a medication."""

    name: str
    form: str
    dosages: tuple[Dosage, ...]
    reason: str
    states: tuple[Tag, ...]
    is_current: bool
    since: When | None
    requested_by: str
    version: str


@dataclass(frozen=True, slots=True)
class Medications:
    """The requests for a patient, newest first in each part."""

    current: tuple[Medication, ...]
    past: tuple[Medication, ...]


def is_current(value: JsonObject) -> bool:
    return value.get("status") not in PAST_STATES and not is_entered_in_error(value)


def medications(entries: Sequence[Entry], medicines: Medicines, zone: tzinfo) -> Medications:
    """Show the requests; `medicines` are the Medications that they refer to, by reference."""
    found = [medication(entry, medicines, zone) for entry in entries]
    return Medications(
        current=tuple(one for one in found if one.is_current),
        past=tuple(one for one in found if not one.is_current),
    )


def medication(entry: Entry, medicines: Medicines, zone: tzinfo) -> Medication:
    value = entry.value
    medicine = _medicine(value, medicines)
    return Medication(
        name=_name(value, medicine),
        form=concept(medicine.get("form")),
        dosages=tuple(dosage(line) for line in members(value, "dosageInstruction")),
        reason=concepts(members(value, "reasonCode")),
        states=_states(value),
        is_current=is_current(value),
        since=when(value.get("authoredOn"), zone) or entry.stored,
        requested_by=reference(member(value, "requester")),
        version=entry.version,
    )


def medicine_reference(value: JsonObject) -> str | None:
    """Return the reference to a Medication stored beside the request, None if there is none to follow."""
    written = member(value, "medicationReference").get("reference")
    return written if isinstance(written, str) and written.startswith("Medication/") else None


def _medicine(value: JsonObject, medicines: Medicines) -> JsonObject:
    written = str(member(value, "medicationReference").get("reference", ""))
    if written.startswith("#"):
        return next((one for one in members(value, "contained") if one.get("id") == written[1:]), {})
    return medicines.get(written, {})


def _name(value: JsonObject, medicine: JsonObject) -> str:
    referred = member(value, "medicationReference")
    return (
        concept(value.get("medicationCodeableConcept"))
        or concept(medicine.get("code"))
        or reference(referred)
        or _("Medication could not be read (%(reference)s)") % {"reference": referred.get("reference", "–")}
    )


def _states(value: JsonObject) -> tuple[Tag, ...]:
    status = value.get("status", "")
    states = (
        DO_NOT_GIVE if value.get("doNotPerform") is True else None,
        ENTERED_IN_ERROR if is_entered_in_error(value) else None,
        CURRENT_STATES.get(status) or PAST_STATES.get(status),
        INTENTS.get(value.get("intent", "")),
    )
    return tuple(tag for tag in states if tag)

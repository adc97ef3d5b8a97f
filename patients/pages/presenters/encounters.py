"""Encounters as a timeline.

https://hl7.org/fhir/R4/encounter.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from patients.pages.presenters.concepts import concepts, reference
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.entries import Entry
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

# Of HL7's ActCode; an encounter without a type is called by its class.
CLASSES: dict[str, str | Promise] = {
    "AMB": gettext_lazy("Outpatient"),
    "EMER": gettext_lazy("Emergency"),
    "FLD": gettext_lazy("Field"),
    "HH": gettext_lazy("Home visit"),
    "IMP": gettext_lazy("Inpatient"),
    "ACUTE": gettext_lazy("Inpatient, acute"),
    "NONAC": gettext_lazy("Inpatient, not acute"),
    "OBSENC": gettext_lazy("Observation"),
    "PRENC": gettext_lazy("Before admission"),
    "SS": gettext_lazy("Short stay"),
    "VR": gettext_lazy("By telephone or video"),
}
STATES = {
    "planned": Tag(gettext_lazy("Planned"), "pending"),
    "arrived": Tag(gettext_lazy("Arrived"), "info"),
    "triaged": Tag(gettext_lazy("Triaged"), "info"),
    "in-progress": Tag(gettext_lazy("In progress"), "info"),
    "onleave": Tag(gettext_lazy("On leave"), "pending"),
    "cancelled": Tag(gettext_lazy("Cancelled"), "inactive"),
    "unknown": Tag(gettext_lazy("Status unknown"), "question"),
    "entered-in-error": ENTERED_IN_ERROR,
}


@dataclass(frozen=True, slots=True)
class Encounter:
    """One contact of the patient with care."""

    name: str
    kind: str
    reason: str
    details: tuple[str, ...]
    started: When | None
    state: Tag | None
    is_unplanned: bool
    version: str


def encounters(entries: Sequence[Entry], zone: tzinfo) -> tuple[Encounter, ...]:
    return tuple(encounter(entry, zone) for entry in entries)


def encounter(entry: Entry, zone: tzinfo) -> Encounter:
    value = entry.value
    encounter_class = str(member(value, "class").get("code", ""))
    kind = str(CLASSES.get(encounter_class, member(value, "class").get("display", encounter_class)))
    period = member(value, "period")
    return Encounter(
        name=concepts(members(value, "type")) or kind or _("Encounter"),
        kind=kind,
        reason=concepts(members(value, "reasonCode")),
        details=tuple(filter(None, (kind, _people(value), _place(value), _length(period)))),
        started=when(period.get("start"), zone) or entry.stored,
        state=STATES.get(value.get("status", "")),
        is_unplanned=encounter_class == "EMER",
        version=entry.version,
    )


def _people(value: JsonObject) -> str:
    return ", ".join(
        filter(None, (reference(member(one, "individual")) for one in members(value, "participant")))
    )


def _place(value: JsonObject) -> str:
    places = [reference(member(one, "location")) for one in members(value, "location")]
    provider = reference(member(value, "serviceProvider"))
    return ", ".join(dict.fromkeys(filter(None, (*places, provider))))


def _length(period: JsonObject) -> str:
    try:
        minutes = _minutes(str(period.get("start", "")), str(period.get("end", "")))
    except ValueError:
        return ""
    if minutes < 0:
        return ""
    if minutes < 120:
        return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d h", "%(count)d h", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}


def _minutes(start: str, end: str) -> int:
    if "T" not in start or "T" not in end:
        raise ValueError(start, end)
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)

"""Immunisations, given and not given.

https://hl7.org/fhir/R4/immunization.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import concept, quantity, reference
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.entries import Entry
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

STATES = {
    "not-done": Tag(gettext_lazy("Not given"), "inactive", "warn"),
    "entered-in-error": ENTERED_IN_ERROR,
}


@dataclass(frozen=True, slots=True)
class Immunisation:
    """One vaccine, given or not."""

    vaccine: str
    detail: str
    state: Tag | None
    given: When | None
    given_in_words: str
    where: str
    version: str


def immunisations(entries: Sequence[Entry], zone: tzinfo) -> tuple[Immunisation, ...]:
    return tuple(immunisation(entry, zone) for entry in entries)


def immunisation(entry: Entry, zone: tzinfo) -> Immunisation:
    value = entry.value
    return Immunisation(
        vaccine=concept(value.get("vaccineCode")) or _("Vaccine not named"),
        detail=" · ".join(filter(None, _details(value))),
        state=STATES.get(value.get("status", "")),
        given=when(value.get("occurrenceDateTime"), zone),
        given_in_words=str(value.get("occurrenceString", "")),
        where=reference(member(value, "location")) or _performers(value),
        version=entry.version,
    )


def _details(value: JsonObject) -> tuple[str, ...]:
    lot = value.get("lotNumber")
    return (
        concept(value.get("statusReason")),
        quantity(member(value, "doseQuantity")),
        concept(value.get("route")),
        concept(value.get("site")),
        _("Lot %(number)s") % {"number": lot} if lot else "",
    )


def _performers(value: JsonObject) -> str:
    return ", ".join(filter(None, (reference(member(one, "actor")) for one in members(value, "performer"))))

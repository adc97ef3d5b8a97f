"""Allergies, and the one of four states in which they are known.

None, not recorded and unavailable are three things: only an assertion on record reads as none.
https://hl7.org/fhir/R4/allergyintolerance.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import codes, concept, concepts, reference
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.entries import Entry, is_entered_in_error
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

# SNOMED CT's assertions that there is none: of any kind, of drugs, of food, of the environment.
NO_KNOWN_ALLERGY = "716186003"
NEGATIVE_ASSERTIONS = {NO_KNOWN_ALLERGY, "409137002", "429625007", "428607008"}
RISKS: dict[str, str | Promise] = {
    "high": gettext_lazy("High risk"),
    "low": gettext_lazy("Low risk"),
    "unable-to-assess": gettext_lazy("Risk cannot be assessed"),
}
STATES = {
    "refuted": Tag(gettext_lazy("Refuted"), "inactive"),
    "unconfirmed": Tag(gettext_lazy("Unconfirmed"), "question"),
    "presumed": Tag(gettext_lazy("Presumed"), "question"),
    "resolved": Tag(gettext_lazy("Resolved"), "tick"),
    "inactive": Tag(gettext_lazy("Inactive"), "inactive"),
}
SHOWN_IN_BANNER = 8


@dataclass(frozen=True, slots=True)
class Allergy:
    """One allergy or intolerance."""

    substance: str
    reaction: str
    risk: str
    is_high_risk: bool
    state: Tag | None
    recorded: When | None
    recorded_by: str
    version: str
    is_active: bool
    is_negative: bool
    denies_all: bool


@dataclass(frozen=True, slots=True)
class Allergies:
    """All allergies on record, and their state: `known`, `none`, `blank` or `un` as `look.css` names them."""

    state: str
    title: str
    active: tuple[Allergy, ...] = ()
    past: tuple[Allergy, ...] = ()

    @property
    def first(self) -> tuple[Allergy, ...]:
        return self.active[:SHOWN_IN_BANNER]

    @property
    def rest(self) -> tuple[Allergy, ...]:
        return self.active[SHOWN_IN_BANNER:]


def unavailable() -> Allergies:
    return Allergies("un", _("Allergies unavailable"))


def allergies(entries: Sequence[Entry], *, is_complete: bool, zone: tzinfo) -> Allergies:
    """Sort out what is known; a list that is not complete never says that there is nothing."""
    found = [allergy(entry, zone) for entry in entries]
    positive = tuple(sorted((one for one in found if one.is_active and not one.is_negative), key=_risk_rank))
    past = tuple(one for one in found if not one.is_active)
    if positive:
        return Allergies("known", _("Known allergies"), positive, past)
    if not is_complete:
        return unavailable()
    negative = tuple(one for one in found if one.is_active)
    if negative:
        return Allergies("none", _negative_title(negative), negative, past)
    return Allergies(
        "blank", _("No active allergy recorded") if past else _("Allergies not recorded"), (), past
    )


def allergy(entry: Entry, zone: tzinfo) -> Allergy:
    value = entry.value
    state, coded = _state(value), codes(member(value, "code"))
    return Allergy(
        substance=_substance(value),
        reaction=", ".join(filter(None, map(_reaction, members(value, "reaction")))),
        risk=str(RISKS.get(value.get("criticality", ""), "")),
        is_high_risk=value.get("criticality") == "high",
        state=state,
        recorded=when(value.get("recordedDate"), zone) or entry.stored,
        recorded_by=reference(member(value, "recorder")) or reference(member(value, "asserter")),
        version=entry.version,
        is_active=state in (None, STATES["unconfirmed"], STATES["presumed"]),
        is_negative=bool(coded & NEGATIVE_ASSERTIONS),
        denies_all=NO_KNOWN_ALLERGY in coded,
    )


def _state(value: JsonObject) -> Tag | None:
    if is_entered_in_error(value):
        return ENTERED_IN_ERROR
    stated = codes(member(value, "verificationStatus")) | codes(member(value, "clinicalStatus"))
    # The first that applies: what ends an allergy counts before what doubts it.
    return next(
        (
            STATES[code]
            for code in ("refuted", "resolved", "inactive", "unconfirmed", "presumed")
            if code in stated
        ),
        None,
    )


def _substance(value: JsonObject) -> str:
    stated = concept(value.get("code")) or concepts(
        [member(one, "substance") for one in members(value, "reaction")]
    )
    return stated or _("Substance not recorded")


def _reaction(reaction: JsonObject) -> str:
    severity = {"mild": _("mild"), "moderate": _("moderate"), "severe": _("severe")}.get(
        reaction.get("severity", "")
    )
    manifestation = concepts(members(reaction, "manifestation")) or str(reaction.get("description", ""))
    return f"{manifestation} ({severity})" if severity else manifestation


def _risk_rank(one: Allergy) -> int:
    return 0 if one.is_high_risk else 1


def _negative_title(negative: Sequence[Allergy]) -> str:
    # "No known drug allergy" says nothing of food: only the whole assertion reads as the whole.
    if any(one.denies_all for one in negative):
        return _("No known allergies")
    return ", ".join(one.substance for one in negative)

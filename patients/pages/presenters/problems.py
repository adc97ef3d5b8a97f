"""Problems: the Conditions of a patient, active before past.

https://hl7.org/fhir/R4/condition.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import any_value, codes, concept, concepts, reference
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.entries import Entry, is_entered_in_error
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

PAST_STATES = {
    "resolved": Tag(gettext_lazy("Resolved"), "tick"),
    "remission": Tag(gettext_lazy("In remission"), "tick"),
    "inactive": Tag(gettext_lazy("Inactive"), "inactive"),
    "refuted": Tag(gettext_lazy("Refuted"), "inactive"),
}
PRESENT_STATES = {
    "recurrence": Tag(gettext_lazy("Recurrence"), "info"),
    "relapse": Tag(gettext_lazy("Relapse"), "info"),
    "unconfirmed": Tag(gettext_lazy("Unconfirmed"), "question"),
    "provisional": Tag(gettext_lazy("Provisional"), "question"),
    "differential": Tag(gettext_lazy("Differential"), "question"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, diagnosis or concern."""

    name: str
    detail: str
    state: Tag | None
    is_active: bool
    since: When | None
    since_in_words: str
    ended: When | None
    recorded: When | None
    recorded_by: str
    version: str


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of a patient, newest first in each part."""

    active: tuple[Problem, ...]
    past: tuple[Problem, ...]


def problems(entries: Sequence[Entry], zone: tzinfo) -> Problems:
    found = [problem(entry, zone) for entry in entries]
    return Problems(
        active=tuple(one for one in found if one.is_active),
        past=tuple(one for one in found if not one.is_active),
    )


def problem(entry: Entry, zone: tzinfo) -> Problem:
    value = entry.value
    state, is_active = _state(value)
    since = when(value.get("onsetDateTime"), zone)
    return Problem(
        name=concept(value.get("code")) or _("Problem not named"),
        detail=_detail(value),
        state=state,
        is_active=is_active,
        since=since,
        since_in_words="" if since else any_value(value, "onset", zone),
        ended=when(value.get("abatementDateTime"), zone),
        recorded=when(value.get("recordedDate"), zone) or entry.stored,
        recorded_by=reference(member(value, "recorder")) or reference(member(value, "asserter")),
        version=entry.version,
    )


def _state(value: JsonObject) -> tuple[Tag | None, bool]:
    if is_entered_in_error(value):
        return ENTERED_IN_ERROR, False
    stated = codes(member(value, "clinicalStatus")) | codes(member(value, "verificationStatus"))
    past = next((tag for code, tag in PAST_STATES.items() if code in stated), None)
    if past:
        return past, False
    return next((tag for code, tag in PRESENT_STATES.items() if code in stated), None), True


def _detail(value: JsonObject) -> str:
    parts = (concept(value.get("severity")), concepts(members(value, "bodySite")))
    return " · ".join(filter(None, parts))

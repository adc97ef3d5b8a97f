"""One Observation in words: what was measured, its value at the recorded precision, its flag.

A flag is the one that was recorded; nothing is judged here. https://hl7.org/fhir/R4/observation.html
"""

from dataclasses import dataclass
from datetime import tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import (
    amount,
    any_value,
    codes,
    concept,
    concepts,
    interval,
    reference,
    unit,
)
from patients.pages.presenters.dates import When, when
from patients.pages.presenters.entries import Entry, is_entered_in_error
from patients.pages.presenters.stored import JsonObject, member, members
from patients.pages.presenters.tags import ENTERED_IN_ERROR, Tag

HIGH = Tag(gettext_lazy("High"), "high", "high")
LOW = Tag(gettext_lazy("Low"), "low", "low")
FLAGS = {
    "HH": Tag(gettext_lazy("Critical high"), "critical-high", "crit"),
    "LL": Tag(gettext_lazy("Critical low"), "critical-low", "crit"),
    "AA": Tag(gettext_lazy("Critical"), "stop", "crit"),
    "HU": HIGH,
    "LU": LOW,
    "H": HIGH,
    "L": LOW,
    "A": Tag(gettext_lazy("Abnormal"), "warning", "warn"),
}
# A normal result is unmarked.
UNMARKED = {"N"}
STATES = {
    "registered": Tag(gettext_lazy("Registered"), "pending"),
    "preliminary": Tag(gettext_lazy("Preliminary"), "pending"),
    "amended": Tag(gettext_lazy("Amended"), "info"),
    "corrected": Tag(gettext_lazy("Corrected"), "info"),
    "cancelled": Tag(gettext_lazy("Cancelled"), "inactive"),
    "unknown": Tag(gettext_lazy("Status unknown"), "question"),
    "entered-in-error": ENTERED_IN_ERROR,
}
CATEGORIES: dict[str, str | Promise] = {
    "laboratory": gettext_lazy("Laboratory"),
    "imaging": gettext_lazy("Imaging"),
    "procedure": gettext_lazy("Procedures"),
    "exam": gettext_lazy("Examination"),
    "survey": gettext_lazy("Surveys"),
    "social-history": gettext_lazy("Social history"),
    "therapy": gettext_lazy("Therapy"),
    "activity": gettext_lazy("Activity"),
}
SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its unit as recorded, and the flag that was recorded with it."""

    text: str
    unit: str = ""
    flag: Tag | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One measurement or finding; `key` is the same for all of the same test."""

    key: str
    codes: frozenset[str]
    name: str
    category: str
    is_vital_sign: bool
    value: Value
    components: tuple[Value, ...]
    reference: str
    taken: When | None
    by: str
    note: str
    state: Tag | None
    is_in_error: bool
    version: str

    @property
    def row_class(self) -> str:
        """Return the class of `look.css` for the row of a table."""
        kinds = {shown.flag.kind for shown in (self.value, *self.components) if shown.flag}
        return "crit" if "crit" in kinds else "out" if kinds & {"high", "low", "warn"} else ""


def observation(entry: Entry, zone: tzinfo) -> Observation:
    value = entry.value
    coded = frozenset(codes(member(value, "code")))
    categories = [code for category in members(value, "category") for code in codes(category)]
    components = _components(value, zone)
    name = concept(value.get("code")) or _("Not named")
    pair = blood_pressure(value)
    return Observation(
        key="|".join(sorted(coded)) or name,
        codes=coded,
        name=name,
        category=_category(value, categories),
        is_vital_sign="vital-signs" in categories,
        value=pair or _value(value, zone, has_components=bool(components)),
        components=() if pair else components,
        reference="; ".join(filter(None, map(_reference_range, members(value, "referenceRange")))),
        taken=_taken(value, zone) or entry.stored,
        by=", ".join(filter(None, map(reference, members(value, "performer")))),
        note=" ".join(str(note.get("text", "")) for note in members(value, "note")),
        state=STATES.get(value.get("status", "")),
        is_in_error=is_entered_in_error(value),
        version=entry.version,
    )


def blood_pressure(value: JsonObject) -> Value | None:
    """Return systolic and diastolic as the pair they are read as, in whichever order they were stored."""
    parts = {code: one for one in members(value, "component") for code in codes(member(one, "code"))}
    pair = [parts.get(SYSTOLIC), parts.get(DIASTOLIC)]
    measured = [member(part or {}, "valueQuantity") for part in pair]
    if len(members(value, "component")) != 2 or not all("value" in one for one in measured):
        return None
    if unit(measured[0]) != unit(measured[1]):
        return None
    flags = [flag for part in (value, *pair) if part and (flag := _flag(part))]
    flags.sort(key=lambda flag: flag.kind != "crit")
    return Value("/".join(map(amount, measured)), unit(measured[0]), flags[0] if flags else None)


def _value(value: JsonObject, zone: tzinfo, *, has_components: bool = False) -> Value:
    flag = _flag(value)
    measured = member(value, "valueQuantity")
    if measured:
        return Value(amount(measured), unit(measured), flag)
    text = any_value(value, "value", zone)
    absent = concept(value.get("dataAbsentReason"))
    if not text and absent:
        text = _("No value: %(reason)s") % {"reason": absent}
    if not text and not has_components and not members(value, "hasMember"):
        text = _("No value recorded")
    return Value(text, flag=flag)


def _components(value: JsonObject, zone: tzinfo) -> tuple[Value, ...]:
    shown = []
    for component in members(value, "component"):
        found = _value(component, zone)
        shown.append(Value(found.text, found.unit, found.flag, concept(component.get("code"))))
    return tuple(shown)


def _flag(value: JsonObject) -> Tag | None:
    """Return the gravest flag that was recorded, in the words of the record where we have none."""
    interpretations = members(value, "interpretation")
    stated = {code for one in interpretations for code in codes(one)}
    known = next((tag for code, tag in FLAGS.items() if code in stated), None)
    if known or not interpretations or stated & UNMARKED:
        return known
    return Tag(concepts(interpretations), "info")


def _reference_range(value: JsonObject) -> str:
    low, high = member(value, "low"), member(value, "high")
    text = value.get("text")
    shown = str(text) if text else interval({"low": _bare(low), "high": _bare(high)})
    scope = concepts(members(value, "appliesTo"))
    return f"{shown} ({scope})" if scope and shown else shown


def _bare(limit: JsonObject) -> JsonObject:
    # The unit stands in its own column.
    return {"value": limit["value"]} if "value" in limit else {}


def _taken(value: JsonObject, zone: tzinfo) -> When | None:
    start = member(value, "effectivePeriod").get("start")
    return when(value.get("effectiveDateTime") or value.get("effectiveInstant") or start, zone)


def _category(value: JsonObject, categories: list[str]) -> str:
    known = next((str(word) for code, word in CATEGORIES.items() if code in categories), "")
    return known or concepts(members(value, "category")) or _("Other")

"""A Dosage in words: dose, route, frequency, and what was written beside them.

https://hl7.org/fhir/R4/dosage.html, https://hl7.org/fhir/R4/datatypes.html#Timing
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from patients.pages.presenters.concepts import (
    SEMANTIC_TAG,
    amount,
    concept,
    concepts,
    interval,
    number,
    quantity,
    ratio,
    unit,
)
from patients.pages.presenters.dates import partial_date
from patients.pages.presenters.stored import JsonObject, member, members, words


@dataclass(frozen=True, slots=True)
class Dosage:
    """One line of a prescription; `others` are route, frequency, limit, in the order they are read."""

    dose: str
    others: tuple[str, ...]
    instructions: str


def dosage(value: JsonObject) -> Dosage:
    text = SEMANTIC_TAG.sub("", str(value.get("text", "")).strip())
    others = (
        concept(value.get("route")),
        frequency(member(value, "timing")),
        _as_needed(value),
        _limit(value),
        text,
    )
    instructions = [
        concepts(members(value, "additionalInstruction")),
        str(value.get("patientInstruction", "")),
    ]
    return Dosage(
        dose=_dose(value),
        others=tuple(dict.fromkeys(filter(None, others))),
        instructions=". ".join(filter(None, instructions)),
    )


def frequency(timing: JsonObject) -> str:
    """Return how often: the words of the timing's code, else those of its repetition."""
    repeat = member(timing, "repeat")
    parts = [concept(timing.get("code")) or _repetition(repeat), _moments(repeat), _duration(repeat)]
    return ", ".join(filter(None, parts))


def _dose(value: JsonObject) -> str:
    doses = []
    for line in members(value, "doseAndRate"):
        dose, rate = member(line, "doseQuantity"), member(line, "rateQuantity")
        shown = _with_unit(dose) if dose else interval(member(line, "doseRange"))
        at = quantity(rate) if rate else interval(member(line, "rateRange"))
        if "rateRatio" in line:
            at = ratio(member(line, "rateRatio"))
        doses.append(" ".join(filter(None, (shown, _("at %(rate)s") % {"rate": at} if at else ""))))
    return ", ".join(filter(None, doses))


def _with_unit(dose: JsonObject) -> str:
    if unit(dose) or "value" not in dose:
        return quantity(dose)
    return _("%(amount)s (unit not recorded)") % {"amount": amount(dose)}


def _as_needed(value: JsonObject) -> str:
    reason = concept(value.get("asNeededCodeableConcept"))
    if reason:
        return _("as needed for %(reason)s") % {"reason": reason}
    return _("as needed") if value.get("asNeededBoolean") is True else ""


def _limit(value: JsonObject) -> str:
    limits = [
        (member(value, "maxDosePerPeriod"), ratio, _("at most %(limit)s")),
        (member(value, "maxDosePerAdministration"), quantity, _("at most %(limit)s each time")),
        (member(value, "maxDosePerLifetime"), quantity, _("at most %(limit)s in a lifetime")),
    ]
    return ", ".join(sentence % {"limit": show(limit)} for limit, show, sentence in limits if limit)


def _repetition(repeat: JsonObject) -> str:
    period, period_unit = repeat.get("period"), repeat.get("periodUnit", "")
    if not isinstance(period, Decimal):
        return ""
    times = _times(repeat)
    longest = repeat.get("periodMax")
    if period != 1 or longest is not None:
        every = _every(period, longest, period_unit)
        return every if times == _("once") else _("%(times)s %(every)s") % {"times": times, "every": every}
    per_unit = {
        "s": _("a second"),
        "min": _("a minute"),
        "h": _("an hour"),
        "d": _("a day"),
        "wk": _("a week"),
        "mo": _("a month"),
        "a": _("a year"),
    }
    return f"{times} {per_unit.get(period_unit, period_unit)}"


def _times(repeat: JsonObject) -> str:
    low, high = repeat.get("frequency", Decimal(1)), repeat.get("frequencyMax")
    if high is not None:
        return _("%(low)s to %(high)s times") % {"low": number(low), "high": number(high)}
    named = {1: _("once"), 2: _("twice")}
    return named.get(int(low)) or _("%(count)s times") % {"count": number(low)}


def _every(period: Decimal, longest: Decimal | None, period_unit: str) -> str:
    last = period if longest is None else longest
    count = int(last) if last == int(last) else 2  # parts of a unit read as many
    unit_names = {
        "s": ngettext("second", "seconds", count),
        "min": ngettext("minute", "minutes", count),
        "h": ngettext("hour", "hours", count),
        "d": ngettext("day", "days", count),
        "wk": ngettext("week", "weeks", count),
        "mo": ngettext("month", "months", count),
        "a": ngettext("year", "years", count),
    }
    shown = _whole(period) if longest is None else f"{_whole(period)}–{_whole(longest)}"
    return _("every %(period)s %(unit)s") % {
        "period": shown,
        "unit": unit_names.get(period_unit, period_unit),
    }


def _whole(value: Decimal) -> str:
    return number(Decimal(int(value)) if value == int(value) else value)


def _moments(repeat: JsonObject) -> str:
    meanings = {
        "MORN": _("in the morning"),
        "AFT": _("in the afternoon"),
        "EVE": _("in the evening"),
        "NIGHT": _("at night"),
        "HS": _("at bedtime"),
        "WAKE": _("on waking"),
        "C": _("with meals"),
        "AC": _("before meals"),
        "PC": _("after meals"),
    }
    moments = [meanings.get(code, code) for code in words(repeat.get("when"))]
    return ", ".join(
        moments + words(repeat.get("dayOfWeek")) + [clock[:5] for clock in words(repeat.get("timeOfDay"))]
    )


def _duration(repeat: JsonObject) -> str:
    bounds, between, times = (
        member(repeat, "boundsDuration"),
        member(repeat, "boundsRange"),
        repeat.get("count"),
    )
    period = member(repeat, "boundsPeriod")
    ends = " – ".join(partial_date(str(period[end])[:10]) for end in ("start", "end") if end in period)
    parts = (
        _("for %(duration)s") % {"duration": quantity(bounds) or interval(between)}
        if bounds or between
        else "",
        _("%(period)s only") % {"period": ends} if ends else "",
        _("%(count)s times in all") % {"count": number(times)} if times is not None else "",
    )
    return ", ".join(filter(None, parts))

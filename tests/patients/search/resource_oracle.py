"""Which resources a search finds, worked out from their JSON as a person would read R4: slow and plain.

It shares nothing with what extracts, parses and looks up values: elements are named by hand, dates, numbers
and codes are read anew. `matches` takes one parameter as a query string has it.
https://hl7.org/fhir/R4/search.html
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Resource = dict[str, Any]

# Resource type: parameter: kind and the elements that it looks at.
PARAMETERS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "AllergyIntolerance": {
        "clinical-status": ("token", ("clinicalStatus",)),
        "code": ("token", ("code", "reaction.substance")),
        "date": ("date", ("recordedDate",)),
        "patient": ("reference", ("patient",)),
    },
    "CarePlan": {
        "category": ("token", ("category",)),
        "date": ("date", ("period",)),
        "patient": ("reference", ("subject",)),
        "status": ("token", ("status",)),
    },
    "Condition": {
        "clinical-status": ("token", ("clinicalStatus",)),
        "code": ("token", ("code",)),
        "encounter": ("reference", ("encounter",)),
        "onset-date": ("date", ("onsetDateTime", "onsetPeriod")),
        "recorded-date": ("date", ("recordedDate",)),
        "subject": ("reference", ("subject",)),
    },
    "DiagnosticReport": {
        "category": ("token", ("category",)),
        "code": ("token", ("code",)),
        "issued": ("date", ("issued",)),
        "result": ("reference", ("result",)),
        "status": ("token", ("status",)),
    },
    "Encounter": {
        "class": ("token", ("class",)),
        "date": ("date", ("period",)),
        "patient": ("reference", ("subject",)),
        "status": ("token", ("status",)),
        "type": ("token", ("type",)),
    },
    "Immunization": {
        "date": ("date", ("occurrenceDateTime",)),
        "patient": ("reference", ("patient",)),
        "status": ("token", ("status",)),
        "vaccine-code": ("token", ("vaccineCode",)),
    },
    "MedicationRequest": {
        "authoredon": ("date", ("authoredOn",)),
        "encounter": ("reference", ("encounter",)),
        "intent": ("token", ("intent",)),
        "status": ("token", ("status",)),
    },
    "Observation": {
        "category": ("token", ("category",)),
        "code": ("token", ("code",)),
        "combo-code": ("token", ("code", "component.code")),
        "component-value-quantity": ("quantity", ("component.valueQuantity",)),
        "encounter": ("reference", ("encounter",)),
        "patient": ("reference", ("subject",)),
        "status": ("token", ("status",)),
        "subject": ("reference", ("subject",)),
        "value-concept": ("token", ("valueCodeableConcept",)),
        "value-quantity": ("quantity", ("valueQuantity",)),
        "value-string": ("string", ("valueString", "valueCodeableConcept.text")),
    },
    "Organization": {
        "address-city": ("string", ("address.city",)),
        "identifier": ("token", ("identifier",)),
        "name": ("string", ("name", "alias")),
    },
    "Patient": {
        "address-postalcode": ("string", ("address.postalCode",)),
        "birthdate": ("date", ("birthDate",)),
        "family": ("string", ("name.family",)),
        "gender": ("token", ("gender",)),
        "given": ("string", ("name.given",)),
        "identifier": ("token", ("identifier",)),
    },
    "PlanDefinition": {
        "date": ("date", ("date",)),
        "name": ("string", ("name",)),
        "status": ("token", ("status",)),
        "title": ("string", ("title",)),
        "url": ("uri", ("url",)),
    },
    "Practitioner": {
        "family": ("string", ("name.family",)),
        "given": ("string", ("name.given",)),
        "identifier": ("token", ("identifier",)),
    },
    "Procedure": {
        "code": ("token", ("code",)),
        "date": ("date", ("performedDateTime", "performedPeriod")),
        "status": ("token", ("status",)),
    },
}
_FOREVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def matches(resource: Resource, key: str, text: str) -> bool:
    """Whether the resource meets this pair of a query string (without backslashes)."""
    name, _, modifier = key.partition(":")
    kind, _ = PARAMETERS[resource["resourceType"]][name]
    elements = elements_of(resource, name)
    if modifier == "missing":
        return (not elements) == (text == "true")
    found = any(_KINDS[kind](element, modifier, each) for each in text.split(",") for element in elements)
    return found != (modifier == "not")


def elements_of(resource: Resource, name: str) -> list[Any]:
    """What a parameter looks at; `patient` at references to a Patient."""
    kind, paths = PARAMETERS[resource["resourceType"]][name]
    found = [each for path in paths for each in _at(resource, path.split("."))]
    if kind != "reference" or name != "patient":
        return found
    return [each for each in found if "Patient/" in each.get("reference", "")]


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _token(element: Any, _: str, text: str) -> bool:
    return any(_is_code(system, code, text) for system, code in codes(element))


def codes(element: Any) -> Iterator[tuple[str | None, str]]:
    """System (None: a code's own) and code of whatever holds codes."""
    if isinstance(element, str):
        yield None, element
    elif isinstance(element, bool):
        yield None, str(element).lower()
    elif "coding" in element:
        for coding in element["coding"]:
            yield from codes(coding)
    elif "code" in element or "value" in element:
        yield element.get("system", ""), str(element.get("code", element.get("value")))


def _is_code(system: str | None, code: str, text: str) -> bool:
    if "|" not in text:
        return code.strip().casefold() == text.strip().casefold()
    wanted_system, _, wanted = text.rpartition("|")
    if system is None or wanted_system != system:
        return False
    return not wanted or code.strip().casefold() == wanted.strip().casefold()


def _string(element: Any, modifier: str, text: str) -> bool:
    if modifier == "exact":
        return bool(element == text)
    folded, wanted = plain(element), plain(text)
    return wanted in folded if modifier == "contains" else folded.startswith(wanted)


def plain(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    without = "".join(each for each in decomposed if not unicodedata.combining(each)).replace("’", "'")
    return " ".join(without.casefold().split())


def _reference(element: Any, _: str, text: str) -> bool:
    written = element.get("reference", "").partition("/_history/")[0]
    return bool(written) and (written == text or written.rpartition("/")[2] == text)


def _uri(element: Any, modifier: str, text: str) -> bool:
    if modifier == "below":
        return bool(element == text or element.startswith(text.rstrip("/") + "/"))
    if modifier == "above":
        return bool(element == text or text.startswith(element.rstrip("/") + "/"))
    return bool(element == text)


def _date(element: Any, _: str, text: str) -> bool:
    prefix, written = _prefix(text)
    low, high = period(written)
    start, end = period(element)
    inside = low <= start and end <= high
    return {
        "eq": inside,
        "ne": not inside,
        "gt": end > high,
        "lt": start < low,
        "ge": end > high or inside,
        "le": start < low or inside,
        "sa": start >= high,
        "eb": end <= low,
    }[prefix]


def period(element: Any) -> tuple[datetime, datetime]:
    """From the first moment to the first one after it."""
    if isinstance(element, dict):
        start = period(element["start"])[0] if "start" in element else _FOREVER[0]
        return start, period(element["end"])[1] if "end" in element else _FOREVER[1]
    if "T" in element:
        start = datetime.fromisoformat(element.replace("Z", "+00:00"))
        fraction = re.search(r"\.(\d+)", element)
        length = (
            timedelta(seconds=float(Decimal(1).scaleb(-len(fraction[1]))))
            if fraction
            else timedelta(seconds=1)
        )
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        return start.astimezone(UTC), start.astimezone(UTC) + length
    parts = [int(part) for part in element.split("-")]
    year, month, day = parts + [1] * (3 - len(parts))
    start = datetime(year, month, day, tzinfo=UTC)
    days = {1: 366 if monthrange(year, 2)[1] == 29 else 365, 2: monthrange(year, month)[1], 3: 1}[len(parts)]
    return start, start + timedelta(days=days)


def _quantity(element: Any, _: str, text: str) -> bool:
    number, _, unit = text.partition("|")
    prefix, written = _prefix(number)
    if "value" not in element or "comparator" in element:
        return False
    if unit:
        system, _, code = unit.partition("|")
        if system and element.get("system") != system:
            return False
        if code and code not in (
            (element.get("code"),) if system else (element.get("code"), element.get("unit"))
        ):
            return False
    value, wanted = Decimal(element["value"]), Decimal(written)
    digits = len(written.partition(".")[2])
    inside = (
        abs(value - wanted) * 2 < Decimal(1).scaleb(-digits)
        or value - wanted == -Decimal(1).scaleb(-digits) / 2
    )
    return {
        "eq": inside,
        "ne": not inside,
        "gt": value > wanted,
        "lt": value < wanted,
        "ge": value >= wanted,
        "le": value <= wanted,
        "sa": value > wanted,
        "eb": value < wanted,
    }[prefix]


def _prefix(text: str) -> tuple[str, str]:
    return (text[:2], text[2:]) if text[:2] in _PREFIXES else ("eq", text)


_KINDS: dict[str, Callable[[Any, str, str], bool]] = {
    "date": _date,
    "quantity": _quantity,
    "reference": _reference,
    "string": _string,
    "token": _token,
    "uri": _uri,
}

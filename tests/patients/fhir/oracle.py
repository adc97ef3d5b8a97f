"""Which Patients a search finds, worked out the slow and plain way from the resource itself.

The tests of SQL search and of extraction compare with this. It shares no code with either.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from patients.fhir.search_request import Criterion, SearchRequest

Patient = dict[str, Any]


def matches(request: SearchRequest, patient: Patient, *, now: datetime | None = None) -> bool:
    """Tell whether the search finds the Patient, which has id and meta.lastUpdated as when it is stored."""
    return all(meets(criterion, patient, now=now) for criterion in request.criteria)


def meets(criterion: Criterion, patient: Patient, *, now: datetime | None = None) -> bool:
    name, values = criterion.parameter.name, criterion.values
    now = now or datetime.now(UTC)
    if criterion.modifier == "missing":
        return is_missing(name, patient) is values[0]
    if criterion.modifier == "not":
        return not any(_has_token(name, patient, value.system, value.code) for value in values)
    if criterion.parameter.type == "string":
        return any(_has_string(name, patient, criterion.modifier, value.text) for value in values)
    if name == "birthdate":
        return any(_has_birth_date(patient, value.prefix, value.text, now) for value in values)
    if name == "_lastUpdated":
        return any(_was_updated(patient, value, now) for value in values)
    return any(_has_token(name, patient, value.system, value.code) for value in values)


def is_missing(name: str, patient: Patient) -> bool:
    """Tell whether there is nothing that the parameter could find the Patient by."""
    if name in ("_id", "_lastUpdated", "deceased"):
        return False
    if name == "birthdate":
        return "birthDate" not in patient
    if name in ("name", "family", "given", "address-city"):
        return not list(_strings(name, patient))
    return not list(_tokens(name, patient))


def fold(text: str) -> str:
    text = re.sub("[`\u00b4\u02bb\u02bc\u2018\u2019\u2032]", "'", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = re.sub("[\u2010-\u2015\u2212]", "-", re.sub("[\u02bb\u02bc\u2018\u2019\u2032]", "'", text))
    for letter, plain in zip(
        "æœðđħ\u0131łøþŧ", ("ae", "oe", "d", "d", "h", "i", "l", "o", "th", "t"), strict=True
    ):
        text = text.replace(letter, plain)
    kept = [each for each in text if not unicodedata.combining(each) and not _is_invisible(each)]
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def _is_invisible(character: str) -> bool:
    if unicodedata.category(character) in ("Cf", "Me"):
        return True
    name = unicodedata.name(character, "")
    fillers = ("COMBINING GRAPHEME JOINER", "HANGUL CHOSEONG FILLER", "HANGUL JUNGSEONG FILLER")
    selectors = ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION", "KHMER VOWEL INHERENT")
    return name in fillers or name.startswith(selectors)


def _strings(name: str, patient: Patient) -> Iterator[str]:
    elements = {
        "family": ["family"],
        "given": ["given"],
        "name": ["family", "given", "prefix", "suffix", "text"],
        "address-city": ["city"],
    }[name]
    for whole in patient.get("address" if name == "address-city" else "name", []):
        for element in elements:
            found = whole.get(element)
            yield from [each for each in (found if isinstance(found, list) else [found]) if each is not None]


def _has_string(name: str, patient: Patient, modifier: str | None, searched: str) -> bool:
    for text in _strings(name, patient):
        if modifier == "exact" and text == searched:
            return True
        if modifier == "contains" and fold(searched) in fold(text):
            return True
        if modifier is None and fold(text).startswith(fold(searched)):
            return True
    return False


def _tokens(name: str, patient: Patient) -> Iterator[tuple[str | None, str | None]]:
    """Yield systems and codes; a code without a system of its own has the system None."""
    if name in ("_id", "gender", "active", "deceased"):
        code = _code(name, patient)
        yield from [] if code is None else [(None, code)]
    elif name == "identifier":
        for identifier in patient.get("identifier", []):
            if "system" in identifier or "value" in identifier:
                yield identifier.get("system", ""), identifier.get("value")
    elif name in ("telecom", "phone", "email"):
        for contact_point in patient.get("telecom", []):
            if "value" in contact_point and name in ("telecom", contact_point.get("system")):
                yield contact_point.get("system", ""), contact_point["value"]


def _code(name: str, patient: Patient) -> str | None:
    if name == "active" and "active" in patient:
        return "true" if patient["active"] else "false"
    if name == "deceased":
        is_dated = "deceasedDateTime" in patient or "_deceasedDateTime" in patient
        return "true" if is_dated or patient.get("deceasedBoolean") else "false"
    return patient.get({"_id": "id"}.get(name, name))


def _has_token(name: str, patient: Patient, system: str | None, code: str | None) -> bool:
    for its_system, its_code in _tokens(name, patient):
        if its_system is not None and system is not None and its_system != system:
            continue
        if code is None or (its_code is not None and _is_same_code(name, its_code, code)):
            return True
    return False


def _is_same_code(name: str, one: str, other: str) -> bool:
    if name == "_id":
        return one == other
    if one.strip().casefold() == other.strip().casefold():
        return True
    is_contact = name in ("telecom", "phone", "email")
    return is_contact and _number(one) is not None and _number(one) == _number(other)


def _number(text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(re.findall("[0-9]", plain))
    if len(digits) < 3 or not re.fullmatch(r"\+?[0-9()\s./-]+", plain):
        return None
    return ("+" if plain.startswith("+") else "") + digits


def _has_birth_date(patient: Patient, prefix: str, searched: str, now: datetime) -> bool:
    if "birthDate" not in patient:
        return False
    first, last = _days(patient["birthDate"])
    searched_first, searched_last = _days(searched)
    if prefix == "ap":
        return _is_about(first, last, searched_first, searched_last, now)
    is_within = searched_first <= first and last <= searched_last
    return {
        "eq": is_within,
        "ne": not is_within,
        "gt": last > searched_last,
        "ge": last > searched_last or is_within,
        "lt": first < searched_first,
        "le": first < searched_first or is_within,
        "sa": first > searched_last,
        "eb": last < searched_first,
    }[prefix]


def _is_about(first: date, last: date, searched_first: date, searched_last: date, now: datetime) -> bool:
    """Tell whether the days meet once a tenth of the time to now is added on either side of the searched."""
    start, end = _seconds(searched_first), _seconds(searched_last) + 86_400
    moment = _seconds(now.date()) + (now - datetime.combine(now, time(), UTC)).total_seconds()
    tenth = max(start - moment, moment - end, 0) / 10
    return _seconds(first) < end + tenth and start - tenth < _seconds(last) + 86_400


def _seconds(day: date) -> int:
    return day.toordinal() * 86_400


def _days(text: str) -> tuple[date, date]:
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 3:
        day = date(*numbers)
        return day, day
    year, first_month = numbers[0], numbers[1] if len(numbers) == 2 else 1
    last_month = numbers[1] if len(numbers) == 2 else 12
    return date(year, first_month, 1), date(year, last_month, calendar.monthrange(year, last_month)[1])


def _was_updated(patient: Patient, value: Any, now: datetime) -> bool:
    """Compare in milliseconds, as finely as the time of an update is shown."""
    updated = datetime.fromisoformat(patient["meta"]["lastUpdated"])
    until = updated + timedelta(milliseconds=1)
    start, end = value.start, value.end
    if value.prefix == "ap":
        tenth = max(start - now, now - end, timedelta(0)) / 10
        return updated < end + tenth and start - tenth < until
    is_within = start <= updated and until <= end
    return {
        "eq": is_within,
        "ne": not is_within,
        "gt": until > end,
        "ge": until > end or is_within,
        "lt": updated < start,
        "le": updated < start or is_within,
        "sa": updated >= end,
        "eb": until <= start,
    }[value.prefix]

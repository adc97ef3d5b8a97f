"""What a write puts into the search tables: the values that a resource can be found by.

Specification: https://hl7.org/fhir/R4/patient.html#search and https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patients.fhir.clinical_dates import clinical_date
from patients.fhir.compartments import compartment_patients, patient_id
from patients.fhir.resource import Resource
from patients.fhir.values.dates import DateError, day_range
from patients.fhir.values.strings import exact_hash, fold
from patients.fhir.values.tokens import contact_codes, fold_code

Element = dict[str, Any]
Token = tuple[str, str, str]

SORT_KEY_LENGTH = 128

# The parameters of `SearchValues.strings`.
PATIENT_STRINGS = ("address-city", "family", "given", "name")

# The better name to show is the one with the lower number.
_NAME_USES = {"official": 0, "usual": 1, "nickname": 3, "temp": 4, "anonymous": 5}
_NO_USE = 2
_FORMER_USES = ("maiden", "old")


@dataclass(frozen=True, slots=True)
class PatientColumns:
    """A Patient as lists of patients show it: one column each, the elements with many values as FHIR JSON."""

    family_name: str
    given_name: str
    family_folded: str
    given_folded: str
    birth_date: str | None
    birth_start: str | None
    birth_end: str | None
    gender: str | None
    active: bool | None
    deceased: bool
    deceased_at: str | None
    replaced_by: str | None
    names: list[Element]
    identifiers: list[Element]
    telecoms: list[Element]
    addresses: list[Element]


@dataclass(frozen=True, slots=True)
class SearchValues:
    """All that a resource can be found by.

    `strings` are (parameter, folded value, hash of the value as written), `tokens` are (parameter, system or
    "", folded code), `compartment_patients` the ids of the Patients in whose compartment the resource is,
    `date` the clinical date by which charts order it.
    """

    strings: frozenset[tuple[str, str, int]]
    tokens: frozenset[Token]
    compartment_patients: frozenset[str]
    date: str | None
    patient: PatientColumns | None


def extract(resource: Resource) -> SearchValues:
    """Return what the resource can be found by."""
    value = resource.value
    tokens = set(_identifier_tokens(value.get("identifier")))
    is_patient = resource.resource_type == "Patient"
    if is_patient:
        tokens.update(_contact_tokens(value.get("telecom", [])))
    return SearchValues(
        strings=frozenset(_patient_strings(value)) if is_patient else frozenset(),
        tokens=frozenset(tokens),
        compartment_patients=compartment_patients(resource.resource_type, value),
        date=clinical_date(resource.resource_type, value),
        patient=_patient_columns(value) if is_patient else None,
    )


def _identifier_tokens(identifiers: Any) -> Iterator[Token]:
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(identifier, dict) and ("system" in identifier or "value" in identifier):
            yield "identifier", identifier.get("system", ""), fold_code(identifier.get("value", ""))


def _contact_tokens(contact_points: list[Element]) -> Iterator[Token]:
    for contact_point in contact_points:
        if "value" not in contact_point:
            continue
        system = contact_point.get("system", "")
        for code in contact_codes(contact_point["value"]):
            yield "telecom", system, code
            if system in ("phone", "email"):
                yield system, system, code


def _patient_strings(patient: Element) -> Iterator[tuple[str, str, int]]:
    for parameter, text in _patient_texts(patient):
        yield parameter, fold(text), exact_hash(text)


def _patient_texts(patient: Element) -> Iterator[tuple[str, str]]:
    for name in patient.get("name", []):
        if "family" in name:
            yield "family", name["family"]
        for given in _texts(name, "given"):
            yield "given", given
        for part in _name_parts(name):
            yield "name", part
    for address in patient.get("address", []):
        if "city" in address:
            yield "address-city", address["city"]


def _name_parts(name: Element) -> Iterator[str]:
    for element in ("text", "family"):
        if element in name:
            yield name[element]
    for element in ("given", "prefix", "suffix"):
        yield from _texts(name, element)


def _texts(element: Element, member: str) -> list[str]:
    """Return the texts of a repeated primitive, without the nulls that stand where only extensions are."""
    return [text for text in element.get(member, ()) if text is not None]


def _patient_columns(patient: Element) -> PatientColumns:
    names = patient.get("name", [])
    name = _main_name(names)
    given_name = " ".join(_texts(name, "given"))
    family_name = name.get("family") or ("" if given_name else name.get("text", ""))
    birth_date = patient.get("birthDate")
    birth_start, birth_end = _days(birth_date)
    return PatientColumns(
        family_name=family_name,
        given_name=given_name,
        family_folded=fold(family_name)[:SORT_KEY_LENGTH],
        given_folded=fold(given_name)[:SORT_KEY_LENGTH],
        birth_date=birth_date,
        birth_start=birth_start,
        birth_end=birth_end,
        gender=patient.get("gender"),
        active=patient.get("active"),
        deceased=_is_deceased(patient),
        deceased_at=patient.get("deceasedDateTime"),
        replaced_by=_replaced_by(patient.get("link", [])),
        names=names,
        identifiers=patient.get("identifier", []),
        telecoms=patient.get("telecom", []),
        addresses=patient.get("address", []),
    )


def _main_name(names: list[Element]) -> Element:
    return min(names, key=_name_rank, default={})


def _name_rank(name: Element) -> tuple[bool, bool, int]:
    use = name.get("use", "")
    is_shown = "family" in name or "given" in name or "text" in name
    is_former = use in _FORMER_USES or "end" in name.get("period", ())
    return not is_shown, is_former, _NAME_USES.get(use, _NO_USE)


def _days(birth_date: str | None) -> tuple[str | None, str | None]:
    if birth_date is None:
        return None, None
    try:
        first, last = day_range(birth_date)
    except DateError:
        return None, None
    return first.isoformat(), last.isoformat()


def _is_deceased(patient: Element) -> bool:
    # A death of unknown date has no date but an extension that says so.
    has_date = "deceasedDateTime" in patient or "_deceasedDateTime" in patient
    return has_date or patient.get("deceasedBoolean") is True


def _replaced_by(links: list[Element]) -> str | None:
    replacements = (link for link in links if link.get("type") == "replaced-by")
    return next((patient_id(link.get("other", {}).get("reference")) for link in replacements), None)

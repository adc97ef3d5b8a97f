"""The search parameters of each resource type: a table, in alphabetical order.

Specification: https://hl7.org/fhir/R4/patient.html#search and https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_DATE_MODIFIERS = ("missing",)
_ID_MODIFIERS = ("missing",)
_CODE_MODIFIERS = ("missing", "not")
_STRING_MODIFIERS = ("contains", "exact", "missing")
_TOKEN_MODIFIERS = ("missing",)

_BOOLEAN_SYSTEM = "http://terminology.hl7.org/CodeSystem/special-values"
_GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """A search parameter as R4 defines it, and what of it is offered here.

    `datatype` is the type of the elements that `expression` selects; `system` is the one code system of a
    bound code, which its tokens may name. `targets` are the types that a reference may be to, and
    `components` what the parts of a composite's value are compared with.
    """

    name: str
    type: str
    datatype: str
    expression: str
    modifiers: tuple[str, ...]
    documentation: str
    is_sortable: bool = False
    system: str | None = None
    url: str = ""
    targets: tuple[str, ...] = ()
    components: tuple[SearchParameter, ...] = ()


def parameters_of(resource_type: str) -> Mapping[str, SearchParameter]:
    """Return, by name, the search parameters of the type: none if R4 does not know it."""
    return SEARCH_PARAMETERS.get(resource_type, {})


_PATIENT = (
    SearchParameter(
        "_id", "token", "id", "Patient.id", _ID_MODIFIERS, "The id of the Patient.", is_sortable=True
    ),
    SearchParameter(
        "_lastUpdated",
        "date",
        "instant",
        "Patient.meta.lastUpdated",
        _DATE_MODIFIERS,
        "When the Patient last changed. A date without a time zone is in UTC.",
        is_sortable=True,
    ),
    SearchParameter(
        "active",
        "token",
        "boolean",
        "Patient.active",
        _CODE_MODIFIERS,
        "Whether the record is in use: true or false.",
        system=_BOOLEAN_SYSTEM,
    ),
    SearchParameter(
        "address-city",
        "string",
        "string",
        "Patient.address.city",
        _STRING_MODIFIERS,
        "The city of any of the addresses.",
    ),
    SearchParameter(
        "birthdate",
        "date",
        "date",
        "Patient.birthDate",
        _DATE_MODIFIERS,
        "The date of birth, compared by days.",
        is_sortable=True,
    ),
    SearchParameter(
        "deceased",
        "token",
        "boolean",
        "Patient.deceased.exists() and Patient.deceased != false",
        _CODE_MODIFIERS,
        "Whether the patient has died: true or false. A record that says nothing counts as false.",
        system=_BOOLEAN_SYSTEM,
    ),
    SearchParameter(
        "email",
        "token",
        "ContactPoint",
        "Patient.telecom.where(system='email')",
        _TOKEN_MODIFIERS,
        "An e-mail address, in full.",
    ),
    SearchParameter(
        "family",
        "string",
        "string",
        "Patient.name.family",
        _STRING_MODIFIERS,
        "The family name of any of the names.",
        is_sortable=True,
    ),
    SearchParameter(
        "gender",
        "token",
        "code",
        "Patient.gender",
        _CODE_MODIFIERS,
        "The administrative gender: male, female, other or unknown.",
        system=_GENDER_SYSTEM,
    ),
    SearchParameter(
        "given",
        "string",
        "string",
        "Patient.name.given",
        _STRING_MODIFIERS,
        "Any given name of any of the names.",
        is_sortable=True,
    ),
    SearchParameter(
        "identifier",
        "token",
        "Identifier",
        "Patient.identifier",
        _TOKEN_MODIFIERS,
        "An identifier, with or without its system: `system|value`, `value`, `system|` or `|value`.",
    ),
    SearchParameter(
        "name",
        "string",
        "HumanName",
        "Patient.name",
        _STRING_MODIFIERS,
        "Any part of any of the names: family, given, prefix, suffix or text.",
        is_sortable=True,
    ),
    SearchParameter(
        "phone",
        "token",
        "ContactPoint",
        "Patient.telecom.where(system='phone')",
        _TOKEN_MODIFIERS,
        "A telephone number, in full; spaces, brackets, dots and hyphens do not matter.",
    ),
    SearchParameter(
        "telecom",
        "token",
        "ContactPoint",
        "Patient.telecom",
        _TOKEN_MODIFIERS,
        "Any contact point, in full, with or without its system: `phone|555 0100`.",
    ),
)

NATIVE_PATIENT_PARAMETERS: Mapping[str, SearchParameter] = {
    parameter.name: parameter for parameter in _PATIENT
}

SEARCH_PARAMETERS: Mapping[str, Mapping[str, SearchParameter]] = {"Patient": NATIVE_PATIENT_PARAMETERS}

# What is searched by as yet.
OFFERED: Mapping[str, Mapping[str, SearchParameter]] = {"Patient": NATIVE_PATIENT_PARAMETERS}

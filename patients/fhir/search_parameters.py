"""The search parameters of each resource type, in alphabetical order: all that HL7 defines.

Those by which Patients have always been found here are described by hand.

Specification: https://hl7.org/fhir/R4/patient.html#search and https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES, search_parameter_table

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
        is_sortable=True,
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
        is_sortable=True,
        system=_BOOLEAN_SYSTEM,
    ),
    SearchParameter(
        "email",
        "token",
        "ContactPoint",
        "Patient.telecom.where(system='email')",
        _TOKEN_MODIFIERS,
        "An e-mail address, in full.",
        is_sortable=True,
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
        is_sortable=True,
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
        is_sortable=True,
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
        is_sortable=True,
    ),
    SearchParameter(
        "telecom",
        "token",
        "ContactPoint",
        "Patient.telecom",
        _TOKEN_MODIFIERS,
        "Any contact point, in full, with or without its system: `phone|555 0100`.",
        is_sortable=True,
    ),
)

NATIVE_PATIENT_PARAMETERS: Mapping[str, SearchParameter] = {
    parameter.name: parameter for parameter in _PATIENT
}


class _OfAllTypes(Mapping[str, Mapping[str, SearchParameter]]):
    """The search parameters of each type, made when they are first asked for."""

    def __getitem__(self, resource_type: str) -> Mapping[str, SearchParameter]:
        if resource_type not in RESOURCE_TYPES:
            raise KeyError(resource_type)
        return _of_type(resource_type)

    def __contains__(self, resource_type: object) -> bool:
        return resource_type in RESOURCE_TYPES

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(RESOURCE_TYPES))

    def __len__(self) -> int:
        return len(RESOURCE_TYPES)


SEARCH_PARAMETERS: Mapping[str, Mapping[str, SearchParameter]] = _OfAllTypes()

# Those of terminology (:above, :below, :in, :not-in of tokens) need a server of it.
_MODIFIERS: dict[str, tuple[str, ...]] = {
    "composite": ("missing",),
    "date": _DATE_MODIFIERS,
    "number": ("missing",),
    "quantity": ("missing",),
    "reference": ("identifier", "missing"),
    "special": (),
    "string": _STRING_MODIFIERS,
    "token": ("missing", "not", "text"),
    "uri": ("above", "below", "missing"),
}
_IDENTIFIER_MODIFIERS = ("missing", "not", "of-type", "text")
_SORTABLE_TYPES = frozenset({"date", "number", "quantity", "reference", "string", "token", "uri"})
# What these search is no element of its own.
_WITHOUT_MODIFIERS = frozenset({"_content", "_list", "_text"})


@cache
def _of_type(resource_type: str) -> Mapping[str, SearchParameter]:
    compiled = search_parameter_table()[resource_type]
    parameters = {name: _parameter(name, source) for name, source in compiled.items()}
    if resource_type == "Patient":
        for name, native in NATIVE_PATIENT_PARAMETERS.items():
            own = parameters[name]
            parameters[name] = replace(native, modifiers=own.modifiers, url=own.url, targets=own.targets)
    return parameters


def _parameter(name: str, source: dict[str, Any]) -> SearchParameter:
    datatype = _datatype(source)
    is_element = name not in _WITHOUT_MODIFIERS
    return SearchParameter(
        name=name,
        type=source["type"],
        datatype=datatype,
        expression=source["expression"],
        modifiers=_modifiers(name, source["type"], datatype) if is_element else (),
        documentation=source["documentation"],
        is_sortable=is_element and source["type"] in _SORTABLE_TYPES,
        system=_BOOLEAN_SYSTEM if datatype == "boolean" else source["system"],
        url=source["url"],
        targets=tuple(source["targets"]),
        components=tuple(_parameter(each["name"], each) for each in source["components"]),
    )


def _datatype(source: dict[str, Any]) -> str:
    """Return the type of the elements, or "" if there are several."""
    datatypes = {datatype for _, datatype, _ in source["selections"]}
    return datatypes.pop() if len(datatypes) == 1 else ""


def _modifiers(name: str, type: str, datatype: str) -> tuple[str, ...]:
    if name == "_id":
        return ("missing", "not")
    return _IDENTIFIER_MODIFIERS if datatype == "Identifier" else _MODIFIERS[type]

"""Tokens of a resource: system or "", and the folded code or "".

Codes of a bound element have no system here: it goes without saying.

Specification: https://hl7.org/fhir/R4/search.html#token
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from patients.fhir.values.tokens import contact_codes, fold_code

Row = tuple[str, str]


def of_code(value: Any) -> Iterable[Row]:
    """A code, id, uri or string."""
    return (("", fold_code(value)),) if value.__class__ is str else ()


def of_boolean(value: Any) -> Iterable[Row]:
    return (("", "true" if value else "false"),) if value.__class__ is bool else ()


def of_coding(value: Any) -> Iterable[Row]:
    if value.__class__ is not dict:
        return ()
    return _row(value.get("system"), value.get("code"))


def of_concept(value: Any) -> Iterable[Row]:
    codings = value.get("coding") if value.__class__ is dict else None
    if codings.__class__ is not list:
        return ()
    if len(codings) == 1:
        return of_coding(codings[0])
    return [row for coding in codings for row in of_coding(coding)]


def of_identifier(value: Any) -> Iterable[Row]:
    if value.__class__ is not dict:
        return ()
    return _row(value.get("system"), value.get("value"))


def of_identifier_type(value: Any) -> Iterator[Row]:
    """For `:of-type`: the system of the identifier's type, and its code and the value with a `|` between."""
    text = value.get("value") if value.__class__ is dict else None
    if text.__class__ is str:
        for system, code in of_concept(value.get("type")):
            if code:
                yield system, f"{code}|{fold_code(text)}"


def of_contact_point(value: Any) -> Iterable[Row]:
    text = value.get("value") if value.__class__ is dict else None
    if text.__class__ is not str:
        return ()
    system = value.get("system")
    return [(system if system.__class__ is str else "", code) for code in contact_codes(text)]


def of_death(patient: dict[str, Any]) -> Iterable[Row]:
    """Whether a Patient is dead. A death of unknown date has no date but an extension that says so."""
    has_date = "deceasedDateTime" in patient or "_deceasedDateTime" in patient
    return of_boolean(has_date or patient.get("deceasedBoolean") is True)


def _row(system: Any, code: Any) -> Iterable[Row]:
    has_system, has_code = system.__class__ is str, code.__class__ is str
    if not has_system and not has_code:
        return ()
    return ((system if has_system else "", fold_code(code) if has_code else ""),)

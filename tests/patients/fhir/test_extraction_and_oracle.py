"""What is extracted answers each search as the resource itself would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from patients.fhir import resource, search_request
from patients.fhir.extraction import SearchValues, extract
from patients.fhir.search_parameters import NATIVE_PATIENT_PARAMETERS
from patients.fhir.search_request import Criterion, SearchRequest
from patients.fhir.validation import validate
from patients.fhir.values.dates import PREFIXES, matches
from patients.fhir.values.escaping import escape
from patients.fhir.values.strings import exact_hash, prefix_bound
from patients.fhir.values.tokens import contact_codes, fold_code
from tests.patients.fhir import oracle, strategies
from tests.patients.fhir.strategies import CODES, DATES, INSTANTS, NUMBERS, SYSTEMS, WORDS

_NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
_STORED = {"id": "a", "meta": {"versionId": "1", "lastUpdated": "2026-07-15T09:30:00.123Z"}}


def _searches(name: str, values: Iterable[str]) -> list[SearchRequest]:
    modifiers = [each for each in NATIVE_PATIENT_PARAMETERS[name].modifiers if each != "missing"]
    keys = [name, *(f"{name}:{modifier}" for modifier in modifiers)]
    return [search_request.parse("Patient", [(key, value)]) for key in keys for value in values]


def _differences(patients: Iterable[dict], searches: list[SearchRequest]) -> list[tuple[dict, str]]:
    stored = [patient | _STORED for patient in patients]
    extracted = [(patient, extract(resource.from_value(patient))) for patient in stored]
    return [
        (patient, request.query())
        for patient, values in extracted
        for request in searches
        if _is_found(request, values) != oracle.matches(request, patient, now=_NOW)
    ]


@pytest.mark.parametrize("element", ["family", "given", "prefix", "suffix", "text"])
def test_each_string_is_found_by_each_beginning_of_each(element):
    beginnings = sorted({escape(word[:length]) for word in WORDS for length in range(1, 6)} - {"\u0301"})
    names = ({element: word if element in ("family", "text") else [word]} for word in WORDS)

    differences = _differences(
        ({"resourceType": "Patient", "name": [name]} for name in names), _searches("name", beginnings)
    )

    assert differences == []


def test_each_birth_date_is_found_by_each_date_with_each_prefix():
    searched = [prefix + text for prefix in PREFIXES for text in DATES]
    patients = ({"resourceType": "Patient", "birthDate": text} for text in DATES)

    assert _differences(patients, _searches("birthdate", searched)) == []


def test_a_time_of_update_is_found_by_each_instant_with_each_prefix():
    searched = [prefix + text for prefix in PREFIXES for text in INSTANTS]

    assert _differences([{"resourceType": "Patient"}], _searches("_lastUpdated", searched)) == []


def test_each_identifier_is_found_by_each_token():
    identifiers = [_token(system, code) for system in (None, *SYSTEMS) for code in (None, *CODES)][1:]
    patients = ({"resourceType": "Patient", "identifier": [identifier]} for identifier in identifiers)

    assert _differences(patients, _searches("identifier", _written_tokens(SYSTEMS, CODES))) == []


@pytest.mark.parametrize("name", ["telecom", "phone", "email"])
def test_each_contact_point_is_found_by_each_token(name):
    points = [_token(system, value) for system in (None, "phone", "email", "sms") for value in NUMBERS]
    patients = ({"resourceType": "Patient", "telecom": [point]} for point in points)

    assert _differences(patients, _searches(name, _written_tokens(("phone", "email"), NUMBERS))) == []


@settings(max_examples=300)
@given(strategies.patients(), strategies.searches())
def test_any_patient_is_found_by_any_search_as_the_resource_itself_would_be(patient, parameters):
    assert _differences([patient], [search_request.parse("Patient", parameters)]) == []


@given(strategies.patients())
def test_the_patients_of_these_tests_are_valid(patient):
    validate(resource.from_value(patient))


def _token(system: str | None, value: str | None) -> dict[str, str]:
    return {key: text for key, text in (("system", system), ("value", value)) if text is not None}


def _written_tokens(systems: Iterable[str], codes: Iterable[str]) -> list[str]:
    codes, systems = [escape(code) for code in codes], [escape(system) for system in systems]
    with_system = [f"{system}|{code}" for system in ("", *systems) for code in codes]
    return [*codes, *with_system, *(f"{system}|" for system in systems)]


def _is_found(request: SearchRequest, values: SearchValues) -> bool:
    """Search the extracted values as SQL does."""
    return all(_is_met(criterion, values) for criterion in request.criteria)


def _is_met(criterion: Criterion, values: SearchValues) -> bool:
    if criterion.modifier == "missing":
        return _is_missing(criterion.parameter.name, values) is criterion.values[0]
    is_any = any(_is_value_met(criterion, value, values) for value in criterion.values)
    return is_any is not (criterion.modifier == "not")


def _is_missing(name: str, values: SearchValues) -> bool:
    columns = {
        "active": values.patient.active is None,
        "birthdate": values.patient.birth_start is None,
        "gender": values.patient.gender is None,
    }
    if name in ("_id", "_lastUpdated", "deceased"):
        return False
    indexed = {parameter for parameter, *_ in values.strings | values.tokens}
    return columns.get(name, name not in indexed)


def _is_value_met(criterion: Criterion, value, values: SearchValues) -> bool:
    name, patient = criterion.parameter.name, values.patient
    if criterion.parameter.type == "string":
        return _has_string(values, name, criterion.modifier, value)
    if name == "birthdate":
        return patient.birth_start is not None and _is_birth_date_met(patient, value.approximated(_NOW))
    if name == "_lastUpdated":
        updated = datetime.fromisoformat(_STORED["meta"]["lastUpdated"])
        value = value.approximated(_NOW)
        return matches(value.prefix, updated, updated.replace(microsecond=124_000), value.start, value.end)
    columns = {
        "_id": _STORED["id"],
        "gender": patient.gender,
        "active": _code(patient.active),
        "deceased": _code(patient.deceased),
    }
    if name in columns:
        return columns[name] is not None and columns[name] == (
            value.code if name == "_id" else fold_code(value.code)
        )
    return _has_token(values, name, value)


def _is_birth_date_met(patient, value) -> bool:
    first, last = date.fromisoformat(patient.birth_start), date.fromisoformat(patient.birth_end)
    searched_end = value.last_day.toordinal() + 1
    return matches(
        value.prefix, first.toordinal(), last.toordinal() + 1, value.first_day.toordinal(), searched_end
    )


def _code(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _has_string(values: SearchValues, name: str, modifier: str | None, searched) -> bool:
    bound = prefix_bound(searched.folded)
    for parameter, folded, hashed in values.strings:
        if parameter != name:
            continue
        is_met = {
            "exact": hashed == exact_hash(searched.text) and folded == searched.folded,
            "contains": searched.folded in folded,
            None: searched.folded <= folded and (bound is None or folded < bound),
        }[modifier]
        if is_met:
            return True
    return False


def _has_token(values: SearchValues, name: str, searched) -> bool:
    codes = None
    if searched.code is not None:
        codes = (fold_code(searched.code),) if name == "identifier" else contact_codes(searched.code)
    return any(
        parameter == name and searched.system in (None, system) and (codes is None or code in codes)
        for parameter, system, code in values.tokens
    )

"""What is extracted answers each search as the resource itself would."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings

from patients.fhir import resource, search_request
from patients.fhir.extraction import SearchValues, extract
from patients.fhir.search_request import Criterion, SearchRequest
from patients.fhir.values.dates import matches
from patients.fhir.values.strings import exact_hash, prefix_bound
from patients.fhir.values.tokens import contact_codes, fold_code
from tests.patients.fhir import oracle, strategies

_NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
_STORED = {"id": "a", "meta": {"versionId": "1", "lastUpdated": "2026-07-15T09:30:00.123Z"}}


@settings(max_examples=800, deadline=None)
@given(strategies.patients(), strategies.searches())
def test_extracted_values_answer_as_the_resource_does(patient, parameters):
    stored = {**patient, **_STORED}
    request = search_request.parse("Patient", parameters)

    found = _is_found(request, extract(resource.from_value(stored)))

    assert found == oracle.matches(request, stored, now=_NOW)


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

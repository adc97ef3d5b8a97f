"""Token parameters: rows of `search_tokens` (alias `t`), or columns of the patient's row (alias `s`).

https://hl7.org/fhir/R4/search.html#token
"""

from collections.abc import Callable

from patients.fhir.criteria import Criterion
from patients.fhir.values.tokens import TokenValue, contact_codes, fold_code
from patients.models.search import INDEXED_CHARACTERS
from patients.search.fragments import FALSE, Fragment, all_of, any_of

_CONTACT_PARAMETERS = ("email", "phone", "telecom")
_KEY = f"left(t.value, {INDEXED_CHARACTERS})"


def condition(criterion: Criterion) -> Fragment:
    """The rows of `search_tokens` that match one of the values."""
    parameter = Fragment("t.resource_type = 'Patient' AND t.parameter = %s", (criterion.parameter.name,))
    if criterion.modifier == "missing":
        return parameter
    return all_of([parameter, any_of(_token(criterion, value) for value in _values(criterion))])


def has_index(criterion: Criterion) -> bool:
    """Whether each value is one code: those are looked up, while a system alone may be on every row."""
    return criterion.modifier is None and all(value.code for value in _values(criterion))


def column_condition(criterion: Criterion) -> Fragment:
    """For parameters that are a column of the patient's row."""
    is_set, matches = _COLUMNS[criterion.parameter.name]
    if criterion.modifier == "missing":
        return Fragment(f"NOT ({is_set})" if criterion.values[0] else is_set)
    matching = matches(_values(criterion))
    if criterion.modifier == "not":
        return Fragment(f"coalesce(NOT ({matching.sql}), true)", matching.params)
    return matching


def is_column(criterion: Criterion) -> bool:
    return criterion.parameter.name in _COLUMNS


def _values(criterion: Criterion) -> list[TokenValue]:
    return [value for value in criterion.values if isinstance(value, TokenValue)]


def _token(criterion: Criterion, value: TokenValue) -> Fragment:
    conditions = [] if value.system is None else [Fragment("t.system = %s", (value.system,))]
    if value.code is not None:
        is_contact = criterion.parameter.name in _CONTACT_PARAMETERS
        codes = contact_codes(value.code) if is_contact else (fold_code(value.code),)
        conditions.append(any_of(_code(code) for code in codes))
    return all_of(conditions)


def _code(code: str) -> Fragment:
    return Fragment(f"{_KEY} = %s AND t.value = %s", (code[:INDEXED_CHARACTERS], code))


def _boolean(column: str) -> Callable[[list[TokenValue]], Fragment]:
    def matches(values: list[TokenValue]) -> Fragment:
        wanted = {value.code for value in values}
        return any_of(
            Fragment(column if code == "true" else f"NOT {column}")
            for code in ("true", "false")
            if code in wanted
        )

    return matches


def _gender(values: list[TokenValue]) -> Fragment:
    codes = [fold_code(value.code) for value in values if value.code]
    return Fragment("s.gender = ANY(%s)", (codes,)) if codes else FALSE


def _id(values: list[TokenValue]) -> Fragment:
    return Fragment("s.patient_id = ANY(%s)", ([value.code for value in values],))


# Parameter: when the column has a value, and when that value is one of those given.
_COLUMNS: dict[str, tuple[str, Callable[[list[TokenValue]], Fragment]]] = {
    "_id": ("true", _id),
    "active": ("s.active IS NOT NULL", _boolean("s.active")),
    "deceased": ("true", _boolean("s.deceased")),
    "gender": ("s.gender IS NOT NULL", _gender),
}

"""String parameters: rows of `search_strings` (alias `t`) that a criterion meets.

A prefix is a range in code point order, which an index serves under any plan; `LIKE` is for `:contains` only.
https://hl7.org/fhir/R4/search.html#string
"""

from patients.fhir.criteria import Criterion
from patients.fhir.values.strings import StringValue, exact_hash, prefix_bound
from patients.models.search import INDEXED_CHARACTERS
from patients.search.fragments import TRUE, Fragment, all_of, any_of

KEY = f"left(t.value, {INDEXED_CHARACTERS})"
_SHORTEST_TRIGRAM = 3


def condition(criterion: Criterion) -> Fragment:
    """The rows that match one of the values."""
    parameter = Fragment("t.resource_type = 'Patient' AND t.parameter = %s", (criterion.parameter.name,))
    if criterion.modifier == "missing":
        return parameter
    values = [value for value in criterion.values if isinstance(value, StringValue)]
    return all_of([parameter, any_of(_MATCHES[criterion.modifier](value) for value in values)])


def has_index(criterion: Criterion) -> bool:
    """Whether an index finds the rows without reading those that do not match."""
    if criterion.modifier == "contains":
        return all(
            len(value.folded) >= _SHORTEST_TRIGRAM
            for value in criterion.values
            if isinstance(value, StringValue)
        )
    return criterion.modifier != "missing"


def is_one_range(criterion: Criterion) -> bool:
    """Whether the index holds the matching rows side by side, in the order of their values."""
    return criterion.modifier is None and len(criterion.values) == 1


def value_condition(modifier: str | None, value: StringValue) -> Fragment:
    """The rows, of any parameter, that match the value."""
    return _MATCHES[modifier](value)


def prefix_condition(prefix: str) -> Fragment:
    """The rows, of any parameter, whose value begins like this."""
    conditions = [_range(KEY, prefix[:INDEXED_CHARACTERS])]
    if len(prefix) > INDEXED_CHARACTERS:
        conditions.append(_range("t.value", prefix))
    return all_of(conditions)


def _starts_with(value: StringValue) -> Fragment:
    return prefix_condition(value.folded)


def _range(column: str, prefix: str) -> Fragment:
    bound = prefix_bound(prefix)
    upper = Fragment(f"{column} < %s", (bound,)) if bound is not None else TRUE
    return all_of([Fragment(f"{column} >= %s", (prefix,)), upper])


def _is_exactly(value: StringValue) -> Fragment:
    return Fragment(
        f"{KEY} = %s AND t.value = %s AND t.exact_hash = %s",
        (value.folded[:INDEXED_CHARACTERS], value.folded, exact_hash(value.text)),
    )


def _contains(value: StringValue) -> Fragment:
    escaped = value.folded.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return Fragment("t.value LIKE %s", (f"%{escaped}%",))


_MATCHES = {None: _starts_with, "exact": _is_exactly, "contains": _contains}

"""A criterion as a condition on the patient's row (alias `s`), looked up from the row or from an index."""

from patients.fhir.criteria import Criterion
from patients.search import dates, strings, tokens
from patients.search.fragments import Fragment, fill


def needs_only_id(criterion: Criterion) -> bool:
    """Whether it can be asked without the patient's row."""
    return criterion.parameter.type != "date" and not tokens.is_column(criterion)


def per_row(criterion: Criterion, *, id: str = "s.id") -> Fragment:
    """A condition that is cheap to ask of one row; of its `id` alone where `needs_only_id`."""
    if criterion.parameter.type == "date":
        return dates.condition(criterion)
    if tokens.is_column(criterion):
        return tokens.column_condition(criterion)
    template = "EXISTS (SELECT 1 FROM {relation} WHERE t.resource_id = {id} AND {matches} OFFSET 0)"
    found = fill(template, relation=_relation(criterion), id=Fragment(id), matches=matching_rows(criterion))
    if criterion.modifier == "missing" and criterion.values[0]:
        return Fragment(f"NOT {found.sql}", found.params)
    return found


def by_index(criterion: Criterion) -> Fragment:
    """A condition by whose index all matching rows are found; for criteria that have one."""
    if not needs_only_id(criterion):
        return per_row(criterion)
    return fill(
        "s.id = ANY(ARRAY(SELECT DISTINCT t.resource_id FROM {relation} WHERE {matches}))",
        relation=_relation(criterion),
        matches=matching_rows(criterion),
    )


def matching_rows(criterion: Criterion) -> Fragment:
    """The rows of the parameter's own table (alias `t`) that match."""
    module = strings if criterion.parameter.type == "string" else tokens
    return module.condition(criterion)


def _relation(criterion: Criterion) -> Fragment:
    is_string = criterion.parameter.type == "string"
    return Fragment("search_strings t" if is_string else "search_tokens t")

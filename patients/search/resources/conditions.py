"""A criterion as a condition on one row of `search_resources`, and as the ids that an index finds.

A condition on a row may be asked of any alias, since the resource at the far end of a chain has its row too.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.texts import TextValue
from patients.fhir.values.tokens import TokenValue
from patients.search import dates
from patients.search.fragments import FALSE, Fragment, all_of, any_of, fill, join
from patients.search.resources import keys, tables
from patients.search.sight import EVERYTHING, Sight

_TABLE_TYPES = ("composite", "date", "number", "quantity", "string")
_ITEMS_OF_LIST = (
    "SELECT i.id FROM fhir_resources l"
    " JOIN search_references t ON t.resource_id = l.id AND t.parameter = 'item'"
    " JOIN fhir_resources i ON i.resource_type = t.target_type AND i.fhir_id = t.target_id"
    " WHERE l.resource_type = 'List' AND l.fhir_id = ANY({ids}) AND NOT l.deleted"
)


def per_row(criterion: Any, types: Sequence[str], *, row: str = "s", sight: Sight = EVERYTHING) -> Fragment:
    """Whether the row, of a resource of one of these types, meets the criterion."""
    found = of_id(criterion, types, row=row, sight=sight)
    if found is not None:
        listed = keys.listed(criterion, types) if _is_composite(criterion) else None
        return all_of([_has_key(listed, row), found]) if listed else found
    if criterion.parameter.name == "_lastUpdated":
        found = dates.condition(criterion)
        return Fragment(found.sql.replace("s.last_updated", f"{row}.last_updated"), found.params)
    found = _has_key(keys.of_row(criterion, types) or [], row)
    is_negative = criterion.modifier == "not" or (criterion.modifier == "missing" and criterion.values[0])
    return Fragment(f"NOT ({found.sql})", found.params) if is_negative else found


def of_id(criterion: Any, types: Sequence[str], *, row: str, sight: Sight = EVERYTHING) -> Fragment | None:
    """The same, asked of nothing but the resource's id; None if that does not tell."""
    if criterion.chain:
        return _chain(criterion, row, sight)
    if is_reverse(criterion):
        return _reverse_chain(criterion, row, sight)
    if criterion.parameter.name in ("_id", "_list"):
        return _one_of_ids(criterion, types, row, sight)
    if criterion.modifier in ("missing", "not") or criterion.parameter.name == "_lastUpdated":
        return None
    if criterion.parameter.name in tables.SPREAD_TEXTS:
        texts = [value.text for value in criterion.values if isinstance(value, TextValue)]
        return any_of(_has_words(criterion, text, row) for text in texts)
    is_below = criterion.parameter.type == "uri" and criterion.modifier == "below"
    if tables.is_text(criterion) or is_below or criterion.parameter.type in _TABLE_TYPES:
        return _in_table(criterion, tables.matching(criterion), row)
    return None


def by_index(criterion: Any, types: Sequence[str], sight: Sight = EVERYTHING) -> Fragment | None:
    """A statement of the ids of resources among which are all that match, if an index gives few others."""
    if is_reverse(criterion) or criterion.chain or criterion.modifier == "not":
        return None
    if criterion.parameter.name == "_list":
        return _items(criterion, sight)
    if criterion.parameter.name == "_id":
        return None if criterion.modifier else _ids(criterion, types)
    if criterion.parameter.name == "_lastUpdated":
        return None
    places = tables.places(criterion)
    if places is None:
        return None
    return join(" UNION ALL ", [_found_at(criterion, types, place) for place in places])


def _found_at(criterion: Criterion, types: Sequence[str], place: Fragment) -> Fragment:
    return fill(
        "SELECT t.resource_id FROM {relation} WHERE {types} AND {place}",
        relation=Fragment(tables.relation(criterion)),
        types=of_types("t", types),
        place=place,
    )


def of_types(alias: str, types: Sequence[str]) -> Fragment:
    if len(types) == 1:
        return Fragment(f"{alias}.resource_type = %s", (types[0],))
    return Fragment(f"{alias}.resource_type = ANY(%s)", (list(types),))


def is_reverse(criterion: Any) -> bool:
    """Whether it is a `_has`."""
    return hasattr(criterion, "reference")


def unchained(criterion: Any) -> tuple[Any, Any]:
    """The first link of a chain, and the criterion as the resources at its other end are asked it."""
    return criterion.chain[0], replace(criterion, chain=criterion.chain[1:])


def _is_composite(criterion: Any) -> bool:
    return not is_reverse(criterion) and not criterion.chain and criterion.parameter.type == "composite"


def _has_words(criterion: Criterion, text: str, row: str) -> Fragment:
    """All words are in the resource's text, which may lie in several rows."""
    words = tables.words(text)
    if not words:
        return FALSE
    return all_of(_in_table(criterion, tables.text_condition(word), row) for word in words)


def _in_table(criterion: Criterion, matches: Fragment, row: str) -> Fragment:
    # By the resource's id and never by the values, of which each row would read all that match.
    return fill(
        """EXISTS (
            SELECT 1 FROM (
                SELECT * FROM {relation} WHERE t.resource_id = {row}.resource_id AND {of_parameter} OFFSET 0
            ) t
            WHERE {matches} OFFSET 0)""",
        relation=Fragment(tables.relation(criterion)),
        row=Fragment(row),
        of_parameter=tables.of_parameter(criterion),
        matches=matches,
    )


def _has_key(wanted: list, row: str) -> Fragment:
    return Fragment(f"{row}.keys && %s::uuid[]", (wanted,)) if wanted else FALSE


def _one_of_ids(criterion: Criterion, types: Sequence[str], row: str, sight: Sight) -> Fragment:
    if criterion.modifier == "missing":
        return Fragment("false" if criterion.values[0] else "true")
    ids = _items(criterion, sight) if criterion.parameter.name == "_list" else _ids(criterion, types)
    is_not = "NOT " if criterion.modifier == "not" else ""
    return fill(
        "{is_not}{row}.resource_id = ANY(ARRAY({ids}))", is_not=Fragment(is_not), row=Fragment(row), ids=ids
    )


def _ids(criterion: Criterion, types: Sequence[str]) -> Fragment:
    codes = [value.code for value in criterion.values if isinstance(value, TokenValue)]
    return fill(
        "SELECT r.id FROM fhir_resources r WHERE {types} AND {of_id} AND NOT r.deleted",
        types=of_types("r", types),
        of_id=Fragment("r.fhir_id = ANY(%s)", (codes,)),
    )


def _items(criterion: Criterion, sight: Sight) -> Fragment:
    ids = [value.id for value in criterion.values if isinstance(value, ReferenceValue)]
    return fill(
        f"{_ITEMS_OF_LIST} AND {{seen}}", ids=Fragment("%s", (ids,)), seen=sight.of(("List",), "l.id")
    )


def _chain(criterion: Any, row: str, sight: Sight) -> Fragment:
    link, rest = unchained(criterion)
    inner = f"{row}c"
    return fill(
        """EXISTS (
            SELECT 1 FROM search_references c
            JOIN fhir_resources r ON r.resource_type = c.target_type AND r.fhir_id = c.target_id
            CROSS JOIN LATERAL (SELECT * FROM search_resources x WHERE x.resource_id = r.id OFFSET 0) {inner}
            WHERE c.resource_id = {row}.resource_id AND {link} AND {matches} OFFSET 0)""",
        inner=Fragment(inner),
        row=Fragment(row),
        link=Fragment(
            "c.parameter = %s AND c.target_type = ANY(%s)", (link.parameter.name, [*link.target_types])
        ),
        matches=_seen(rest, link.target_types, inner, sight),
    )


def _reverse_chain(criterion: Any, row: str, sight: Sight) -> Fragment:
    inner = f"{row}h"
    return fill(
        """EXISTS (
            SELECT 1 FROM fhir_resources r
            JOIN search_references c ON c.target_type = r.resource_type AND c.target_id = r.fhir_id
            CROSS JOIN LATERAL (
                SELECT * FROM search_resources x WHERE x.resource_id = c.resource_id OFFSET 0
            ) {inner}
            WHERE r.id = {row}.resource_id AND {link} AND {matches} OFFSET 0)""",
        inner=Fragment(inner),
        row=Fragment(row),
        link=Fragment(
            "c.resource_type = %s AND c.parameter = %s", (criterion.resource_type, criterion.reference.name)
        ),
        matches=_seen(criterion.criterion, (criterion.resource_type,), inner, sight),
    )


def _seen(criterion: Any, types: Sequence[str], row: str, sight: Sight) -> Fragment:
    """Whether the row at the far end meets the criterion, and may be seen to."""
    return all_of([per_row(criterion, types, row=row, sight=sight), sight.of(types, f"{row}.resource_id")])

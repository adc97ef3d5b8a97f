"""Chains and `_has`: the resources at their far end are looked up first, if they are few.

A chain becomes a reference to one of them, `_has` becomes their ids. Where more than `MOST_FOLLOWED` are
found, or no index finds them, the criterion stays and each row is asked it (`conditions.per_row`).
https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.tokens import TokenValue
from patients.search.fragments import Fragment, all_of
from patients.search.resources import conditions, statements
from patients.search.resources.drivers import Driver, drivers_of
from patients.search.resources.found import Found
from patients.search.resources.reading import Reader

MOST_FOLLOWED = 1_000


def followed(criteria: Sequence[Any], types: Sequence[str], reader: Reader) -> list[Any] | None:
    """The criteria with what could be looked up in the place of chains; None if nothing can match."""
    found = []
    for criterion in criteria:
        if criterion.chain:
            criterion = _chain(criterion, reader)
        elif conditions.is_reverse(criterion):
            criterion = _reverse(criterion, types, reader)
        if not conditions.is_reverse(criterion) and not criterion.values:
            return None
        found.append(criterion)
    return found


def _chain(criterion: Any, reader: Reader) -> Any:
    link, rest = conditions.unchained(criterion)
    rows = _few([rest], link.target_types, reader)
    if rows is None:
        return criterion
    values = tuple(ReferenceValue(type, id, None) for type, id, _ in rows)
    return Criterion(link.parameter, None, values)


def _reverse(criterion: Any, types: Sequence[str], reader: Reader) -> Any:
    if len(types) > 1:
        # An id alone does not tell of which of the types it is.
        return criterion
    rows = _few([criterion.criterion], (criterion.resource_type,), reader)
    if rows is None:
        return criterion
    targets = reader.fetch(
        "search targets",
        Fragment(
            "SELECT DISTINCT t.target_id FROM search_references t"
            " WHERE t.resource_id = ANY(%s) AND t.parameter = %s AND t.target_type = ANY(%s)",
            ([row[-1] for row in rows], criterion.reference.name, list(types)),
        ),
    )
    values = tuple(TokenValue(None, id) for (id,) in targets)
    return Criterion(replace(criterion.reference, name="_id", type="token"), None, values)


def _few(criteria: list[Any], types: Sequence[str], reader: Reader) -> list[tuple] | None:
    """Type, id and row id of all that match, if an index finds them and they are few."""
    known = followed(criteria, types, reader)
    if known is None:
        return []
    driver = _short(known, types, reader)
    if driver is None:
        return None
    condition = all_of(conditions.per_row(each, types) for each in known)
    found = Found(tuple(types), condition, driver.keys, driver.ids)
    return reader.fetch("search chain", statements.first_ids(found, MOST_FOLLOWED))


def _short(criteria: list[Any], types: Sequence[str], reader: Reader) -> Driver | None:
    """The first that finds few rows."""
    for driver in drivers_of(criteria, types):
        (count,) = reader.fetch("search probe", statements.probe([driver.probed()]))[0]
        if count <= MOST_FOLLOWED:
            return driver
    return None

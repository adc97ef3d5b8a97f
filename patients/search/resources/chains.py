"""Chains and `_has`: the resources at their far end are looked up first, if they are few.

A chain becomes a reference to one of them, `_has` becomes the ids that they refer to. Where more than
`MOST_FOLLOWED` are found, the criterion stays and each row is asked it (`conditions.per_row`).
https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.tokens import TokenValue
from patients.search.fragments import Fragment, all_of, fill
from patients.search.resources import conditions, statements
from patients.search.resources.drivers import Driver, drivers_of
from patients.search.resources.found import Found
from patients.search.resources.reading import Reader

MOST_FOLLOWED = 1_000
# Of `_has`; where those found refer to more resources, each row is asked whether one of them refers to it.
MOST_TARGETS = 10_000


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
    rows = _few([criterion.criterion], (criterion.resource_type,), reader)
    if rows is None:
        return criterion
    if not rows:
        return _one_of(criterion, ())
    if len(types) == 1:  # An id alone does not tell of which of several types it is.
        targets = _targets(criterion, rows, types, reader)
        if len(targets) <= MOST_TARGETS:
            return _one_of(criterion, targets)
    return replace(criterion, criterion=_one_of(criterion, [id for _, id, _ in rows]))


def _targets(criterion: Any, rows: list[tuple], types: Sequence[str], reader: Reader) -> list[str]:
    """The ids that these resources refer to, and one more than may be looked for if they are so many."""
    found = reader.fetch(
        "search targets",
        Fragment(
            "SELECT DISTINCT t.target_id FROM search_references t"
            " WHERE t.resource_id = ANY(%s) AND t.parameter = %s AND t.target_type = ANY(%s)"
            f" LIMIT {MOST_TARGETS + 1}",
            ([row[-1] for row in rows], criterion.reference.name, list(types)),
        ),
    )
    return [id for (id,) in found]


def _one_of(criterion: Any, ids: Sequence[str]) -> Criterion:
    values = tuple(TokenValue(None, id) for id in ids)
    return Criterion(replace(criterion.reference, name="_id", type="token"), None, values)


def _few(criteria: list[Any], types: Sequence[str], reader: Reader) -> list[tuple] | None:
    """Type, id and row id of all that match, if an index finds them and they are few."""
    known = followed(criteria, types, reader)
    if known is None:
        return []
    driver = _short(known, types, reader)
    if driver is None:
        return None
    asked = [conditions.per_row(each, types, sight=reader.sight) for each in known]
    condition = all_of([*asked, reader.sight.of(types, "s.resource_id")])
    found = Found(tuple(types), condition, driver.keys, driver.ids)
    return reader.fetch("search chain", statements.first_ids(found, MOST_FOLLOWED))


def _short(criteria: list[Any], types: Sequence[str], reader: Reader) -> Driver | None:
    """The first that finds few rows; or all of the types, if they are few: each row would ask them anew."""
    for driver in [*drivers_of(criteria, types, reader.sight), Driver(None, None, _every(types))]:
        (count,) = reader.fetch("search probe", statements.probe([driver.probed()]))[0]
        if count <= MOST_FOLLOWED:
            return driver
    return None


def _every(types: Sequence[str]) -> Fragment:
    return fill(
        "SELECT s.resource_id FROM search_resources s WHERE {types}", types=conditions.of_types("s", types)
    )

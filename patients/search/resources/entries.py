"""What can be asked of an entry of a list (alias `d`), whose row need not be fetched for that.

An entry tells the resource and its date, by which the other lists that it may be in are looked into: they lie
in the same order, so that what is looked at lies side by side.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from patients.search.fragments import Fragment, all_of
from patients.search.resources import conditions, keys
from patients.search.sight import Sight


def conditions_of(
    criteria: Sequence[Any], driver: Any, types: Sequence[str], sight: Sight
) -> tuple[Fragment, Fragment]:
    """What each entry of the driver's lists is asked, and what then its row (alias `s`)."""
    entry, row = [], []
    for criterion in criteria:
        listed = _listed(criterion, types)
        if listed is not None and criterion is not driver:
            entry.append(_is_in(listed))
        known = conditions.of_id(criterion, types, row="d", sight=sight)
        if known is not None:
            entry.append(known)
        elif listed is None or set(listed) != set(keys.of_row(criterion, types) or ()):
            row.append(conditions.per_row(criterion, types, sight=sight))
    return all_of([*entry, sight.of(types, "d.resource_id")]), all_of(row)


def _listed(criterion: Any, types: Sequence[str]) -> list[UUID] | None:
    is_plain = not conditions.is_reverse(criterion) and not criterion.chain
    return keys.listed(criterion, types) if is_plain else None


def _is_in(listed: Sequence[UUID]) -> Fragment:
    return Fragment(
        "EXISTS (SELECT 1 FROM search_list m"
        " WHERE m.key = ANY(%s::uuid[]) AND m.date = d.date AND m.resource_id = d.resource_id OFFSET 0)",
        (list(listed),),
    )

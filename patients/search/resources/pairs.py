"""Code and quantity of one element, side by side in an index: few may have both where many have each.

`combo-code-value-quantity` combines all that `code-value-quantity` and `component-code-value-quantity` do.
An Observation has one value: one with such a `code` and such a `value-quantity` has them combined.
https://hl7.org/fhir/R4/search.html#composite
"""

from collections.abc import Sequence
from typing import Any

from patients.fhir.criteria import Criterion
from patients.fhir.values.composites import CompositeValue
from patients.fhir.values.quantities import QuantityValue
from patients.fhir.values.tokens import fold_code
from patients.models.search import INDEXED_CHARACTERS
from patients.search.fragments import Fragment, all_of, fill, join
from patients.search.resources import conditions, ranges

# As the indexes search_composites_low and search_composites_wide have it.
_COMBINED = "t.parameter = 'combo-code-value-quantity'"
_CODE = f'left(t.components->0->>1, {INDEXED_CHARACTERS}) COLLATE "C"'
_VALUE = "t.components->1"
_LOW, _HIGH = f"({_VALUE}->>0)::numeric", f"({_VALUE}->>1)::numeric"

_TYPES = ("Observation",)
_COMPOSITES = ("code-value-quantity", "combo-code-value-quantity", "component-code-value-quantity")
_RANGES = ("date", "number", "quantity")
# Each is a statement of its own.
_MOST_QUANTITIES = 32


def found(criteria: Sequence[Any], types: Sequence[str]) -> list[tuple[Any, Fragment]]:
    """Some criteria, each with a statement of ids: among them are all that meet it and the others."""
    plain = [each for each in criteria if _is_plain(each)]
    composites = [each for each in plain if each.parameter.type == "composite"]
    known = [(each, ids) for each in composites for ids in _of_composite(each, types)]
    if tuple(types) != _TYPES:
        return known
    codes = [each for each in plain if each.parameter.name == "code"]
    quantities = [each for each in plain if each.parameter.name == "value-quantity"]
    both = [(of, _of_both([(code.values, of.values)])) for code in codes for of in quantities]
    return known + [(each, ids) for each, ids in both if ids]


def _is_plain(criterion: Any) -> bool:
    return not conditions.is_reverse(criterion) and not criterion.chain and criterion.modifier is None


def _of_composite(criterion: Criterion, types: Sequence[str]) -> list[Fragment]:
    values = [value.components for value in criterion.values if isinstance(value, CompositeValue)]
    if tuple(types) == _TYPES and criterion.parameter.name in _COMPOSITES:
        ids = _of_both([(each[:1], each[1:]) for each in values])
        return [ids] if ids else []
    # Each component is a parameter of its own, whose values are indexed.
    alone = [
        Criterion(component, None, tuple(each[at] for each in values))
        for at, component in enumerate(criterion.parameter.components)
        if component.type in _RANGES
    ]
    return [ids for each in alone if (ids := conditions.by_index(each, types))]


def _of_both(pairs: Sequence[tuple[Sequence[Any], Sequence[Any]]]) -> Fragment | None:
    """The ids of what combines one of the codes of a pair with one of its quantities, if an index tells."""
    if sum(len(quantities) for _, quantities in pairs) > _MOST_QUANTITIES:
        return None
    found: list[Fragment] = []
    for codes, quantities in pairs:
        folded = [fold_code(each.code)[:INDEXED_CHARACTERS] for each in codes if each.code is not None]
        for value in quantities:
            places = ranges.numbers_found(value, low=_LOW, high=_HIGH)
            if not places or len(folded) < len(codes):
                return None
            found += [_at(folded, value, place) for place in places]
    return join(" UNION ALL ", found)


def _at(codes: Sequence[str], value: QuantityValue, place: Fragment) -> Fragment:
    matches = ranges.quantity_condition(
        value, low=_LOW, high=_HIGH, system=f"{_VALUE}->>2", code=f"{_VALUE}->>3", unit=f"{_VALUE}->>4"
    )
    of_code = Fragment(f"{_CODE} = ANY(%s::text[])", (list(codes),))
    return fill(
        "SELECT t.resource_id FROM search_composites t WHERE {matches}",
        matches=all_of([Fragment(_COMBINED), of_code, place, matches]),
    )

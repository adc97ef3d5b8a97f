"""What a search may see: of each type a condition on a resource's id, made by whoever knows who asks.

It is asked of whatever a search looks at, of what decides as well as of what is found: a criterion that only
something unseen meets is not met.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from patients.fhir.search_scope import all_types
from patients.search.fragments import TRUE, Fragment, all_of, any_of

# A condition on the resource whose row id the SQL expression is.
OfId = Callable[[str], Fragment]


@dataclass(frozen=True, slots=True)
class Sight:
    """`conditions` by type: of types that are not named, nothing is seen. None: everything is."""

    conditions: Mapping[str, OfId] | None

    def of(self, types: Sequence[str], id: str) -> Fragment:
        """Whether the resource, of one of these types, is seen, in brackets.

        `id` is an expression of its row id; a column with its alias.
        """
        known = self.conditions
        if known is None:
            return TRUE
        groups: dict[OfId | None, list[str]] = {}
        for each in types:
            groups.setdefault(known.get(each), []).append(each)
        if len(groups) == 1:
            return any_of([condition(id) for condition in groups if condition])
        of_type = f"(SELECT row_.resource_type FROM fhir_resources row_ WHERE row_.id = {id}) = ANY(%s)"
        seen = any_of(
            all_of([Fragment(of_type, (names,)), condition(id)])
            for condition, names in groups.items()
            if condition
        )
        return Fragment(f"({seen.sql})", seen.params)

    def of_any(self, id: str) -> Fragment:
        """Whether the resource, of whatever type, is seen."""
        return self.of(all_types(), id)

    def types(self, types: Sequence[str]) -> tuple[str, ...]:
        """Those of the types of which something may be seen."""
        known = self.conditions
        return tuple(types) if known is None else tuple(each for each in types if each in known)


EVERYTHING = Sight(None)

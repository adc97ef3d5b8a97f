"""One query asked of the server and of the oracle, and what they disagree about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from patients.fhir.outcomes import FhirError, TooCostly
from tests.patients.search.doors import Door, Name, Pair, by_either, by_engine, is_by_interaction, path
from tests.patients.search.oracle import results
from tests.patients.search.oracle.searches import Searches
from tests.patients.search.oracle.store import Store
from tests.patients.search.random_queries import RandomQueries, RandomQuery

MOST_INCLUDED = 1_000
# Of the page whose includes are asked for.
MOST_MATCHED = 20


@dataclass
class Tally:
    """How many queries were asked, what of, and all disagreements."""

    queries: int = 0
    with_hits: int = 0
    refused: list[str] = field(default_factory=list)
    features: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)


class Comparison:
    """Of what a store holds, through one door after another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._searches = Searches(store)
        self._queries = RandomQueries(store)

    def run(self, seeds: Iterable[str], door: Door = by_either) -> Tally:
        """Ask the query of each seed."""
        tally = Tally()
        for seed in seeds:
            query = self._queries.draw(seed)
            expected = self.expected(query, may_be=False)
            tally.queries += 1
            tally.with_hits += bool(expected)
            tally.features.update(query.features)
            try:
                problem = self._problem(seed, query, expected, door)
            except FhirError as error:
                tally.refused.append(f"{seed}: {written(query)}: {error}")
                continue
            if problem:
                tally.disagreements.append(f"{seed}: {written(query)}\n  {problem}")
        return tally

    def expected(self, query: RandomQuery, *, may_be: bool) -> set[Name]:
        """What the oracle finds."""
        pairs = [each for each in query.pairs if each[0] != "_type"]
        found = set()
        for resource_type in query.searched:
            ids = self._searches.matching(resource_type, pairs, may_be=may_be)
            if query.compartment:
                ids &= self._searches.members(query.compartment, resource_type)
            found |= {(resource_type, id) for id in ids}
        return found

    def _problem(self, seed: str, query: RandomQuery, surely: set[Name], door: Door) -> str | None:
        size = self._queries.size(seed, len(surely))
        every, total = all_pages(door, query, size)
        found = self._ours(every)
        may_be = self.expected(query, may_be=True) | surely
        if len(set(every)) < len(every):
            return f"twice: {sorted(each for each, times in Counter(every).items() if times > 1)[:5]}"
        if surely - set(found) or set(found) - may_be:
            return f"lost {sorted(surely - set(found))[:5]}, wrong {sorted(set(found) - may_be)[:5]}"
        if total != len(every):
            return f"total {total}, but found {len(every)}"
        if len(query.pairs) == 1 and (page := door(query, [*query.pairs, ("_count", "0")], None)).entries:
            return f"_count=0 answers {page.entries[:5]}"
        if not _is_by_main_name(query, door) and not results.is_in_order(self._store, found, query.sort):
            return f"not in order: {found[:10]}"
        return self._problem_of_includes(query, min(size, MOST_MATCHED), door) if query.includes else None

    def _problem_of_includes(self, query: RandomQuery, size: int, door: Door) -> str | None:
        pairs = [*_criteria(query), ("_count", str(size))]
        try:
            page = door(query, [*pairs, *query.includes], None)
        except TooCostly:
            page = door(query, pairs, None)
            wanted = results.included(self._store, page.entries, list(query.includes))
            return None if len(wanted) > MOST_INCLUDED else f"refused to include {len(wanted)}"
        wanted = results.included(self._store, page.entries, list(query.includes))
        if len(set(page.included)) < len(page.included):
            return "included twice"
        ours = set(self._ours(page.included))
        if ours == wanted:
            return None
        return f"not included {sorted(wanted - ours)[:5]}, wrongly {sorted(ours - wanted)[:5]}"

    def _ours(self, found: Iterable[Name]) -> list[Name]:
        """Without what other tests have stored."""
        return [each for each in found if each[1] in self._store.resources.get(each[0], ())]


def all_pages(door: Door, query: RandomQuery, size: int) -> tuple[list[Name], int | None]:
    """All that matches, page by page, and the total that the first page gives."""
    pairs = [*_criteria(query), ("_count", str(size)), ("_total", "accurate")]
    first = page = door(query, pairs, None)
    entries = [*first.entries]
    while page.following is not None:
        page = door(query, pairs, page.following)
        entries += page.entries
    return entries, first.total


def written(query: RandomQuery) -> str:
    """As a person would send it again."""
    return f"{path(query)}?{urlencode([*_criteria(query), *query.includes])}"


def numbered(seed: str, number: int) -> Iterator[str]:
    """Seeds of as many queries."""
    return (f"{seed}/{each}" for each in range(number))


def _is_by_main_name(query: RandomQuery, door: Door) -> bool:
    """Patients are put in order by the one name that is shown of them (docs/fhir.md), if not by the lists."""
    if door is by_engine or (door is by_either and not is_by_interaction(query)):
        return False
    return query.resource_type == "Patient" and query.sort.removeprefix("-") in ("family", "given", "name")


def _criteria(query: RandomQuery) -> list[Pair]:
    return [*query.pairs, *([("_sort", query.sort)] if query.sort else [])]

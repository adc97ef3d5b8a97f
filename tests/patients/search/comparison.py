"""One query asked of the server and of the oracle, and what they disagree about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from patients import interactions
from patients.access import command_actor
from patients.fhir.outcomes import FhirError, TooCostly
from patients.fhir.search_request import parse
from patients.interactions.results import StoredResource
from tests.patients.search.oracle import results
from tests.patients.search.oracle.searches import Searches
from tests.patients.search.oracle.store import Store
from tests.patients.search.random_queries import RandomQueries, RandomQuery

Name = tuple[str, str]

ACTOR = command_actor("test")
MOST_INCLUDED = 1_000


@dataclass
class Tally:
    """How many queries were asked, what of, and all disagreements."""

    queries: int = 0
    with_hits: int = 0
    refused: list[str] = field(default_factory=list)
    features: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)

    @property
    def share_with_hits(self) -> float:
        return self.with_hits / self.queries


class Comparison:
    """Of what a store holds; by HTTP where there is a client to ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._searches = Searches(store)
        self._queries = RandomQueries(store)

    def run(self, seeds: Iterable[str], client: Client | None = None) -> Tally:
        """Ask the query of each seed."""
        tally = Tally()
        for seed in seeds:
            query = self._queries.draw(seed)
            expected = self.expected(query, may_be=False)
            tally.queries += 1
            tally.with_hits += bool(expected)
            tally.features.update(query.features)
            try:
                problem = self._problem(seed, query, expected, client)
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

    def _problem(self, seed: str, query: RandomQuery, surely: set[Name], client: Client | None) -> str | None:
        size = self._queries.size(seed, len(surely))
        answer = by_http(client, query, size) if client else by_interaction(query, size)
        every = answer.entries
        found = [each for each in every if each[1] in self._store.resources.get(each[0], ())]
        may_be = self.expected(query, may_be=True) | surely
        if len(set(every)) < len(every):
            return f"twice: {sorted(each for each, times in Counter(every).items() if times > 1)[:5]}"
        if surely - set(found) or set(found) - may_be:
            return f"lost {sorted(surely - set(found))[:5]}, wrong {sorted(set(found) - may_be)[:5]}"
        if answer.total != len(every):
            return f"total {answer.total}, but found {len(every)}"
        if len(query.pairs) == 1 and (counted := _count_only(query)) != len(every):
            return f"_count=0 counts {counted}, but found {len(every)}"
        if not _is_by_main_name(query) and not results.is_in_order(self._store, found, query.sort):
            return f"not in order: {found[:10]}"
        return self._problem_of_includes(query, answer)

    def _problem_of_includes(self, query: RandomQuery, answer: Answer) -> str | None:
        if not query.includes:
            return None
        matched = set(answer.page)
        wanted = results.included(self._store, matched, list(query.includes))
        if answer.is_too_much:
            return None if len(wanted) > MOST_INCLUDED else f"refused to include {len(wanted)}"
        if len(set(answer.included)) < len(answer.included):
            return "included twice"
        ours = {each for each in answer.included if each[1] in self._store.resources.get(each[0], ())}
        if ours == wanted:
            return None
        return f"not included {sorted(wanted - ours)[:5]}, wrongly {sorted(ours - wanted)[:5]}"


@dataclass
class Answer:
    """All pages; what one of them held and included, and the total that the first gave."""

    entries: list[Name]
    page: list[Name]
    included: list[Name]
    total: int | None
    is_too_much: bool = False


def written(query: RandomQuery) -> str:
    """As a person would send it again."""
    return f"{_path(query)}?{urlencode([*_criteria(query), *query.includes])}"


def by_interaction(query: RandomQuery, size: int) -> Answer:
    """Page by page, with the total on the first; what is included is asked for on a page of its own."""
    pairs = [*_criteria(query), ("_count", str(size)), ("_total", "accurate")]
    request = parse(query.resource_type, pairs)
    first = interactions.search(actor=ACTOR, request=request, compartment=query.compartment)
    entries, page = _names(first.entries), first
    while page.next_cursor is not None:
        request = replace(request, cursor=page.next_cursor, total="none")
        page = interactions.search(actor=ACTOR, request=request, compartment=query.compartment)
        entries += _names(page.entries)
    if not query.includes:
        return Answer(entries, [], [], first.total)
    request = parse(query.resource_type, [*_criteria(query), *query.includes, ("_count", str(min(size, 20)))])
    try:
        page = interactions.search(actor=ACTOR, request=request)
    except TooCostly:
        return Answer(entries, entries[: min(size, 20)], [], first.total, is_too_much=True)
    return Answer(entries, _names(page.entries), _names(page.included), first.total)


def _count_only(query: RandomQuery) -> int | None:
    request = parse(query.resource_type, [*query.pairs, ("_count", "0")])
    page = interactions.search(actor=ACTOR, request=request, compartment=query.compartment)
    assert not page.entries
    return page.total


def by_http(client: Client, query: RandomQuery, size: int) -> Answer:
    """By the links, from a GET or from a POST of the same."""
    pairs = [*_criteria(query), ("_count", str(size)), ("_total", "accurate")]
    first = page = _bundle(_first_response(client, query, pairs))
    entries = _entries(page, "match")
    while following := [each["url"] for each in page["link"] if each["relation"] == "next"]:
        page = _bundle(client.get(following[0]))
        entries += _entries(page, "match")
    if not query.includes:
        return Answer(entries, [], [], first["total"])
    pairs = [*_criteria(query), *query.includes, ("_count", str(min(size, 20)))]
    response = client.get(f"/fhir/{_path(query)}?{urlencode(pairs)}")
    if response.status_code == 403 and "would include more than" in response.content.decode():
        return Answer(entries, entries[: min(size, 20)], [], first["total"], is_too_much=True)
    page = _bundle(response)
    return Answer(entries, _entries(page, "match"), _entries(page, "include"), first["total"])


def _first_response(client: Client, query: RandomQuery, pairs: list[tuple[str, str]]) -> Any:
    address = f"/fhir/{_path(query)}".rstrip("/")
    if len(urlencode(pairs)) % 2:
        return client.get(f"{address}?{urlencode(pairs)}")
    form = "application/x-www-form-urlencoded"
    return client.post(f"{address}/_search", urlencode(pairs), content_type=form)


def _bundle(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return response.json()


def _is_by_main_name(query: RandomQuery) -> bool:
    """Patients are put in order by the one name that is shown of them (docs/fhir.md)."""
    return query.resource_type == "Patient" and query.sort.removeprefix("-") in ("family", "given", "name")


def _path(query: RandomQuery) -> str:
    within = f"Patient/{query.compartment}/" if query.compartment else ""
    return f"{within}{query.resource_type or ''}"


def _criteria(query: RandomQuery) -> list[tuple[str, str]]:
    return [*query.pairs, *([("_sort", query.sort)] if query.sort else [])]


def _names(entries: Iterable[StoredResource]) -> list[Name]:
    return [(each.resource_type, each.id) for each in entries]


def _entries(page: Any, mode: str) -> list[Name]:
    resources = [each["resource"] for each in page.get("entry", ()) if each["search"]["mode"] == mode]
    return [(each["resourceType"], each["id"]) for each in resources]


def numbered(seed: str, number: int) -> Iterator[str]:
    """Seeds of as many queries."""
    return (f"{seed}/{each}" for each in range(number))

"""Through what a random query is asked: the engine alone, the interaction, or HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from patients import interactions
from patients.access import command_actor
from patients.fhir.outcomes import TooCostly
from patients.fhir.search_request import SearchRequest, parse
from patients.search import resources
from tests.patients.search.random_queries import RandomQuery

Pair = tuple[str, str]
Name = tuple[str, str]

ACTOR = command_actor("test")


@dataclass(frozen=True)
class Page:
    """What matched and what is included; what leads to the next page, if there is one."""

    entries: list[Name]
    included: list[Name]
    following: str | None
    total: int | None


# Of a query with these pairs, its first page or the one that an earlier page leads to.
Door = Callable[[RandomQuery, list[Pair], str | None], Page]


def by_engine(query: RandomQuery, pairs: list[Pair], following: str | None) -> Page:
    """As the lists that all types have answer it, of Patients too."""
    request = _request(query, pairs, following)
    page = resources.find(request, principal=ACTOR.principal, compartment=query.compartment)
    return Page(_names(page.rows), _names(page.included), page.next_cursor, page.total)


def by_interaction(query: RandomQuery, pairs: list[Pair], following: str | None) -> Page:
    request = _request(query, pairs, following)
    page = interactions.search(actor=ACTOR, request=request, compartment=query.compartment)
    return Page(_names(page.entries), _names(page.included), page.next_cursor, page.total)


def by_either(query: RandomQuery, pairs: list[Pair], following: str | None) -> Page:
    """Mostly by the engine, which is faster."""
    door = by_interaction if is_by_interaction(query) else by_engine
    return door(query, pairs, following)


def is_by_interaction(query: RandomQuery) -> bool:
    return len(str(query.pairs)) % 4 == 0


def by_http(client: Client) -> Door:
    """By GET or by POST of the same, then by the links."""

    def ask(query: RandomQuery, pairs: list[Pair], following: str | None) -> Page:
        response = client.get(following) if following else _first(client, query, urlencode(pairs))
        if response.status_code == 400 and "would include more than" in response.content.decode():
            raise TooCostly("As by the engine.")
        assert response.status_code == 200, response.content
        bundle = response.json()
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        return Page(
            _entries(bundle, "match"), _entries(bundle, "include"), links.get("next"), bundle.get("total")
        )

    return ask


def path(query: RandomQuery) -> str:
    """What stands before the question mark."""
    within = f"Patient/{query.compartment}/" if query.compartment else ""
    return f"{within}{query.resource_type or ''}"


def _request(query: RandomQuery, pairs: list[Pair], following: str | None) -> SearchRequest:
    request = parse(query.resource_type, pairs)
    return replace(request, cursor=following, total="none") if following else request


def _first(client: Client, query: RandomQuery, text: str) -> Any:
    address = f"/fhir/{path(query)}".rstrip("/")
    if len(text) % 2:
        return client.get(f"{address}?{text}")
    return client.post(f"{address}/_search", text, content_type="application/x-www-form-urlencoded")


def _names(found: Iterable[Any]) -> list[Name]:
    return [(each.resource_type, each.id) for each in found]


def _entries(bundle: Any, mode: str) -> list[Name]:
    found = [each["resource"] for each in bundle.get("entry", ()) if each["search"]["mode"] == mode]
    return [(each["resourceType"], each["id"]) for each in found]

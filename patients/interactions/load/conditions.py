"""Criteria in place of ids: `Practitioner?identifier=system|value` and `ifNoneExist`.

https://hl7.org/fhir/R4/http.html#trules. Identifiers are the only criteria that resources of every type can
be found by; others are refused.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from patients.fhir.outcomes import InvalidRequest, NotFound, PreconditionFailed
from patients.fhir.resource import RESOURCE_TYPES, Resource
from patients.fhir.values.escaping import EscapingError, split, unescape
from patients.fhir.values.tokens import fold_code
from perf import database

_PARAMETER = "identifier="

_FIND = database.Query(
    "resources by identifier",
    """
    SELECT wanted.n, found.fhir_id
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS wanted (n, resource_type, system, value)
    CROSS JOIN LATERAL (
        SELECT DISTINCT r.fhir_id
        FROM search_tokens t
        JOIN fhir_resources r ON r.id = t.resource_id
        WHERE t.resource_type = wanted.resource_type AND t.parameter = 'identifier'
          AND left(t.value, 128) = left(wanted.value, 128) AND t.value = wanted.value
          AND (wanted.system IS NULL OR t.system = wanted.system)
        LIMIT 2  -- more than one is too many already; and each search stays one look into the index
    ) AS found
    """,
)
_LOCK = database.Query(
    "lock of criteria",
    """
    SELECT pg_advisory_xact_lock(key)
    FROM (
        SELECT DISTINCT hashtextextended(criteria, 0) AS key
        FROM unnest(%s::text[]) AS criteria
        ORDER BY key
    ) AS keys
    """,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """An identifier, folded, of resources of a type; without a system, of any."""

    resource_type: str
    system: str | None
    value: str
    text: str


def parse(resource_type: str, query: str) -> Condition:
    """Read the criteria that follow the question mark.

    :raises InvalidRequest: if they are not one identifier.
    """
    text = f"{resource_type}?{query}"
    if resource_type not in RESOURCE_TYPES:
        raise InvalidRequest(f"{text}: there is no such resource type in FHIR R4.")
    if not query.startswith(_PARAMETER) or "&" in query:
        raise InvalidRequest(f"{text}: only the criterion identifier=system|value is understood here.")
    written = unquote(query.removeprefix(_PARAMETER))
    try:
        parts = [unescape(part) for part in split(written, "|")]
    except EscapingError:
        raise InvalidRequest(f"{text}: a backslash escapes nothing there.") from None
    if len(split(written, ",")) > 1 or len(parts) > 2 or not parts[-1] or "\0" in written:
        raise InvalidRequest(f"{text}: the criterion must name one identifier, as system|value.")
    system = parts[0] if len(parts) == 2 else None
    return Condition(resource_type, system, fold_code(parts[-1]), text)


class Identified:
    """Resources by their identifiers, in memory: those of a bundle, or those a dry run does not write."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], set[tuple[str, str]]] = {}

    def add(self, resource: Resource, id: str) -> None:
        for system, value in _identifiers(resource.value.get("identifier")):
            self._found.setdefault((resource.resource_type, value), set()).add((system, id))

    def find(self, condition: Condition) -> set[str]:
        candidates = self._found.get((condition.resource_type, condition.value), ())
        return {id for system, id in candidates if condition.system in (None, system)}


def find(conditions: Collection[Condition]) -> dict[Condition, set[str]]:
    """Return the ids of the stored resources that meet each condition; of many, two."""
    if not conditions:
        return {}
    wanted = list(conditions)
    found: dict[Condition, set[str]] = {condition: set() for condition in wanted}
    rows = database.fetch_primary(
        _FIND,
        (
            list(range(len(wanted))),
            [condition.resource_type for condition in wanted],
            [condition.system for condition in wanted],
            [condition.value for condition in wanted],
        ),
    )
    for number, id in rows:
        found[wanted[number]].add(id)
    return found


def lock(conditions: Iterable[Condition]) -> None:
    """Let nobody else decide upon the same criteria until this transaction ends."""
    database.fetch_primary(_LOCK, ([condition.text for condition in conditions],))


def only(condition: Condition, ids: Collection[str]) -> str:
    """Return the one id.

    :raises NotFound: if there is none.
    :raises PreconditionFailed: if there are several.
    """
    if not ids:
        raise NotFound(f"{condition.text}: no such resource is known.")
    if len(ids) > 1:
        raise several(condition)
    return next(iter(ids))


def several(condition: Condition) -> PreconditionFailed:
    """The error that more than one resource meets the condition."""
    return PreconditionFailed(f"{condition.text}: more than one resource has this identifier.")


def _identifiers(element: Any) -> Iterator[tuple[str, str]]:
    """Yield system and folded value of each; the resource may not have been validated yet."""
    for identifier in element if isinstance(element, list) else [element]:
        if isinstance(identifier, dict):
            system, value = identifier.get("system", ""), identifier.get("value", "")
            if isinstance(system, str) and isinstance(value, str):
                yield system, fold_code(value)

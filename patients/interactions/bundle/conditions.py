"""Criteria in place of ids: `Practitioner?identifier=system|value`, `ifNoneExist` and the like.

https://hl7.org/fhir/R4/http.html#cond-update and https://hl7.org/fhir/R4/http.html#trules. One identifier can
be looked for in every type, and many at once in one round trip; all else is what the search of a type offers.
What matches is found on the primary, by whoever holds the locks: nobody else decides upon the same meanwhile.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.db import transaction

from patients.fhir import search_request
from patients.fhir.outcomes import FhirError, InvalidRequest, NotFound, PreconditionFailed, Unavailable
from patients.fhir.resource import RESOURCE_TYPES, Resource
from patients.fhir.search_request import SearchRequest
from patients.fhir.values.escaping import EscapingError, split, unescape
from patients.fhir.values.tokens import fold_code
from patients.models.reindexing import partial_types
from patients.search import patients, resources
from patients.search.rows import PatientSummaryRow
from patients.search.sight import EVERYTHING, Sight
from perf import database

_PARAMETER = "identifier="
_LONGEST_REMEMBERED = 200
# The class of the advisory locks ("FHIR"), and how many there are: so many that two who wait for each other
# mostly have to, so few that no transaction fills the database's table of locks.
_LOCKS, _LOCK_COUNT = 0x46484952, 4096

_FIND = """
    SELECT wanted.n, found.fhir_id
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS wanted (n, resource_type, system, value)
    CROSS JOIN LATERAL (
        SELECT DISTINCT r.fhir_id
        FROM search_tokens t
        JOIN fhir_resources r ON r.id = t.resource_id
        WHERE t.resource_type = wanted.resource_type AND t.parameter = 'identifier'
          AND left(t.value, 128) = left(wanted.value, 128) AND t.value = wanted.value
          AND (wanted.system IS NULL OR t.system = wanted.system) AND {seen}
        LIMIT %s  -- more than one is too many already; and each search stays one look into the index
    ) AS found
    """
_LOCK = database.Query(
    "lock of criteria",
    """
    SELECT pg_advisory_xact_lock(%s, bucket)
    FROM (
        SELECT DISTINCT (hashtextextended(key, 0) & %s)::int AS bucket
        FROM unnest(%s::text[]) AS key
        ORDER BY bucket
    ) AS buckets
    """,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """An identifier, folded, of resources of a type (without a system, of any); or else a search."""

    resource_type: str
    system: str | None
    value: str
    text: str = field(compare=False)
    request: SearchRequest | None = None

    @property
    def asked_types(self) -> frozenset[str]:
        """The types whose resources decide what meets it."""
        return self.request.asked_types if self.request else frozenset({self.resource_type})

    @property
    def key(self) -> str:
        """What is locked for it."""
        if self.request is None:
            return _identifier_key(self.resource_type, self.value)
        return f"{self.resource_type}?{self.request.query()}"


def parse(resource_type: str, query: str) -> Condition:
    """Read the criteria that follow the question mark.

    :raises InvalidRequest: if they are none that resources of this type can be found by.
    """
    if resource_type in RESOURCE_TYPES and not _is_one_identifier(query):
        return _search(resource_type, query)
    return parse_identifier(resource_type, query)


def parse_identifier(resource_type: str, query: str) -> Condition:
    """Read criteria that must be one identifier.

    :raises InvalidRequest: if they are not.
    """
    # Hundreds of references in a bundle name the same few practitioners.
    is_short = len(query) <= _LONGEST_REMEMBERED
    return (_remembered_identifier if is_short else _identifier)(resource_type, query)


def _identifier(resource_type: str, query: str) -> Condition:
    text = f"{resource_type}?{unquote(query)}"
    if resource_type not in RESOURCE_TYPES:
        raise InvalidRequest(f"{text}: there is no such resource type in FHIR R4.")
    if not _is_one_identifier(query):
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


_remembered_identifier = lru_cache(maxsize=1_024)(_identifier)


def _is_one_identifier(query: str) -> bool:
    return query.startswith(_PARAMETER) and "&" not in query


def _search(resource_type: str, query: str) -> Condition:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise InvalidRequest(f"The criteria of {resource_type} are not percent-encoded UTF-8.") from None
    # Names alone: values may be a patient's, and this is said in messages.
    shown = f"{resource_type}?{'&'.join(f'{name[:40]}=…' for name, _ in pairs)}"
    try:
        request = search_request.parse(resource_type, pairs)
    except FhirError as error:
        raise InvalidRequest(f"{shown}: {error}") from error
    if not request.criteria:
        raise InvalidRequest(f"{resource_type}: there are no criteria, which every resource would meet.")
    bare = SearchRequest(resource_type, request.criteria)
    if bare.query() != request.query():
        raise InvalidRequest(f"{shown}: criteria say which resource, not how results are to look.")
    return Condition(resource_type, None, "", shown, replace(bare, count=1))


class Identified:
    """Resources by their identifiers, in memory: those of a bundle, or those a dry run does not write."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], set[tuple[str, str]]] = {}

    def add(self, resource: Resource, id: str) -> None:
        for system, value in _identifiers(resource.value.get("identifier")):
            self._found.setdefault((resource.resource_type, value), set()).add((system, id))

    def find(self, condition: Condition) -> set[str]:
        if condition.request is not None:
            return set()
        candidates = self._found.get((condition.resource_type, condition.value), ())
        return {id for system, id in candidates if condition.system in (None, system)}


def find(
    conditions: Collection[Condition],
    *,
    most: int = 2,
    sight: Sight = EVERYTHING,
    of_identifiers: Sight = EVERYTHING,
) -> dict[Condition, set[str]]:
    """Return the ids of stored resources that meet each condition; of many, `most`, or two of a search.

    A search finds what is in `sight`: what else meets its criteria would tell what is in it. Who names an
    identifier knows it, and is found all that has it unless `of_identifiers` says otherwise.
    """
    found: dict[Condition, set[str]] = {condition: set() for condition in conditions}
    wanted = [condition for condition in found if condition.request is None]
    if wanted:
        seen = of_identifiers.of(sorted({condition.resource_type for condition in wanted}), "r.id")
        rows = database.fetch_primary(
            database.Query("resources by identifier", _FIND.replace("{seen}", seen.sql)),
            (
                list(range(len(wanted))),
                [condition.resource_type for condition in wanted],
                [condition.system for condition in wanted],
                [condition.value for condition in wanted],
                *seen.params,
                most,
            ),
        )
        for number, id in rows:
            found[wanted[number]].add(id)
    for condition in found:
        if condition.request is not None:
            found[condition] = matching_ids(condition.request, sight)
    return found


def matching_ids(request: SearchRequest, sight: Sight = EVERYTHING) -> set[str]:
    """Return the ids of the resources in sight that a search finds on the primary; of many, two.

    :raises Unavailable: if the search might not find all of them, because the index is being made anew.
    """
    if not patients.answers(request):
        if partial := request.asked_types & partial_types(principal=None):
            raise Unavailable(
                f"The search of {', '.join(sorted(partial))} is being indexed anew; until that is done,"
                " criteria other than one identifier do not decide what is written."
            )
        return set(resources.matching_ids(request, limit=2, sight=sight))
    # The base table is as exact as the view, and is there when the view is not.
    with transaction.atomic():
        fragment = patients.statement(request, "base", principal="", sight=sight)
        rows = database.fetch_primary(database.Query("resources by criteria", fragment.sql), fragment.params)
        return {PatientSummaryRow.from_database(row, with_content=False).patient_id for row in rows}


def lock(conditions: Iterable[Condition], identified: Iterable[Resource] = ()) -> None:
    """Let nobody else decide upon the same criteria, or upon the identifiers of those resources.

    That holds until the transaction ends, which this must be called in.
    """
    keys = {condition.key for condition in conditions}
    for resource in identified:
        for _, value in _identifiers(resource.value.get("identifier")):
            keys.add(_identifier_key(resource.resource_type, value))
    if keys:
        database.fetch_primary(_LOCK, (_LOCKS, _LOCK_COUNT - 1, list(keys)))


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
    if condition.request is None:
        return PreconditionFailed(f"{condition.text}: more than one resource has this identifier.")
    return PreconditionFailed(f"{condition.text}: more than one resource meets these criteria.")


def _identifier_key(resource_type: str, value: str) -> str:
    # Without the system, by which criteria need not ask.
    return f"{resource_type}|{value}"


def _identifiers(element: Any) -> Iterator[tuple[str, str]]:
    """Yield system and folded value of each; the resource may not have been validated yet."""
    for identifier in element if isinstance(element, list) else [element]:
        if isinstance(identifier, dict):
            system, value = identifier.get("system", ""), identifier.get("value", "")
            if isinstance(system, str) and isinstance(value, str):
                yield system, fold_code(value)

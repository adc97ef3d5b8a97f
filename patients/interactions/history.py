"""history of a resource, of a type or of all, the newest version first. https://hl7.org/fhir/R4/http.html#history

Pages go on below a version, so that what is written meanwhile moves nothing: what was there at the first page
comes once. Later pages are read from who has all of that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core import signing

from patients import access
from patients.access import Actor, Facts
from patients.fhir.history_request import HistoryRequest
from patients.fhir.outcomes import InvalidCursor, InvalidSearchParameter, NotFound
from patients.fhir.search_request import DEFAULT_COUNT, MAXIMUM_COUNT
from patients.fhir.search_scope import all_types
from patients.interactions.door import opened
from patients.interactions.read import require_seen
from patients.interactions.results import HistoryPage, StoredResource
from patients.interactions.visibility import is_seen, is_version_seen
from patients.models import commits
from patients.search import contents
from perf.database import Query, Row, fetch, replayed

ANY_TYPE = "Resource"
_FITS = 10
_SALT = "patients.interactions.history"

# The page's keys first, then the texts as far as they fit into it; deletions have none.
_PAGE = """
    SELECT p.resource_type, p.fhir_id, p.version_id, p.last_updated, v.method, {content},
           p.is_creation, p.current_id, p.resource_id,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = p.resource_id),
           {fits}
    FROM (SELECT i.*, row_number() OVER () AS place FROM ({keys}) i) p
    JOIN fhir_resource_versions v ON v.resource_id = p.resource_id AND v.version_id = p.version_id
    WINDOW w AS (ORDER BY p.place ROWS UNBOUNDED PRECEDING)
    ORDER BY p.place
    """
_KEYS = """
    SELECT v.resource_type, r.fhir_id, v.version_id, v.last_updated,
           v.version_id = 1 OR older.content IS NULL AS is_creation, r.version_id AS current_id, v.resource_id
    FROM fhir_resource_versions v
    JOIN fhir_resources r ON r.id = v.resource_id
    LEFT JOIN fhir_resource_versions older
        ON older.resource_id = v.resource_id AND older.version_id = v.version_id - 1
    """
# A deletion leaves nothing that is current: it is told of where it happened within the time.
_CURRENT_WITHIN = """
    v.last_updated < %s AND (v.content IS NOT NULL OR v.last_updated >= %s) AND NOT EXISTS (
        SELECT FROM fhir_resource_versions newer
        WHERE newer.resource_id = v.resource_id AND newer.version_id = v.version_id + 1
          AND newer.last_updated <= %s
    )
    """
# The range says nothing more, but a plan for any type, which may take all versions to be of the one that is
# common, would else read the history of all.
_OF_TYPE = "v.resource_type = %s AND v.resource_type BETWEEN %s AND %s"
_IS_KNOWN = Query("history of", "SELECT 1 FROM fhir_resources WHERE resource_type = %s AND fhir_id = %s")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose history: one resource's, one type's, or all."""

    resource_type: str | None
    id: str | None

    @property
    def order(self) -> str:
        return "v.version_id" if self.id is not None else "v.last_updated, v.resource_id, v.version_id"

    def key(self, row: Row) -> list[Any]:
        return [row[2]] if self.id is not None else [row[3].isoformat(), row[8], row[2]]

    def conditions(self) -> list[tuple[str, list[Any]]]:
        if self.id is not None:
            return [("r.resource_type = %s AND r.fhir_id = %s", [self.resource_type, self.id])]
        return [(_OF_TYPE, [self.resource_type] * 3)] if self.resource_type else []


def history(
    *,
    actor: Actor,
    resource_type: str | None = None,
    id: str | None = None,
    count: int = DEFAULT_COUNT,
    cursor: str | None = None,
    request: HistoryRequest | None = None,
) -> HistoryPage:
    """Answer a page of the versions, deletions included: of a resource, of all of a type, or of all.

    :raises NotFound: if there was never such a resource, or it may not be seen.
    :raises InvalidCursor: if the cursor is not one of this history's.
    """
    asked = request or HistoryRequest(count, cursor)
    scope = _Scope(resource_type, id)
    audited = asked.query(asked.cursor) or None
    with opened(actor, "history", resource_type or ANY_TYPE, id=id, query=audited) as entry:
        if not 1 <= asked.count <= MAXIMUM_COUNT:
            raise InvalidSearchParameter(
                f"Search parameter '_count' takes a number from 1 to {MAXIMUM_COUNT} here."
            )
        began = _began(scope, asked)
        with replayed(began.position):
            if id is not None and resource_type is not None:
                require_seen(actor, "history", resource_type, id)
            rows = _versions(actor, scope, asked, began)
            if not rows and id is not None and not _is_known(actor, resource_type, id):
                raise NotFound(f"{resource_type}/{id} is not known.")
        shown = [row for row in rows[: asked.count] if row[_FITS]]
        seen = [row for row in shown if _is_seen(actor, row)]
        entry.patients = sorted({patient for row in seen for patient in _patients(row)})
        following = _cursor(scope, asked, began, shown[-1]) if len(rows) > len(shown) else None
        is_counted = id is not None and asked.since is None and asked.at is None
        total = shown[0][7] if is_counted and shown else None
        if total != len(seen) and not access.policy_of(actor).is_all:
            total = None  # this page or another may hide some
        return HistoryPage(tuple(map(_stored, seen)), following, total, began.as_of)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The moment that a page is of, what of the log it rests upon, and the key that it goes on below."""

    as_of: datetime
    position: int = 0
    after: tuple[Any, ...] = ()


def _began(scope: _Scope, asked: HistoryRequest) -> _Beginning:
    """Say how a page begins.

    :raises InvalidCursor: if the cursor is not one of this history's.
    """
    if asked.cursor:
        return _read_cursor(scope, asked)
    if asked.since is None:
        return _Beginning(datetime.now(UTC))
    # Who asks again from this moment on misses nothing that is unfinished yet.
    return _Beginning(*commits.complete_until(asked.since_moment))


def _versions(actor: Actor, scope: _Scope, asked: HistoryRequest, began: _Beginning) -> list[Row]:
    """Return the page's rows and one more, if there is one."""
    conditions = scope.conditions()
    if scope.id is None:
        seen = access.sight(actor, "history")
        types = (scope.resource_type,) if scope.resource_type else all_types()
        now = seen.of(types, "v.resource_id")
        conditions.append((now.sql, list(now.params)))
    if began.after:
        slots = ", ".join(["%s"] * len(began.after))
        conditions.append((f"({scope.order}) < ({slots})", list(began.after)))
    if (since := asked.since_moment) is not None:
        conditions.append(("v.last_updated >= %s", [since]))
        if scope.id is None and not asked.cursor:
            conditions.append(("v.last_updated < %s", [began.as_of]))
    if (range := asked.at_range) is not None:
        conditions.append((_CURRENT_WITHIN, [range[1], range[0], range[0]]))
    where = f"WHERE {' AND '.join(text for text, _ in conditions)}" if conditions else ""
    order = ", ".join(f"{column} DESC" for column in scope.order.split(", "))
    keys = f"{_KEYS} {where} ORDER BY {order} LIMIT %s"
    page = _PAGE.format(keys=keys, content=contents.content("w").sql, fits=contents.fits("w").sql)
    query = Query("history", page)
    parameters = [each for _, values in conditions for each in values] + [asked.count + 1]
    return fetch(query, parameters, principal=actor.principal)


def _is_known(actor: Actor, resource_type: str | None, id: str) -> bool:
    return bool(fetch(_IS_KNOWN, (resource_type, id), principal=actor.principal))


def _is_seen(actor: Actor, row: Row) -> bool:
    """Whether a version may be seen of a resource that may be, as it is now."""
    resource_type, id, version_id, last_updated, _, content, _, current_id, *_ = row
    if content is not None:
        return version_id == current_id or is_version_seen(actor, "history", id=id, content=content)
    if version_id != current_id:
        return True
    deletion = StoredResource(resource_type, id, version_id, last_updated, True, None, None)
    return is_seen(actor, "history", deletion, Facts(resource_type))


def _stored(row: Row) -> StoredResource:
    resource_type, id, version_id, last_updated, method, content, is_creation, *_ = row
    return StoredResource(
        resource_type,
        id,
        version_id,
        last_updated,
        content is None,
        method,
        content,
        is_creation=is_creation and content is not None,
    )


def _patients(row: Row) -> list[str]:
    return [row[1]] if row[0] == "Patient" else row[9]


def _cursor(scope: _Scope, asked: HistoryRequest, began: _Beginning, last: Row) -> str:
    position = began.position or commits.log_position()
    return signing.dumps([_digest(scope, asked), position, scope.key(last)], salt=_SALT)


def _read_cursor(scope: _Scope, asked: HistoryRequest) -> _Beginning:
    try:
        digest, position, key = signing.loads(asked.cursor or "", salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    if digest != _digest(scope, asked):
        raise InvalidCursor("This '_cursor' belongs to another history; begin with the first page.")
    return _Beginning(datetime.now(UTC), position, tuple(key))


def _digest(scope: _Scope, asked: HistoryRequest) -> list[str]:
    return [scope.resource_type or "", scope.id or "", asked.since or "", asked.at or ""]

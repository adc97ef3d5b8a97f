"""Pages that repeat nothing, whatever is written while they are turned, and whichever server answers them.

Keys alone do not do: a resource whose sort values change may move behind the page on which it was shown, and
a standby may know less than the primary of the page before. So a cursor also carries the snapshot in which
paging began. Later pages are read from who has all of that, and leave out what has moved since: it may have
been shown. What has changed otherwise stays where it was.

A search by a lower bound of `_lastUpdated` is a client's that follows changes: it asks again from the newest
time on that it was shown. It is told nothing that is newer than the earliest change that is unfinished.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.core import signing

from patients.fhir.criteria import Criterion, parse_criterion
from patients.fhir.extraction import PatientColumns, extract
from patients.fhir.outcomes import InvalidCursor
from patients.fhir.resource import parse
from patients.fhir.search_request import SearchRequest
from patients.fhir.search_values import extract_values
from patients.fhir.values.dates import DateValue
from patients.models import commits
from patients.search import patients
from patients.search.resources.orders import order_of
from perf import database

_SALT = "patients.search.paging"
_FROM_THEN_ON = ("ge", "gt", "sa")

_NAMES = frozenset(("family", "given", "name"))

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a page is read by: the request, the moment before which changes are told, and how paging began.

    `snapshot` and `moved` (resources of the first page that changed before the snapshot) are those of later
    pages; `position` is what of the log a standby must have replayed.
    """

    request: SearchRequest
    until: datetime | None = None
    snapshot: str | None = None
    position: int = 0
    moved: frozenset[int] = frozenset()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within this, reads come from who has what this page rests upon."""
        with database.replayed(self.position):
            yield

    def left_out(self, shown: Sequence[Version]) -> frozenset[int]:
        """The ids of those that an earlier page may have shown."""
        if self.snapshot is None or not shown:
            return frozenset()
        places: dict[int, set[object]] = {}
        for id, version_id, content in commits.versions_since(self.snapshot, shown):
            if content is not None:
                places.setdefault(id, set()).add(_place(self.request, version_id, content))
        return self.moved | {id for id, found in places.items() if len(found) > 1}

    def next_cursor(self, cursor: str | None, shown: Sequence[Version]) -> str | None:
        """The cursor of the page after this, which showed these, from that of the search."""
        if cursor is None:
            return None
        turn = self if self.snapshot is not None else self._begun(shown)
        until = turn.until.isoformat() if turn.until else None
        carried = [until, turn.snapshot, turn.position, sorted(turn.moved)]
        return f"{cursor}~{signing.dumps(carried, salt=_salt(cursor), compress=True)}"

    def _begun(self, shown: Sequence[Version]) -> "Turn":
        try:
            snapshot, changed = commits.snapshot(shown)
        except commits.UNREACHABLE:
            return self
        return replace(self, snapshot=snapshot.text, position=snapshot.position, moved=frozenset(changed))


def turn(request: SearchRequest) -> Turn:
    """How the page that is asked for is to be read.

    :raises InvalidCursor: if the cursor is not one of this server's.
    """
    if request.cursor:
        return _later(request)
    bound = _lower_bound(request)
    if bound is None:
        return Turn(request)
    until, position = commits.complete_until()
    return Turn(_told_until(request, bound, until), until, position=position)


def _later(request: SearchRequest) -> Turn:
    cursor, _, carried = (request.cursor or "").partition("~")
    try:
        until, snapshot, position, moved = signing.loads(carried, salt=_salt(cursor))
    except (signing.BadSignature, ValueError, TypeError):
        raise InvalidCursor(
            "This '_cursor' was not given by this server; begin with the first page."
        ) from None
    request, moment = replace(request, cursor=cursor), None
    bound = _lower_bound(request)
    if until is not None and bound is not None:
        # The search's own cursor is good for its criteria only, so for this moment only.
        moment = datetime.fromisoformat(until)
        request = _told_until(request, bound, moment)
    return Turn(request, moment, snapshot, position, frozenset(moved))


def _salt(cursor: str) -> str:
    """How paging began is signed together with the place it has come to: those of two searches do not mix."""
    return f"{_SALT}:{cursor}"


def _lower_bound(request: SearchRequest) -> Criterion | None:
    for each in request.criteria:
        if isinstance(each, Criterion) and each.parameter.name == "_lastUpdated" and not each.chain:
            values = [value for value in each.values if isinstance(value, DateValue)]
            if any(value.prefix in _FROM_THEN_ON for value in values):
                return each
    return None


def _told_until(request: SearchRequest, bound: Criterion, moment: datetime) -> SearchRequest:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    before = parse_criterion(bound.parameter, None, f"lt{text}Z")
    return replace(request, criteria=(*request.criteria, before))


def _place(request: SearchRequest, version_id: int, content: str) -> object:
    """What decides where a version stands in the order asked for."""
    names = [key.parameter.name for key in request.sort]
    if "_lastUpdated" in names or (not names and _is_by_change(request)):
        return version_id
    resource = parse(content)
    values = extract(resource)
    if not names and patients.answers(request):
        return (_columns(values.patient, names), values.strings)
    index = extract_values(resource)
    tables: tuple[Any, ...] = (
        index.dates,
        index.strings,
        index.uris,
        index.quantities,
        index.references,
        index.tokens,
        values.strings,
    )
    rows = frozenset(row for table in tables for row in table if row[0] in names)
    return (rows, _columns(values.patient, names) if names else index.date)


def _is_by_change(request: SearchRequest) -> bool:
    """Whether a later page, of which no order was asked, is in the order of the last change."""
    is_patients = patients.answers(request) and patients.is_by_change(request)
    return is_patients or order_of(request).walked == "last_updated"


def _columns(patient: PatientColumns | None, names: Sequence[str]) -> tuple[object, ...]:
    """The columns by which Patient search sorts for these parameters; without any it may be by all."""
    found: list[object] = []
    if patient and (not names or _NAMES.intersection(names)):
        found += [patient.family_folded, patient.given_folded]
    if patient and (not names or "birthdate" in names):
        found.append(patient.birth_start)
    return tuple(found)

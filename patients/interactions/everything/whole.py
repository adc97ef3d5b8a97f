"""All of a Patient's records at once, however many: their keys first, then their text in portions.

The keys are of one statement, and versions never change, so that the answer is of one moment, whenever and
from whichever server a portion is read; no transaction is held open for a slow client. All that is held is
24 bytes a record and a portion. The audit row, with all Patients whose data is disclosed, is there before the
first byte leaves.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings

from patients import access
from patients.access import Actor
from patients.fhir.everything import EverythingRequest
from patients.fhir.outcomes import Unavailable
from patients.interactions.door import opened
from patients.interactions.everything.pages import complete_until, existing_patient
from patients.interactions.everything.statements import VERSIONS, keys, parameters
from patients.interactions.results import StoredResource
from perf.database import fetch, fetch_primary, replayed
from perf.slots import Slot, Slots

PORTION_ROWS = 200
PORTION_OCTETS = 1024 * 1024

_streams = Slots(lambda: settings.STREAMS)


class Incomplete(Exception):
    """A version that was there is not found: what has been sent must not be taken for the whole."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All of the records, as of one moment: how much they are, and their text when it is asked for.

    `octets` are those of types, ids and texts together.
    """

    as_of: datetime
    total: int
    octets: int
    _principal: str
    _ids: array[int]
    _versions: array[int]
    _sizes: array[int]
    _slot: Slot | None = None

    @property
    def is_one_portion(self) -> bool:
        return self.total <= PORTION_ROWS and self.octets <= PORTION_OCTETS

    def portions(self) -> Iterator[list[StoredResource]]:
        """Read the records, a portion at a time.

        :raises Incomplete: if one is not found.
        """
        start = 0
        try:
            while start < self.total:
                end = self._end(start)
                yield self._read(start, end)
                start = end
        finally:
            if self._slot:
                self._slot.release()

    def _end(self, start: int) -> int:
        """Where the portion ends that begins here: it has one record at least."""
        end, octets = start + 1, self._sizes[start]
        while end < min(self.total, start + PORTION_ROWS) and octets + self._sizes[end] <= PORTION_OCTETS:
            octets += self._sizes[end]
            end += 1
        return end

    def _read(self, start: int, end: int) -> list[StoredResource]:
        asked = (list(self._ids[start:end]), list(self._versions[start:end]))
        rows = fetch(VERSIONS, asked, principal=self._principal)
        if len(rows) < end - start:
            # The standby that is read from now may be behind the one that the keys are from.
            rows = fetch_primary(VERSIONS, asked)
        if len(rows) < end - start:
            raise Incomplete(f"{end - start - len(rows)} of {end - start} versions are not there.")
        return [StoredResource(*row) for row in rows]


def whole(*, actor: Actor, request: EverythingRequest) -> Whole:
    """Answer all of the Patient's records.

    :raises NotFound: if there is no such Patient.
    :raises Gone: if it is deleted.
    :raises Unavailable: if they are many, and as many answers as may be are being sent already.
    """
    query = request.address + (f"?{asked}" if (asked := request.query()) else "")
    with opened(actor, "everything", "Patient", id=request.patient_id, query=query) as entry:
        as_of, position = complete_until(request.since) if request.since else (datetime.now(UTC), 0)
        with replayed(position):
            existing_patient(actor, request.patient_id)
            sight = access.sight(actor, "everything")
            asked_for = parameters(request, sight)
            [(ids, versions, sizes, patients)] = fetch(keys(sight), asked_for, principal=actor.principal)
        found = Whole(
            as_of,
            len(ids or ()),
            sum(sizes or ()),
            actor.principal,
            array("q", ids or ()),
            array("q", versions or ()),
            array("q", sizes or ()),
        )
        if not found.is_one_portion:
            found = _with_slot(found)
        entry.patients = sorted({request.patient_id, *patients})
    return found


def _with_slot(found: Whole) -> Whole:
    slot = _streams.take()
    if slot is None:
        raise Unavailable(
            "As many large answers as may be are being sent already. Try again in a moment, or ask for pages"
            " with '_count'."
        )
    return replace(found, _slot=slot)

"""The run over all files. https://hl7.org/fhir/R4/http.html#transaction

A source whose references find nothing is tried again when the others are loaded: whatever the order of the
files, those that are referred to are there in the end.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path

from patients import audit
from patients.access import Actor
from patients.audit import AuditEntry
from patients.fhir.outcomes import FhirError, NotFound
from patients.interactions.load import entries as documents
from patients.interactions.load import ledger, reading
from patients.interactions.load.entries import Candidate, Document
from patients.interactions.load.ledger import Portion
from patients.interactions.load.outcome import Observer, Refusal, Summary
from patients.interactions.load.portions import PortionLoader, Result
from patients.interactions.load.sources import (
    STANDARD_INPUT,
    Source,
    UnreadableError,
    files,
    sources,
    standard_input,
)
from patients.models import summary_refresh

DEFAULT_MAX_BYTES = 256 * 1024 * 1024
# The ledger knows a slice by its first line: with another size, files half loaded would begin anew.
SLICE_LINES = 500
# A delta of more rows than that is felt by searches.
_PATIENTS_IN_DELTA = 1000
# So that it stays bounded while millions are loaded, whether or not the beat runs.
_PATIENTS_WITHOUT_REFRESH = 20_000


class Loader:
    """One load by one actor; `summary` tells at any time how far it has come."""

    def __init__(
        self,
        *,
        actor: Actor,
        observer: Observer,
        is_dry_run: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        self.summary = Summary(is_dry_run)
        self._actor = actor
        self._observer = observer
        self._max_bytes = max_bytes
        self._portions = PortionLoader(actor=actor, is_dry_run=is_dry_run)
        self._began = time.monotonic()
        # What was refused, but may be taken once more is loaded.
        self._held: dict[Source, list[tuple[Portion, Result]]] = {}
        self._told: set[tuple[str, int]] = set()
        self._is_second_try = False
        self._unrefreshed_patients = 0

    def load(self, paths: Sequence[str]) -> Summary:
        """Load all that is found at the paths and can be loaded."""
        found = list(self._found(paths))
        self._observer.started(found)
        for file in found:
            try:
                for source in [standard_input()] if file is None else sources(file):
                    self._load_source(source)
            except UnreadableError as error:
                self._tell_unreadable(error)
        self._load_held()
        self._refresh(if_more_than=_PATIENTS_IN_DELTA)
        self.summary.seconds = time.monotonic() - self._began
        return self.summary

    def _found(self, paths: Sequence[str]) -> Iterator[Path | None]:
        for path in paths:
            try:
                yield from [None] if path == STANDARD_INPUT else files(path)
            except UnreadableError as error:
                self._tell_unreadable(error)

    def _load_held(self) -> None:
        """Try again what lacked something, as long as that brings anything."""
        self._is_second_try = True
        loaded = 0
        while self._held and self.summary.loaded > loaded:
            loaded = self.summary.loaded
            waiting, self._held = self._held, {}
            for source in waiting:
                self._load_source(source)
        for source, refused in self._held.items():
            for portion, result in refused:
                self._tell(source, portion, result)

    def _load_source(self, source: Source) -> None:
        entries = ledger.loaded_entries(source.digest) if source.path else None
        if entries is not None:
            self.summary.files_loaded_before += 1
            self.summary.loaded_before += entries
            self._advance(source.size)
            return
        try:
            if source.is_lines:
                self._load_lines(source)
            else:
                self._load_document(source)
        except UnreadableError as error:
            self._tell_unreadable(error)
        else:
            self.summary.files += not self._is_second_try

    def _load_document(self, source: Source) -> None:
        text = reading.document(source, limit=self._max_bytes)
        portion = Portion(source.name, source.digest, [0], is_last=True)
        try:
            document = documents.document(text)
        except FhirError as error:
            self._tell(source, portion, Result(refused=1, refusals={0: error}), is_whole=True)
        else:
            portion = replace(portion, indices=range(len(document.candidates)))
            attempts = _read_again(document, text)
            self._count(source, portion, self._portions.load(portion, document.bundle_type, attempts))
        self._advance(source.size)

    def _load_lines(self, source: Source) -> None:
        reading.verify(source, limit=self._max_bytes)
        done = 0
        with reading.opened(source) as content:
            for candidates, is_last in _slices(reading.lines(source, content, limit=self._max_bytes)):
                digest = source.digest or _digest(candidates)
                portion = Portion(source.name, digest, [it.index for it in candidates], is_last)
                self._count(source, portion, self._portions.load(portion, None, repeat(candidates)))
                position = min(content.position(), source.size)
                self._advance(position - done)
                done = position
        self._advance(source.size - done)

    def _advance(self, size: int) -> None:
        self.summary.seconds = time.monotonic() - self._began
        self._observer.advanced(0 if self._is_second_try else size)

    def _count(self, source: Source, portion: Portion, result: Result) -> None:
        summary = self.summary
        for stored in result.stored:
            resource_type = stored.entry.resource.resource_type
            summary.by_type[resource_type] += 1
            summary.created += stored.is_created
            summary.updated += not stored.is_created
            self._unrefreshed_patients += resource_type == "Patient"
        summary.existing += result.existing
        summary.loaded_before += 0 if self._is_second_try else result.loaded_before
        self._refresh(if_more_than=_PATIENTS_WITHOUT_REFRESH)
        if source.path and any(isinstance(error, NotFound) for error in result.refusals.values()):
            self._held.setdefault(source, []).append((portion, _told_later(result)))
        elif result.refusals:
            self._tell(source, portion, result)

    def _tell(self, source: Source, portion: Portion, result: Result, *, is_whole: bool = False) -> None:
        key = portion.digest, portion.indices[0]
        if key in self._told:
            return
        self._told.add(key)
        self.summary.refused += result.refused
        for at, error in result.refusals.items():
            entry = None if is_whole else at
            self._observer.refused(
                Refusal(source.name, entry, source.is_lines, result.references.get(at), error)
            )
        if not self.summary.is_dry_run:
            audit.record_all([_audit_entry(self._actor, result, at) for at in result.refusals])

    def _tell_unreadable(self, error: UnreadableError) -> None:
        self.summary.unreadable.append(str(error))
        self._observer.unreadable(str(error))

    def _refresh(self, *, if_more_than: int) -> None:
        if self._unrefreshed_patients > if_more_than and not self.summary.is_dry_run:
            summary_refresh.refresh(trigger="command")
            self._unrefreshed_patients = 0


def _told_later(result: Result) -> Result:
    """What is to be told of it, without what is loaded: that may be all but one line of each portion."""
    for error in result.refusals.values():
        # The frames that it passed through know the whole portion.
        error.__traceback__ = error.__cause__ = error.__context__ = None
    return replace(result, stored=[])


def _read_again(document: Document, text: bytes) -> Iterator[list[Candidate]]:
    """Yield the candidates, then from a new reading: those of an attempt that failed have been changed."""
    yield document.candidates
    while True:
        yield documents.document(text).candidates


def _slices(lines: Iterator[bytes]) -> Iterator[tuple[list[Candidate], bool]]:
    """Yield some hundred lines that are not empty at a time, and whether they are the last."""
    candidates = (Candidate(index, line) for index, line in enumerate(lines) if line.strip())
    following = list(islice(candidates, SLICE_LINES))
    while following:
        current, following = following, list(islice(candidates, SLICE_LINES))
        yield current, not following


def _digest(candidates: list[Candidate]) -> str:
    """What tells lines apart that come from nowhere: what they say."""
    return hashlib.sha256(b"".join(candidate.content for candidate in candidates)).hexdigest()


def _audit_entry(actor: Actor, result: Result, at: int) -> AuditEntry:
    resource_type, _, id = result.references.get(at, "Bundle/-").partition("/")
    outcome = result.refusals[at].status
    return AuditEntry(actor, "create", resource_type, None if id == "-" else id, outcome=outcome)

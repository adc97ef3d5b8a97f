"""One portion: resolved, then written in one transaction; again from the start if others came in between."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from patients import access
from patients.access import Actor
from patients.fhir.outcomes import Conflict, FhirError
from patients.interactions.bundle.conditions import Identified
from patients.interactions.load import ledger, storing
from patients.interactions.load.entries import Candidate
from patients.interactions.load.ledger import Portion
from patients.interactions.load.resolving import Resolved, Resolver
from patients.interactions.load.storing import NotTakenError, OvertakenError, Stored
from patients.models import LoadProgress

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a portion's entries."""

    stored: list[Stored] = field(default_factory=list)
    existing: int = 0
    loaded_before: int = 0
    # How many were refused: a refused transaction takes all of its entries with it, also those without fault.
    refused: int = 0
    refusals: dict[int, FhirError] = field(default_factory=dict)
    references: dict[int, str] = field(default_factory=dict)


class PortionLoader:
    """Loads portions as one actor; in a dry run it only remembers what later ones could refer to."""

    def __init__(self, *, actor: Actor, is_dry_run: bool) -> None:
        self._actor = actor
        self._is_dry_run = is_dry_run
        self._imagined = Identified()
        self._authorised: set[tuple[str, str]] = set()

    def load(
        self, portion: Portion, bundle_type: str | None, readings: Iterator[Iterable[Candidate]]
    ) -> Result:
        """Load what is left to do of a portion; each attempt takes its candidates from a new reading."""
        refused: dict[int, FhirError] = {}
        for _ in range(_ATTEMPTS):
            row = ledger.row_of(portion)
            if row and not row.refused:
                return Result(loaded_before=len(portion.indices))
            pending = set(row.refused if row else portion.indices)
            resolver = Resolver(bundle_type, portion.digest, self._imagined)
            resolved = resolver.resolve(next(readings), pending, refused)
            if bundle_type == "transaction" and resolved.refusals:
                return Result(
                    refused=len(pending), refusals=resolved.refusals, references=resolved.references
                )
            try:
                stored = self._store(resolved, portion, row)
            except OvertakenError:
                continue
            except NotTakenError as error:
                refused |= error.refusals
                continue
            return Result(
                stored=stored,
                existing=len(resolved.entries) - len(stored),
                loaded_before=len(portion.indices) - len(pending),
                refused=len(resolved.refusals),
                refusals=resolved.refusals,
                references=resolved.references,
            )
        conflict = Conflict("Others kept changing the same resources; nothing was changed.")
        return Result(refused=len(pending), refusals=dict.fromkeys(pending, conflict))

    def _store(self, resolved: Resolved, portion: Portion, row: LoadProgress | None) -> list[Stored]:
        if self._is_dry_run:
            for entry in resolved.entries:
                self._imagined.add(entry.resource, entry.id)
            return storing.outlook(resolved.entries)
        for entry in resolved.entries:
            self._authorise(entry.resource.resource_type)
        return storing.store(
            resolved.entries, actor=self._actor, portion=portion, refused=list(resolved.refusals), row=row
        )

    def _authorise(self, resource_type: str) -> None:
        for interaction in ("create", "update"):
            if (interaction, resource_type) not in self._authorised:
                access.authorise(self._actor, interaction, resource_type)
                self._authorised.add((interaction, resource_type))

"""What a load tells of itself: refusals as they are found, and a summary."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from patients.fhir.outcomes import FhirError, operation_outcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry was not loaded; without a number, why the whole source was not."""

    source: str
    entry: int | None
    is_line: bool
    reference: str | None
    error: FhirError

    @property
    def place(self) -> str:
        """Where it stands: file, entry of the bundle or line, and the resource."""
        if self.entry is None:
            where = self.source
        elif self.is_line:
            where = f"{self.source} line {self.entry + 1}"
        else:
            where = f"{self.source} entry {self.entry}"
        return f"{where} ({self.reference})" if self.reference else where

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "entry": None if self.is_line else self.entry,
            "line": self.entry + 1 if self.is_line and self.entry is not None else None,
            "resource": self.reference,
            "outcome": operation_outcome(self.error.issues),
        }


@dataclass(slots=True)
class Summary:
    """What was loaded, in numbers; of a dry run, what would have been."""

    is_dry_run: bool
    files: int = 0
    created: int = 0
    updated: int = 0
    existing: int = 0
    loaded_before: int = 0
    files_loaded_before: int = 0
    refused: int = 0
    unreadable: list[str] = field(default_factory=list)
    by_type: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def loaded(self) -> int:
        return self.created + self.updated

    @property
    def rate(self) -> float:
        """Resources a second."""
        return self.loaded / self.seconds if self.seconds else 0.0


class Observer(Protocol):
    """Who is told while it goes on."""

    def started(self, files: list[Path | None]) -> None:
        """Be told what was found; None is the standard input."""

    def advanced(self, size: int) -> None:
        """Be told that so many more bytes of the files are done with."""

    def refused(self, refusal: Refusal) -> None:
        """Be told of an entry that is not loaded."""

    def unreadable(self, sentence: str) -> None:
        """Be told of a file that is not loaded."""

"""What a resource of any type is found by."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from patients.fhir.resource import Resource


@dataclass(frozen=True, slots=True)
class IndexValues:
    """Values by search parameter, whose name comes first in each."""

    tokens: frozenset[tuple[str, str, str]] = frozenset()
    references: frozenset[tuple[str, str, str]] = frozenset()
    identifiers: frozenset[tuple[str, str, str]] = frozenset()
    uris: frozenset[tuple[str, str]] = frozenset()
    strings: frozenset[tuple[str, str, int]] = frozenset()
    texts: frozenset[tuple[str, str]] = frozenset()
    dates: frozenset[tuple[str, datetime, datetime]] = frozenset()
    quantities: frozenset[tuple[str, Decimal | None, Decimal | None, str, str, str]] = frozenset()
    composites: frozenset[tuple[str, tuple[tuple[object, ...], ...]]] = frozenset()
    date: datetime | None = None


def extract_values(resource: Resource) -> IndexValues:
    return IndexValues()

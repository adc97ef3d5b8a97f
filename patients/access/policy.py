"""What a set of grants allows, compiled: asked about one resource in Python, about many as SQL.

A policy is a value. Two users with the same rights have equal policies, and may share what is cached
under their `digest`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from patients.access.facts import Facts
from patients.access.vocabulary import ANY_TYPE, INTERACTIONS, TYPES_OF_PATIENTS


@dataclass(frozen=True, slots=True)
class Permit:
    """One way by which resources of a type may be met.

    `patients` and `organisations`: it reaches these Patients only, or those whom these manage; None: it is
    not limited so. `labels`: restricting labels that it opens. `elements`: what it shows of a resource;
    None: all.
    """

    patients: frozenset[str] | None = None
    organisations: frozenset[str] | None = None
    labels: frozenset[str] = frozenset()
    elements: frozenset[str] | None = None

    @property
    def reaches_all(self) -> bool:
        return self.patients is None and self.organisations is None

    def opens(self, facts: Facts, elevations: frozenset[str]) -> bool:
        """Whether no label of the resource, or of the Patients that it is linked to, is in the way."""
        if facts.labels - self.labels and not (facts.patients | facts.linked) & elevations:
            return False
        return all(
            label in self.labels or patient in elevations for label, patient in facts.labels_of_patients
        )

    def reaches(self, facts: Facts, organisations: frozenset[str]) -> bool:
        """Whether it is a resource of somebody whom this reaches, or of nobody by its type.

        `organisations` are those that manage the Patients whose it is.
        """
        if self.reaches_all or facts.resource_type not in TYPES_OF_PATIENTS:
            return True
        if self.patients is not None and facts.patients & self.patients:
            return True
        return self.organisations is not None and bool(organisations & self.organisations)


@dataclass(frozen=True, slots=True)
class Policy:
    """All that an actor may do. `is_all`: everything, whatever it is labelled."""

    roles: tuple[str, ...] = ()
    permits: Mapping[tuple[str, str], frozenset[Permit]] = field(default_factory=dict)
    elevations: frozenset[str] = frozenset()
    is_all: bool = False
    digest: str = ""

    def permits_for(self, interaction: str, resource_type: str) -> frozenset[Permit]:
        """The ways that lead to resources of this type; none: it is not granted."""
        return frozenset(
            permit
            for granted in INTERACTIONS.get(interaction, ())
            for permit in self.permits.get((granted, resource_type), ())
        )

    def types_for(self, interaction: str) -> frozenset[str]:
        """The types with which it may be done."""
        return frozenset(
            type for granted, type in self.permits if granted in INTERACTIONS.get(interaction, ())
        )

    def grants(self, interaction: str, resource_type: str) -> bool:
        """Whether it may be done with any resource of the type."""
        if interaction not in INTERACTIONS:
            return False
        if self.is_all:
            return True
        if not INTERACTIONS[interaction]:
            return bool(self.permits)
        if resource_type == ANY_TYPE:
            return bool(self.types_for(interaction))
        return bool(self.permits_for(interaction, resource_type))


NOTHING = Policy(digest="nothing")
EVERYTHING = Policy(is_all=True, digest="everything")


def compiled(
    *,
    roles: Iterable[str],
    permits: Iterable[tuple[str, str, Permit]],
    elevations: frozenset[str],
) -> Policy:
    """Add up permits, each for an interaction on a type; one that another contains adds nothing."""
    added: dict[tuple[str, str], set[Permit]] = {}
    for interaction, resource_type, permit in permits:
        added.setdefault((interaction, resource_type), set()).add(permit)
    table = {key: frozenset(each) for key, each in added.items()}
    digest = hashlib.blake2b(repr(_canonical(table, elevations)).encode(), digest_size=8).hexdigest()
    return Policy(tuple(sorted(roles)), table, elevations, digest=digest)


def _canonical(
    table: Mapping[tuple[str, str], frozenset[Permit]], elevations: frozenset[str]
) -> tuple[object, ...]:
    """The same for equal policies, in every process: sets have no order."""
    rows = sorted((key, sorted(map(_sortable, permits))) for key, permits in table.items())
    return (rows, sorted(elevations))


def _sortable(permit: Permit) -> tuple[object, ...]:
    parts = (permit.patients, permit.organisations, permit.labels, permit.elements)
    return tuple(("-",) if part is None else tuple(sorted(map(str, part))) for part in parts)

"""Results: the newest of each test with the one before it, in groups.

https://hl7.org/fhir/R4/observation.html: every category that is not vital signs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from patients.pages.presenters.observations import Observation


@dataclass(frozen=True, slots=True)
class Result:
    """The newest result of a test, and the value before it if there is one in the same unit."""

    newest: Observation
    before: Observation | None


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one category."""

    name: str
    results: tuple[Result, ...]


def newest_of_each(observations: Iterable[Observation]) -> tuple[Result, ...]:
    """Return the newest of each test, in the order given; what was entered in error is no result."""
    of_test: dict[str, list[Observation]] = {}
    for observation in observations:
        if not observation.is_in_error:
            of_test.setdefault(observation.key, []).append(observation)
    return tuple(Result(found[0], _before(found)) for found in of_test.values())


def by_category(results: Sequence[Result]) -> tuple[Group, ...]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.newest.category, []).append(result)
    return tuple(Group(name, tuple(found)) for name, found in groups.items())


def _before(found: list[Observation]) -> Observation | None:
    same_unit = (one for one in found[1:] if one.value.unit == found[0].value.unit and one.value.text)
    return next(same_unit, None)

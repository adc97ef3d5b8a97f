"""Who has which Observation, and when: skewed as records are.

Seven of ten Observations are of the laboratory. Within a category codes follow Zipf's law. One code of the
laboratory stands on exactly ten Observations (`rare`), one on a hundredth of them, all of the first of
the ten years (`ancient`). Some patients have hundreds of Observations, most have a dozen or two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from patients.generation import templates
from patients.generation.templates import CodeTemplates, Template

OBSERVATIONS_OF_A_PATIENT = 20
_OF_RARE_CODE = 10
_ANCIENT_SHARE = 0.01
_SHARES = {"laboratory": 0.70, "vital-signs": 0.25, "survey": 0.04, "procedure": 0.008, "exam": 0.002}
_LAST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_YEARS = 10
_SECONDS_OF_YEAR = 365 * 24 * 3600
_SKEW = 1.5


@dataclass(frozen=True, slots=True)
class Population:
    """So many Observations of so many Patients; `seed` decides all the rest."""

    seed: int
    observations: int

    @property
    def patients(self) -> int:
        return max(1, self.observations // OBSERVATIONS_OF_A_PATIENT)

    def patient_id(self, number: int) -> str:
        return f"generated-{self.seed}-p{number:07}"

    def observation_id(self, number: int) -> str:
        return f"generated-{self.seed}-o{number:08}"

    def has_rare_code(self, number: int) -> bool:
        """Whether it is one of the ten, which are spread over all."""
        step = self.observations // _OF_RARE_CODE
        return step > 0 and number % step == 0 and number // step < _OF_RARE_CODE


@dataclass(frozen=True, slots=True)
class Drawn:
    """One Observation to be made."""

    id: str
    code: CodeTemplates
    variant: int
    patient: str
    encounter: str
    effective: str
    issued: str

    @property
    def template(self) -> Template:
        return self.code.templates[self.variant]


def rare() -> CodeTemplates:
    """The code of exactly ten Observations."""
    return _of_category("laboratory")[-1]


def ancient() -> CodeTemplates:
    """The code of a hundredth of the Observations, of the first year."""
    return _of_category("laboratory")[-2]


def draw(population: Population, numbers: range) -> Iterator[Drawn]:
    """The Observations of these numbers, the same however all are divided into such ranges of one size."""
    chance = Random(f"{population.seed}/{numbers.start}")  # noqa: S311 - no secret
    for number in numbers:
        code, years_ago = _code(population, number, chance)
        patient = int(population.patients * chance.random() ** _SKEW)
        moment = _LAST_MOMENT - timedelta(seconds=1 + int(years_ago * _SECONDS_OF_YEAR))
        effective = moment.isoformat()
        yield Drawn(
            id=population.observation_id(number),
            code=code,
            variant=chance.randrange(len(code.templates)),
            patient=population.patient_id(patient),
            encounter=f"{population.patient_id(patient)}-{moment:%Y%m%d}",
            effective=effective,
            issued=f"{effective[:19]}.{chance.randrange(1, 1000):03}+00:00",
        )


def draw_patient(population: Population, number: int) -> dict[str, Any]:
    """A Patient of the demo's with names, numbers and a birth date of its own."""
    chance = Random(f"{population.seed}/p{number}")  # noqa: S311 - no secret
    known = templates.patients()
    template = chance.choice(known)
    born = datetime(1930, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(95 * 365))
    identifiers = [
        {**identifier, "value": f"{population.seed}-{number:07}-{at}"}
        for at, identifier in enumerate(template["identifier"])
    ]
    return {
        **{name: value for name, value in template.items() if name != "text"},
        "id": population.patient_id(number),
        "identifier": identifiers,
        "name": [_name(name, chance) for name in template["name"]],
        "telecom": [
            {**telecom, "value": f"555-{chance.randrange(1000):03}-{chance.randrange(10000):04}"}
            for telecom in template["telecom"]
        ],
        "birthDate": born.date().isoformat(),
    }


def _name(name: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Names as Synthea numbers them: those of another demo patient, with another number."""
    other = chance.choice(templates.patients())["name"][0]
    given = [f"{each.rstrip('0123456789')}{chance.randrange(1000)}" for each in other["given"]]
    return {
        **name,
        "family": f"{other['family'].rstrip('0123456789')}{chance.randrange(1000)}",
        "given": given,
    }


def _code(population: Population, number: int, chance: Random) -> tuple[CodeTemplates, float]:
    """The code, and how many years ago."""
    if population.has_rare_code(number):
        return rare(), _YEARS * chance.random()
    if chance.random() < _ANCIENT_SHARE:
        return ancient(), _YEARS - chance.random()
    categories, weights = _categories()
    codes, weights_of_codes = _codes(chance.choices(categories, cum_weights=weights)[0])
    return chance.choices(codes, cum_weights=weights_of_codes)[0], _YEARS * chance.random()


@cache
def _categories() -> tuple[tuple[str, ...], tuple[float, ...]]:
    shares = {**_SHARES, "laboratory": _SHARES["laboratory"] - _ANCIENT_SHARE}
    return tuple(shares), tuple(accumulate(shares.values()))


@cache
def _codes(category: str) -> tuple[tuple[CodeTemplates, ...], tuple[float, ...]]:
    codes = tuple(each for each in _of_category(category) if each not in (rare(), ancient()))
    return codes, tuple(accumulate(1 / rank for rank in range(1, len(codes) + 1)))


@cache
def _of_category(category: str) -> tuple[CodeTemplates, ...]:
    return tuple(each for each in templates.observations() if each.category == category)

"""What is made by chance is valid, rich in what is odd, and the same for the same chance."""

import random

import pytest

from patients.fhir.resource import from_value
from patients.fhir.validation import validate
from tests.patients.fhir.any_resources import TYPES, Maker


def made(type: str, seed: int, richness: float) -> dict:
    return Maker(random.Random(f"{type} {seed}"), richness=richness).resource(type)


@pytest.mark.parametrize("richness", [0, 0.25, 0.6])
def test_are_valid(richness):
    for type in TYPES:
        for seed in range(3):
            validate(from_value(made(type, seed, richness)))


def test_are_the_same_again():
    assert [made(type, 7, 0.5) for type in TYPES] == [made(type, 7, 0.5) for type in TYPES]


def test_hold_what_is_odd():
    text = str([made(type, seed, 0.6) for type in TYPES for seed in range(5)])

    for odd in ("'contained'", "'_", "\U0001d400", "山", "Decimal('-0.", "[None", "E+"):
        assert odd in text, odd

"""Patients for tests: made through the same door as any, under names that only the test knows."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.db import transaction

from patients import interactions
from patients.access import Actor, command_actor
from patients.fhir.resource import Resource, from_value, parse
from patients.models import writing

TESTER = command_actor("test")


def word(length: int = 12) -> str:
    """Letters that no other test uses."""
    return "".join(random.choice("bcdfghjklmnpqrstvwxz") for _ in range(length))


# Together they may do everything that anybody may.
ALL_ROLES = ("administrator", "integration client")


def user_with(*roles: str, name: str = "user", **rights: Any) -> AbstractUser:
    """A new user who has these roles; `rights` are columns of the user."""
    user = get_user_model().objects.create_user(f"{name}-{uuid.uuid4()}", **rights)
    user.groups.add(*(Group.objects.get(name=role) for role in roles))
    return user


def patient(**elements: Any) -> Resource:
    """A Patient with these elements."""
    return from_value({"resourceType": "Patient", **elements})


def created(actor: Actor = TESTER, **elements: Any) -> str:
    """The id of a new Patient."""
    return interactions.create(actor=actor, resource=patient(**elements)).resource.id


def updated(id: str, actor: Actor = TESTER, **elements: Any) -> int:
    """The version that an update made."""
    return interactions.update(actor=actor, resource=patient(id=id, **elements), id=id).resource.version_id


FAMILIES = (
    "Smith",
    "Jones",
    "Taylor",
    "García",
    "Müller",
    "Ивано́ва",
    "王",
    "Nguyễn",
    "O’Brien",
    "de la Cruz",
)
GIVENS = ("Anna", "Béla", "Chloé", "David", "Ewa", "Fatima", "Grigorij", "Hana", "Ibrahim", "José")


def population(size: int, *, seed: int) -> Iterator[dict[str, Any]]:
    """Patients with a skew of names as in a town, and identifiers of their own."""
    chance = random.Random(seed)
    for number in range(size):
        rank = int(chance.paretovariate(0.8))
        family = f"{FAMILIES[rank % 10]}{'' if rank < 10 else rank % 5_000}"
        name = {"family": family, "given": chance.sample(GIVENS, chance.choice((1, 1, 2)))}
        names = (
            [name] if chance.random() > 0.1 else [name, {"use": "maiden", "family": f"Maiden{number % 997}"}]
        )
        yield {
            "resourceType": "Patient",
            "active": chance.random() > 0.02,
            "name": names,
            "identifier": [{"system": "urn:test:population", "value": f"{seed}-{number}"}],
            "telecom": [{"system": "phone", "value": f"+44 20 7946 {seed % 10}{number:06}"}],
            "gender": chance.choice(("male", "female")),
            "birthDate": str(date(1920, 1, 1) + timedelta(days=chance.randrange(38_000))),
            "address": [{"city": f"City {int(chance.paretovariate(1)) % 300}"}],
        }


def write_population(size: int, *, seed: int) -> None:
    """Write it by the bulk form of the one door."""
    changes = [
        writing.change_to(parse(json.dumps(value)), id=str(uuid.uuid4()), expected_version=0, method="PUT")
        for value in population(size, seed=seed)
    ]
    for start in range(0, size, 500):
        with transaction.atomic():
            writing.write_all(changes[start : start + 500])

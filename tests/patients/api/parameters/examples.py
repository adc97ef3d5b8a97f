"""HL7's examples as they are stored here, and what is made where they lack an element."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.test import Client

from tests import published
from tests.patients.api.messages import FHIR
from tests.patients.api.parameters import exact
from tests.patients.api.parameters.case import Case
from tests.patients.api.parameters.cases import drawn
from tests.patients.api.parameters.definitions import Resource, by_url, parameter
from tests.patients.api.parameters.made import made_for
from tests.patients.interactions.load.loads import load


@dataclass(frozen=True, slots=True)
class Offered:
    """A search parameter as metadata lists it."""

    type: str
    name: str
    definition: str
    modifiers: frozenset[str]

    def cases_of(self, resource: Resource) -> list[Case]:
        """What can be asked of the resource, if that finds it by some values and not by others."""
        defined = by_url().get(self.definition)
        if defined is None:
            return []
        targets = defined.get("target", ())
        found = drawn(parameter(self.definition), resource)
        taken = [each for each in found if not each.modifier or each.modifier in (*self.modifiers, *targets)]
        return taken if {each.is_found for each in taken} == {True, False} else []


@dataclass(frozen=True)
class Library:
    """The stored resources by type, as they are read from the server."""

    client: Client
    by_type: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))

    def with_cases(self, offered: Offered) -> Iterator[tuple[Resource, list[Case]]]:
        """The examples that have the element, or else one that is made and stored for it."""
        is_found = False
        for resource in self.by_type[offered.type]:
            if cases := offered.cases_of(resource):
                is_found = True
                yield resource, cases
        if not is_found:
            for resource in made_for(offered.type, parameter(offered.definition)):
                stored = self.stored(resource)
                if cases := offered.cases_of(stored):
                    yield stored, cases

    def stored(self, resource: Resource) -> Resource:
        address = f"/fhir/{resource['resourceType']}"
        response = self.client.post(address, exact.written(resource).encode(), content_type=FHIR)
        assert response.status_code == 201, (resource, response.content)
        return exact.read(response.content)


def loaded(client: Client, folder: Path) -> Library:
    """Load HL7's examples as an operator would, and read each."""
    file = folder / "examples.ndjson"
    # Another file than the published one, which another test may have loaded.
    file.write_bytes(b"\n".join([*published.hl7_example_texts(), b"", b"", b""]))
    load(file)
    ids = defaultdict(list)
    for example in published.hl7_examples():
        ids[example["resourceType"]].append(example["id"])
    library = Library(client)
    for type, own in ids.items():
        response = client.get(f"/fhir/{type}", {"_id": ",".join(own), "_count": len(own)})
        entries = exact.read(response.content).get("entry", [])
        library.by_type[type] = [entry["resource"] for entry in entries]
    return library


@cache
def offered(client: Client) -> tuple[Offered, ...]:
    """All parameters of all types, from the CapabilityStatement."""
    [rest] = client.get("/fhir/metadata").json()["rest"]
    return tuple(
        Offered(each["type"], one["name"], one["definition"], _modifiers(one["documentation"]))
        for each in rest["resource"]
        for one in each.get("searchParam", ())
    )


def _modifiers(documentation: str) -> frozenset[str]:
    return frozenset(re.findall(r":([\w-]+)", documentation.rpartition("Modifiers: ")[2]))

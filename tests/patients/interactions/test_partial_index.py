"""What is written by criteria waits for the index of every type that the criteria look at."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from patients import interactions
from patients.fhir.outcomes import Unavailable
from patients.fhir.resource import from_value
from patients.models.search_index import SearchIndexState
from tests.people import TESTER

CODE = {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}
# Criteria of Observations, and a type that decides what meets them besides.
LOOKING_FURTHER = {
    "subject:Patient.name=nobody": "Patient",
    "subject:Patient.general-practitioner:Practitioner.name=nobody": "Practitioner",
    "_has:DiagnosticReport:result:status=final": "DiagnosticReport",
    "_has:Provenance:target:agent:Practitioner.name=nobody": "Practitioner",
    "_list=nobody": "List",
}


@contextmanager
def partial(resource_type: str) -> Iterator[None]:
    SearchIndexState.objects.update_or_create(
        resource_type=resource_type, defaults={"is_complete": False}, create_defaults={"is_complete": False}
    )
    try:
        yield
    finally:
        SearchIndexState.objects.filter(resource_type=resource_type).update(is_complete=True)


def create_unless(criteria: str) -> bool:
    """Whether an Observation was created."""
    observation = from_value({"resourceType": "Observation", "status": "final", "code": CODE})
    text = f"{criteria}&code={uuid.uuid4()}"
    return interactions.conditional_create(actor=TESTER, resource=observation, criteria=text).is_created


class TestConditionalCreate:
    @pytest.mark.parametrize(("criteria", "resource_type"), LOOKING_FURTHER.items())
    def test_is_refused_while_a_type_asked_is_partial(self, criteria, resource_type):
        with (
            partial(resource_type),
            pytest.raises(Unavailable, match=f"^The search of {resource_type} is being indexed anew"),
        ):
            create_unless(criteria)

    @pytest.mark.parametrize("criteria", LOOKING_FURTHER)
    def test_is_done_while_another_type_is_partial(self, criteria):
        with partial("Basic"):
            assert create_unless(criteria)

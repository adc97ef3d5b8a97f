"""What is labelled here is gone before other tests count what there is."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def nothing_left_hidden(database) -> Iterator[None]:
    yield
    from patients import interactions
    from patients.models import FhirResource
    from tests.people import TESTER

    hidden = FhirResource.objects.raw(
        """
        SELECT r.* FROM fhir_resources r
        WHERE NOT r.deleted AND (
            r.id IN (SELECT l.resource_id FROM resource_labels l)
            OR r.id IN (
                SELECT c.resource_id FROM patient_compartment c
                JOIN resource_labels l ON l.patient_id = c.patient_id
            )
        )
        """
    )
    for each in hidden:
        interactions.delete(actor=TESTER, resource_type=each.resource_type, id=each.fhir_id)

"""Who comes to the administrators' door, and what they find there.

Fixtures import what needs Django's apps: this file is read before they are loaded.
"""

import pytest


@pytest.fixture(scope="module")
def administrator(database):
    from tests.patients.admin import visitors

    return visitors.user(is_staff=True, is_superuser=True)


@pytest.fixture
def client(administrator):
    from tests.patients.admin import visitors

    return visitors.client_of(administrator)


@pytest.fixture(scope="module")
def actor(administrator):
    """The administrator as a writer, who reads at once what they wrote; others do a moment later."""
    from patients.access import actor_for

    return actor_for(administrator, channel="session", request_id="", address="")


@pytest.fixture(scope="module")
def smith(actor):
    """A Patient of three versions, the second with another family name."""
    from patients.models import FhirResource
    from tests import people

    family = people.word()
    given = [{"system": "urn:test", "value": family.upper() + "7"}]
    name = [{"family": family, "given": ["Anna"]}]
    id = people.created(actor, name=name, identifier=given)
    people.updated(id, actor, name=[{"family": family + "son", "given": ["Anna"]}], identifier=given)
    people.updated(id, actor, name=name, gender="female", identifier=given)
    return FhirResource.objects.get(resource_type="Patient", fhir_id=id)

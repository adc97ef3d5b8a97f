"""The administrators' door shows no more of what is recorded than any other."""

import pytest
from django.urls import reverse

from patients.models import FhirResource
from tests.patients.access.test_hidden import RESTRICTED
from tests.patients.admin.visitors import client_of, user
from tests.people import created, word

LISTS = ("patientindex", "patientsummarydelta", "fhirresource", "searchtoken")


@pytest.fixture(autouse=True)
def from_the_primary(settings):
    settings.REPLICA_ENABLED = False


@pytest.fixture(scope="module")
def client(database):
    return client_of(user(is_staff=True, is_superuser=True))


@pytest.fixture(scope="module")
def ids(database) -> tuple[str, str]:
    identifier = [{"system": "urn:test", "value": word()}]
    return created(identifier=identifier, **RESTRICTED), created(identifier=identifier)


@pytest.mark.parametrize("name", LISTS)
def test_lists_leave_out_what_is_hidden(client, ids, name):
    hidden, seen = ids
    text = client.get(reverse(f"admin:patients_{name}_changelist")).content.decode()

    assert seen in text
    assert hidden not in text


@pytest.mark.parametrize("name", ["patientindex", "patientsummarydelta", "fhirresource"])
def test_pages_of_what_is_hidden_are_not_there(client, ids, name):
    keys = [FhirResource.objects.get(resource_type="Patient", fhir_id=id).pk for id in ids]
    texts = [
        client.get(reverse(f"admin:patients_{name}_change", args=[key]), follow=True).content.decode()
        for key in keys
    ]

    assert ids[0] not in texts[0]
    assert ids[1] in texts[1]

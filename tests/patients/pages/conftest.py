"""Somebody who is logged in. Conftests are read before Django's apps are: they import what they need late."""

import uuid

import pytest


@pytest.fixture(scope="session")
def clinician(database):
    from tests.people import user_with

    # The second, to write down what the tests look for.
    return user_with("clinician", "integration client", name="clinician", password=str(uuid.uuid4()))


@pytest.fixture
def client(clinician):
    from django.test import Client

    client = Client()
    client.force_login(clinician)
    return client


@pytest.fixture(scope="session")
def records(clinician):
    """What the clinician wrote: the writer's own reads see it, whichever server answers them."""
    from patients.access import actor_for
    from tests.records import Records

    return Records(actor_for(clinician, channel="session", request_id="test", address=""))

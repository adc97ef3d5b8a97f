"""Who orders exports, who else is there, and no orders of other tests."""

import pytest
from django.test import Client


@pytest.fixture(scope="module")
def records(user):
    # This module is imported before Django's apps are loaded.
    from patients.access import actor_for
    from tests.records import Records

    return Records(actor_for(user, channel="token", request_id="", address=""))


@pytest.fixture
def someone(database) -> Client:
    """Another user."""
    from patients.tokens import make_token
    from tests.people import ALL_ROLES, user_with

    other = user_with(*ALL_ROLES)
    return Client(headers={"Authorization": f"Bearer {make_token(other, label='test', days=1)}"})


@pytest.fixture(autouse=True)
def no_jobs(database):
    """Each test orders its own; a user may have five at a time."""
    from patients.models import ExportJob

    ExportJob.objects.all().delete()

"""People who can log in. Conftests are read before Django's apps are: they import what they need late."""

import uuid

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def person(database):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user(f"person-{uuid.uuid4()}", password=PASSWORD)


@pytest.fixture
def client(person):
    """A browser of the person's, logged in by the page."""
    from django.test import Client

    client = Client()
    client.post("/login/", {"username": person.username, "password": PASSWORD})
    return client

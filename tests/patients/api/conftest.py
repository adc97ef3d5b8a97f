"""A user, and clients that have logged in."""

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def user(database):
    return get_user_model().objects.create_user(f"user-{uuid.uuid4()}", password=PASSWORD)


@pytest.fixture(scope="session")
def token(user) -> str:
    # This module is imported before Django's apps are loaded.
    from patients.tokens import make_token

    return make_token(user, label="test", days=1)


@pytest.fixture(scope="session")
def client(token) -> Client:
    """By bearer token."""
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture
def anonymous() -> Client:
    return Client(raise_request_exception=False)

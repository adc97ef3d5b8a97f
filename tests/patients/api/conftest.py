"""A user, and clients that have logged in."""

import pytest
from django.test import Client

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def user(database):
    # This module is imported before Django's apps are loaded.
    from tests.people import ALL_ROLES, user_with

    return user_with(*ALL_ROLES, password=PASSWORD)


@pytest.fixture(scope="session")
def token(user) -> str:
    from patients.tokens import make_token

    return make_token(user, label="test", days=1)


@pytest.fixture(scope="session")
def client(token) -> Client:
    """By bearer token."""
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture
def anonymous() -> Client:
    return Client(raise_request_exception=False)

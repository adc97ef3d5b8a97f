"""Who comes to the administrators' door."""

from django.contrib.auth.models import AbstractUser
from django.test import Client

from tests.people import ALL_ROLES, user_with


def user(**rights: bool) -> AbstractUser:
    return user_with(*ALL_ROLES, name="admin", **rights)


def client_of(someone: AbstractUser) -> Client:
    client = Client()
    client.force_login(someone)
    return client

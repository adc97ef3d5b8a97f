"""Who comes to the administrators' door."""

import uuid

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.test import Client


def user(**rights: bool) -> AbstractUser:
    return get_user_model().objects.create_user(username=f"admin-{uuid.uuid4().hex[:12]}", **rights)


def client_of(someone: AbstractUser) -> Client:
    client = Client()
    client.force_login(someone)
    return client

"""Roles and their grants are edited in the admin, and hold at once."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from patients.access import Actor, policy_of
from patients.models import Grant
from tests.patients.admin.visitors import client_of, user
from tests.people import user_with, word


@pytest.fixture
def role():
    role = Group.objects.create(name=word())
    Grant.objects.create(role=role, resource_types=["Basic"], interactions=["read"])
    return role


@pytest.fixture
def holder(role) -> Actor:
    holder = user_with(role.name)
    return Actor(holder.pk, holder.get_username(), "session")


def _form(role, **changed) -> dict:
    grant = role.grants.get()
    return {
        "name": role.name,
        "grants-TOTAL_FORMS": "1",
        "grants-INITIAL_FORMS": "1",
        "grants-0-id": str(grant.pk),
        "grants-0-role": str(role.pk),
        "grants-0-resource_types": "Basic",
        "grants-0-interactions": ["read"],
        "grants-0-reach": "all",
        "grants-0-elements": "null",
        **{f"grants-0-{name}": value for name, value in changed.items()},
    }


def _page(role) -> str:
    return reverse("admin:auth_group_change", args=[role.pk])


class TestEditing:
    def test_holds_at_once_in_the_process_that_saved(self, client, role, holder):
        assert policy_of(holder).grants("read", "Basic")

        answer = client.post(
            _page(role), _form(role, resource_types="Basic,clinical", interactions=["search"])
        )

        assert answer.status_code == 302
        assert not policy_of(holder).grants("read", "Basic")
        assert policy_of(holder).grants("search", "Observation")

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("resource_types", "Basic,Basics", "R4 has no such types: Basics."),
            ("interactions", ["look"], "Select a valid choice. look is not one of the available choices."),
            ("labels", ["X"], "Select a valid choice. X is not one of the available choices."),
            ("elements", '{"Patients": []}', "R4 has no type Patients."),
            ("elements", '["name"]', "Elements are named by type"),
            ("elements", '{"Patient": ["nome"]}', "The elements of Patient are a list of names"),
            ("elements", '{"Patient": [["name"]]}', "The elements of Patient are a list of names"),
            ("elements", '{"Patient": "name"}', "The elements of Patient are a list of names"),
        ],
    )
    def test_refuses_what_the_policy_would_not_understand(self, client, role, name, value, message):
        answer = client.post(_page(role), _form(role, **{name: value}))

        assert answer.status_code == 200
        assert message in answer.content.decode()
        assert role.grants.get().interactions == ["read"]

    def test_is_for_those_with_the_permission_only(self, role):
        assert client_of(user(is_staff=True)).get(_page(role)).status_code == 403

    def test_deleting_a_role_holds_at_once(self, client, role, holder):
        assert policy_of(holder).grants("read", "Basic")

        client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"})

        assert not policy_of(holder).grants("read", "Basic")


def test_the_list_shows_the_first_roles(client):
    text = client.get(reverse("admin:auth_group_changelist") + "?all=").content.decode()

    for name in ("administrator", "auditor", "clinician", "integration client", "nurse", "reception"):
        assert f">{name}</a>" in text

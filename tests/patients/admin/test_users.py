import uuid
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from patients import tasks
from patients.models import Session
from tests.audited import audit_records
from tests.patients.admin.visitors import client_of
from tests.people import user_with

LIST = "/admin/auth/user/"


@pytest.fixture
def person(database):
    return user_with("nurse", name="person")


@pytest.fixture
def manager(database):
    """Somebody who may change users, without having all rights."""
    manager = user_with(name="manager", is_staff=True)
    manager.user_permissions.add(*Permission.objects.filter(content_type__app_label="auth"))
    return manager


def act(client, action, *users):
    return client.post(LIST, {"action": action, "_selected_action": [user.pk for user in users]})


def form_of(user, **changes) -> dict:
    """What the page of the user would send."""
    joined = timezone.localtime(user.date_joined)
    form = {
        "username": user.username,
        "date_joined_0": joined.date().isoformat(),
        "date_joined_1": joined.time().isoformat("seconds"),
        "is_active": "on",
        "groups": list(user.groups.values_list("pk", flat=True)),
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def recorded(by, word) -> list[str]:
    return list(
        audit_records().filter(user_id=by.pk, interaction=word).order_by("id").values_list("query", flat=True)
    )


class TestActions:
    def test_log_out_everywhere(self, client, administrator, person):
        browser = client_of(person)

        act(client, "end_sessions", person)

        assert browser.get("/account/").status_code == 302
        assert client.get(LIST).status_code == 200
        assert f"{person.pk}: Logged out everywhere." in recorded(administrator, "administer-user")

    def test_unlock(self, client, person):
        AccessAttempt.objects.create(
            username=person.username,
            ip_address="192.0.2.1",
            failures_since_start=9,
        )

        act(client, "unlock", person)

        assert not AccessAttempt.objects.filter(username=person.username).exists()

    def test_remove_the_second_factor(self, client, administrator, person):
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
        browser = client_of(person)

        act(client, "remove_second_factor", person)

        assert not Authenticator.objects.filter(user=person).exists()
        assert browser.get("/account/").status_code == 302
        assert f"removed totp of user {person.pk}" in recorded(administrator, "second-factor")

    def test_touch_no_administrator_by_who_is_none(self, manager, administrator):
        Authenticator.objects.get_or_create(user=administrator, type="totp", data={"secret": "x"})

        act(client_of(manager), "remove_second_factor", administrator)

        assert Authenticator.objects.filter(user=administrator).exists()
        Authenticator.objects.filter(user=administrator).delete()

    def test_are_refused_without_the_right(self, person):
        User.objects.filter(pk=person.pk).update(is_staff=True)

        assert act(client_of(person), "end_sessions", person).status_code == 403


class TestChanges:
    def test_of_roles_are_recorded(self, client, administrator, person):
        role = Group.objects.get(name="clinician")

        response = client.post(f"{LIST}{person.pk}/change/", form_of(person, groups=[role.pk]))

        assert response.status_code == 302
        assert list(person.groups.all()) == [role]
        assert f"{person.pk}: Changed Groups." in recorded(administrator, "administer-user")

    @pytest.mark.parametrize("right", ["is_staff", "is_superuser", "groups"])
    def test_that_give_rights_are_made_by_who_has_all(self, manager, person, right):
        administrator = Group.objects.get(name="administrator")
        value = [administrator.pk] if right == "groups" else "on"

        client_of(manager).post(f"{LIST}{person.pk}/change/", form_of(person, **{right: value}))

        person.refresh_from_db()
        assert (person.is_staff, person.is_superuser) == (False, False)
        assert administrator not in person.groups.all()

    @pytest.mark.parametrize("page", ["change", "password", "delete"])
    def test_of_an_administrator_are_made_by_one(self, manager, administrator, page):
        response = client_of(manager).post(f"{LIST}{administrator.pk}/{page}/", {"post": "yes"})

        assert response.status_code == 403
        assert User.objects.filter(pk=administrator.pk).exists()

    def test_of_the_password_end_the_sessions(self, client, person):
        browser = client_of(person)
        new = "battery staple horse"

        response = client.post(
            f"{LIST}{person.pk}/password/",
            {"password1": new, "password2": new, "usable_password": "true"},
        )

        assert response.status_code == 302
        assert browser.get("/account/").status_code == 302
        assert not Session.objects.filter(user_id=person.pk).exists()

    def test_that_remove_somebody_are_recorded(self, client, administrator, person):
        id = person.pk
        client.post(f"{LIST}{id}/delete/", {"post": "yes"})

        assert f"{id}: Removed." in recorded(administrator, "administer-user")


class TestSecrets:
    @pytest.mark.parametrize(
        "address",
        ["/admin/mfa/authenticator/", "/admin/socialaccount/socialapp/", "/admin/axes/accessattempt/"],
    )
    def test_have_no_page(self, client, address):
        assert client.get(address).status_code == 404


class TestWhatIsOver:
    def test_is_forgotten(self, person):
        over, going_on = Client(), Client()
        for browser in (over, going_on):
            browser.force_login(person)
        Session.objects.filter(pk=over.session.session_key).update(
            expire_date=timezone.now() - timedelta(seconds=1)
        )
        name = f"over-{uuid.uuid4()}"
        AccessAttempt.objects.create(username=name, ip_address="192.0.2.1", failures_since_start=1)
        AccessAttempt.objects.filter(username=name).update(attempt_time=timezone.now() - timedelta(hours=1))

        tasks.forget_ended_log_ins()

        assert Session.objects.filter(user_id=person.pk).count() == 1
        assert not AccessAttempt.objects.filter(username=name).exists()

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Session
from patients.models.sessions import BEGAN
from tests.patients.accounts.conftest import PASSWORD

HERE = "/account/"


def row_of(client) -> Session:
    return Session.objects.get(session_key=client.cookies["sessionid"].value)


def move(client, **by) -> None:
    """Let so much time have gone by since the session was last used."""
    Session.objects.filter(pk=row_of(client).pk).update(
        expire_date=row_of(client).expire_date - timedelta(**by)
    )


def is_open(client) -> bool:
    return client.get(HERE).status_code == 200


def begin_earlier(client, **by) -> None:
    session = client.session
    session[BEGAN] = (timezone.now() - timedelta(**by)).isoformat()
    session.save()


class TestIdleEnd:
    def test_comes_after_15_minutes(self, client):
        left = row_of(client).expire_date - timezone.now()

        assert timedelta(minutes=14, seconds=30) < left <= timedelta(minutes=15)

    def test_closes_the_session(self, client):
        move(client, minutes=15)

        assert not is_open(client)

    def test_is_put_off_by_use(self, client):
        move(client, minutes=10)

        assert is_open(client)
        assert row_of(client).expire_date - timezone.now() > timedelta(minutes=14)

    def test_is_written_once_a_minute_at_most(self, client):
        client.get(HERE)

        with CaptureQueriesContext(connection) as soon:
            client.get(HERE)
        move(client, seconds=61)
        with CaptureQueriesContext(connection) as later:
            client.get(HERE)

        written = [
            [query["sql"].split()[0] for query in captured if '"sessions"' in query["sql"]]
            for captured in (soon, later)
        ]
        # The page itself counts the user's sessions.
        assert written == [["SELECT", "SELECT"], ["SELECT", "UPDATE", "SELECT"]]

    def test_sets_no_cookie_anew(self, client):
        move(client, minutes=5)

        assert "sessionid" not in client.get(HERE).cookies

    def test_leaves_what_another_request_wrote(self, client):
        move(client, minutes=5)
        stale = Client()
        stale.cookies["sessionid"] = client.cookies["sessionid"].value
        session = client.session
        session["note"] = "kept"
        session.save()
        move(client, minutes=5)

        stale.get(HERE)

        assert client.session["note"] == "kept"


class TestAbsoluteEnd:
    def test_closes_a_session_that_is_in_use(self, client):
        begin_earlier(client, hours=11, minutes=59)
        assert is_open(client)

        begin_earlier(client, hours=12)

        assert not is_open(client)

    def test_is_nearer_than_the_idle_end_at_last(self, client):
        begin_earlier(client, hours=11, minutes=55)

        assert row_of(client).expire_date - timezone.now() < timedelta(minutes=5)

    def test_is_put_off_by_a_new_log_in_only(self, client, person):
        begin_earlier(client, hours=11, minutes=59)

        client.logout()
        client.post("/login/", {"username": person.username, "password": PASSWORD})

        assert row_of(client).expire_date - timezone.now() > timedelta(minutes=14)


class TestForeignKeys:
    @pytest.mark.parametrize("key", ["x" * 32, "x" * 5_000, '"abcdefgh\\000"', "', '--------", "\xe9" * 12])
    def test_open_nothing(self, key):
        client = Client()
        client.cookies["sessionid"] = key

        assert client.get(HERE).status_code == 302


class TestLogIn:
    def test_gives_a_key_that_nobody_knew_before(self, person):
        client = Client()
        session = client.session
        session["from before"] = True
        session.save()
        planted = client.cookies["sessionid"].value

        client.post("/login/", {"username": person.username, "password": PASSWORD})

        assert client.cookies["sessionid"].value != planted
        assert not Session.objects.filter(session_key=planted).exists()

    def test_leaves_the_user_in_the_row(self, client, person):
        assert row_of(client).user_id == person.pk

    def test_gives_a_cookie_that_goes_with_the_browser(self, client):
        assert client.cookies["sessionid"]["max-age"] == ""
        assert client.cookies["sessionid"]["httponly"]


class TestLogOutEverywhere:
    @pytest.fixture
    def elsewhere(self, person):
        other = Client()
        other.post("/login/", {"username": person.username, "password": PASSWORD})
        return other

    def test_ends_every_session_of_the_user(self, client, elsewhere):
        response = client.post("/account/end-sessions/")

        assert response["Location"] == "/login/"
        assert [is_open(client), is_open(elsewhere)] == [False, False]

    def test_leaves_the_sessions_of_others(self, client):
        from django.contrib.auth import get_user_model

        other = Client()
        other.force_login(get_user_model().objects.create_user(f"other-{timezone.now().timestamp()}"))

        client.post("/account/end-sessions/")

        assert is_open(other)

    def test_is_no_link(self, client):
        assert client.get("/account/end-sessions/").status_code == 405
        assert is_open(client)

    def test_comes_with_a_new_password_except_here(self, client, elsewhere):
        form = {
            "old_password": PASSWORD,
            "new_password1": "battery staple horse",
            "new_password2": "battery staple horse",
        }

        response = client.post("/account/password/", form)

        assert response["Location"] == "/account/"
        assert [is_open(client), is_open(elsewhere)] == [True, False]
        assert Session.objects.filter(user_id=row_of(client).user_id).count() == 1

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.test import Client

from tests.audited import audit_records
from tests.patients.accounts.authenticator_app import code
from tests.patients.accounts.conftest import PASSWORD
from tests.patients.accounts.test_log_in import elsewhere
from tests.patients.pages.test_search import text_of

SET_UP = "/account/second-factor/set-up/"
CODES = "/account/second-factor/codes/"
NOT_GOOD = "That code is not good, or not any more."


def set_up(client) -> str:
    """The secret of a second factor that is set up from here on."""
    secret = re.search(r'key-text">(\w+)<', client.get(SET_UP).content.decode())[1]
    response = client.post(SET_UP, {"code": code(secret, periods_later=-1)})
    assert response["Location"] == CODES
    return secret


def recovery_codes(client) -> list[str]:
    return re.findall(r"<li><code>(\d{8})</code>", client.get(CODES).content.decode())


def half_way(person) -> Client:
    """A browser in which the password was right."""
    client = Client(REMOTE_ADDR=elsewhere())
    response = client.post(
        "/login/", {"username": person.username, "password": PASSWORD, "next": "/account/"}
    )
    assert response["Location"] == "/login/code/"
    return client


def is_in(client) -> bool:
    return client.get("/account/").status_code == 200


class TestLogIn:
    def test_asks_for_the_code_after_the_password(self, client, person):
        secret = set_up(client)
        browser = half_way(person)

        assert not is_in(browser)
        response = browser.post("/login/code/", {"code": code(secret)})

        assert response["Location"] == "/account/"
        assert is_in(browser)

    def test_takes_a_code_with_a_space_in_it(self, client, person):
        secret = set_up(client)
        browser = half_way(person)

        shown = code(secret)
        browser.post("/login/code/", {"code": f" {shown[:3]} {shown[3:]} "})

        assert is_in(browser)

    @pytest.mark.parametrize("wrong", ["000000", "", " ", "abcdef", "1" * 5_000, "\0", "٣" * 6, "-12345"])
    def test_refuses_what_is_no_code(self, client, person, wrong):
        set_up(client)
        browser = half_way(person)

        assert browser.post("/login/code/", {"code": wrong}).status_code == 200
        assert not is_in(browser)

    def test_takes_no_code_twice(self, client, person):
        secret = set_up(client)
        shown = code(secret)
        half_way(person).post("/login/code/", {"code": shown})
        browser = half_way(person)

        response = browser.post("/login/code/", {"code": shown})

        assert NOT_GOOD in text_of(response)
        assert not is_in(browser)

    def test_takes_no_old_code(self, client, person):
        secret = set_up(client)
        browser = half_way(person)

        assert NOT_GOOD in text_of(browser.post("/login/code/", {"code": code(secret, periods_later=-3)}))

    def test_locks_out_after_five_wrong_codes(self, client, person):
        secret = set_up(client)
        browser = half_way(person)

        statuses = [browser.post("/login/code/", {"code": "000000"}).status_code for _ in range(5)]
        response = browser.post("/login/code/", {"code": code(secret)})

        assert statuses == [200] * 4 + [429]
        assert response.status_code == 429
        assert "Too many log-ins have failed." in text_of(response)
        assert not is_in(browser)

    def test_works_without_the_cache(self, client, person, settings):
        secret = set_up(client)
        away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
        settings.CACHES = {"default": away}
        browser = half_way(person)

        browser.post("/login/code/", {"code": code(secret)})

        assert is_in(browser)

    def test_has_no_page_for_the_code_without_the_password(self):
        assert Client().get("/login/code/")["Location"] == "/login/"


class TestRecoveryCodes:
    def test_are_shown_once(self, client):
        set_up(client)

        assert len(set(recovery_codes(client))) == 10
        assert recovery_codes(client) == []

    def test_log_in_once_each(self, client, person):
        set_up(client)
        first, second, *_ = recovery_codes(client)

        one, again, other = half_way(person), half_way(person), half_way(person)
        one.post("/login/code/", {"code": first})
        again.post("/login/code/", {"code": first})
        other.post("/login/code/", {"code": second})

        assert [is_in(one), is_in(again), is_in(other)] == [True, False, True]

    def test_are_void_once_there_are_new_ones(self, client, person):
        set_up(client)
        old = recovery_codes(client)[0]

        client.post("/account/second-factor/codes/new/")
        new = recovery_codes(client)[0]
        with_old, with_new = half_way(person), half_way(person)
        with_old.post("/login/code/", {"code": old})
        with_new.post("/login/code/", {"code": new})

        assert [is_in(with_old), is_in(with_new)] == [False, True]


class TestSecrets:
    def test_are_not_in_the_database_in_the_clear(self, client, person):
        secret = set_up(client)

        kept = Authenticator.objects.get(user=person, type="totp").data

        assert secret not in str(kept)

    def test_are_of_no_use_under_another_key_of_the_site(self, client, person, settings):
        secret = set_up(client)
        settings.SECRET_KEY = "another" * 10
        browser = half_way(person)

        assert NOT_GOOD in text_of(browser.post("/login/code/", {"code": code(secret)}))

    def test_hold_under_a_key_that_is_one_of_those_before(self, client, person, settings):
        secret = set_up(client)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another" * 10
        browser = half_way(person)

        browser.post("/login/code/", {"code": code(secret)})

        assert is_in(browser)

    def test_are_shown_as_a_picture_that_the_policy_allows(self, client):
        page = client.get(SET_UP).content.decode()

        assert "<svg" in page
        assert not re.search(r"<\?xml|style=|data:", page)


class TestChanges:
    def test_ask_for_the_password_a_while_after_the_log_in(self, client):
        from tests.patients.accounts.test_sessions import begin_earlier

        begin_earlier(client, minutes=6)

        assert client.get(SET_UP)["Location"].startswith("/account/confirm/?next=")
        wrong = client.post("/account/confirm/", {"password": "wrong", "next": SET_UP})
        assert "That is not your password." in text_of(wrong)

    def test_can_be_taken_back(self, client, person):
        set_up(client)

        client.post("/account/second-factor/remove/")

        assert not Authenticator.objects.filter(user=person).exists()

    def test_are_in_the_audit(self, client, person):
        set_up(client)
        used = recovery_codes(client)[0]
        half_way(person).post("/login/code/", {"code": used})
        client.post("/account/second-factor/remove/")

        rows = audit_records().filter(user_id=person.pk, interaction="second-factor").order_by("id")
        assert [row.query for row in rows] == [
            "added totp",
            "added recovery_codes",
            "used recovery_codes",
            "removed totp",
            "removed recovery_codes",
        ]

    def test_wrong_codes_are_in_the_audit(self, client, person):
        set_up(client)
        half_way(person).post("/login/code/", {"code": "000000"})

        assert audit_records().filter(user_id=person.pk, interaction="login", outcome=401).count() == 1


class TestBasic:
    def test_is_refused_to_who_has_a_second_factor(self, client, person):
        import base64

        set_up(client)
        pair = base64.b64encode(f"{person.username}:{PASSWORD}".encode()).decode()

        response = Client().get("/fhir/Patient", headers={"Authorization": f"Basic {pair}"})

        assert response.status_code == 401
        assert "A password alone is not enough" in response.json()["issue"][0]["diagnostics"]


class TestAdministrators:
    @pytest.fixture(autouse=True)
    def _required(self, settings):
        settings.MFA = "required"

    @pytest.fixture
    def administrator(self, person):
        get_user_model().objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
        return person

    @pytest.mark.parametrize("address", ["/", "/admin/", "/patients/1/", "/account/", "/account/password/"])
    def test_are_sent_to_set_it_up(self, client, administrator, address):
        assert client.get(address)["Location"] == f"{SET_UP}?next={address}"

    @pytest.mark.parametrize("address", ["/fhir/Patient", "/api/patients", "/fhir/metadata"])
    def test_can_do_nothing_in_the_api_before(self, client, administrator, address):
        response = client.get(address)

        assert response.status_code == 403
        assert response["Content-Type"].startswith("application/fhir+json")

    def test_are_recorded_when_they_try(self, client, administrator):
        client.get("/fhir/Patient")

        row = audit_records().get(user_id=administrator.pk, interaction="second-factor")
        assert (row.query, row.outcome) == ("GET", 403)

    def test_can_log_out(self, client, administrator):
        assert client.post("/logout/")["Location"] == "/login/"

    def test_go_on_once_it_is_set_up(self, client, administrator):
        set_up(client)

        assert client.get("/admin/").status_code == 200

    def test_go_on_after_a_log_in_with_it(self, client, administrator):
        secret = set_up(client)
        browser = half_way(administrator)
        browser.post("/login/code/", {"code": code(secret)})

        assert browser.get("/admin/").status_code == 200

    def test_show_it_in_a_session_from_before(self, client, administrator):
        other = Client()
        other.post("/login/", {"username": administrator.username, "password": PASSWORD})
        secret = set_up(client)

        assert other.get("/admin/")["Location"] == "/account/confirm/code/?next=/admin/"
        response = other.post("/account/confirm/code/", {"code": code(secret), "next": "/admin/"})

        assert response["Location"] == "/admin/"
        assert other.get("/admin/").status_code == 200

    def test_cannot_remove_it(self, client, administrator):
        set_up(client)

        response = client.post("/account/second-factor/remove/")

        assert "Administrators of this site need a second factor." in text_of(response)
        assert Authenticator.objects.filter(user=administrator, type="totp").exists()

    def test_are_those_with_the_role_too(self, client, person):
        from django.contrib.auth.models import Group

        person.groups.add(Group.objects.get(name="administrator"))

        assert client.get("/")["Location"].startswith(SET_UP)

    def test_are_the_only_ones(self, client, person):
        assert client.get("/account/").status_code == 200

    def test_have_no_basic(self, administrator):
        import base64

        pair = base64.b64encode(f"{administrator.username}:{PASSWORD}".encode()).decode()

        assert Client().get("/fhir/Patient", headers={"Authorization": f"Basic {pair}"}).status_code == 401

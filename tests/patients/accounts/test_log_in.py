import base64
import random
import statistics
import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from patients.audit import recording
from patients.tokens import make_token
from perf.spool import Spool
from tests.audited import audit_records
from tests.patients.accounts.conftest import PASSWORD
from tests.patients.api.messages import issue
from tests.patients.pages.test_search import text_of
from tests.people import word

LOCKED = "Too many log-ins have failed. Try again in 15 minutes."
WRONG = "That name and password do not match."


# Attempts come from here: each test has an address of its own, so that none uses up another's limit.
here = ""


@pytest.fixture(autouse=True)
def _somewhere():
    global here
    here = elsewhere()


def elsewhere() -> str:
    return f"2001:db8:{random.randrange(0x10000):x}:{random.randrange(0x10000):x}::1"


def attempt(name, password="wrong", address=None):
    return Client(REMOTE_ADDR=address or here).post("/login/", {"username": name, "password": password})


def lock(name, address=None):
    for _ in range(5):
        response = attempt(name, address=address)
    return response


class TestPasswords:
    def test_are_hashed_by_argon2(self, person):
        assert person.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")

    def test_of_older_hashes_are_hashed_anew_at_log_in(self, person):
        person.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
        person.save()

        assert attempt(person.username, PASSWORD).status_code == 302
        person.refresh_from_db()
        assert person.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")

    def test_are_changed_with_the_old_one_only(self, client, person):
        form = {"old_password": "guessed", "new_password1": "x" * 12, "new_password2": "x" * 12}

        response = client.post("/account/password/", form)

        assert "That is not your password." in text_of(response)
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_are_not_found_out_by_changing_them(self, client, person):
        new = "another horse battery"
        form = {"old_password": "guessed", "new_password1": new, "new_password2": new}

        answers = [client.post("/account/password/", form, REMOTE_ADDR=here) for _ in range(5)]
        answers.append(client.post("/account/password/", form | {"old_password": PASSWORD}, REMOTE_ADDR=here))

        assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
        assert LOCKED in text_of(answers[-1])
        person.refresh_from_db()
        assert person.check_password(PASSWORD)


class TestLockOut:
    def test_comes_with_the_fifth_failure(self, person):
        statuses = [attempt(person.username).status_code for _ in range(5)]

        assert statuses == [200, 200, 200, 200, 429]

    def test_is_told_in_words(self, person):
        response = lock(person.username)

        assert LOCKED in text_of(response)
        assert response["Retry-After"] == "900"

    def test_refuses_the_right_password_too(self, person):
        lock(person.username)

        response = attempt(person.username, PASSWORD)

        assert response.status_code == 429
        assert LOCKED in text_of(response)

    def test_locks_nobody_out_elsewhere(self, person):
        lock(person.username, address=elsewhere())

        assert attempt(person.username, PASSWORD).status_code == 302

    def test_holds_for_the_whole_network_that_one_client_has(self, person):
        lock(person.username)

        assert attempt(person.username, PASSWORD, address=f"{here[:-1]}2").status_code == 429

    def test_locks_out_no_other_name(self, person):
        lock(word())

        assert attempt(person.username, PASSWORD).status_code == 302

    def test_ends_after_a_while(self, person, settings):
        lock(person.username)
        earlier = (
            AccessAttempt.objects.get(username=person.username).attempt_time - settings.AXES_COOLOFF_TIME
        )
        AccessAttempt.objects.filter(username=person.username).update(attempt_time=earlier)

        assert attempt(person.username, PASSWORD).status_code == 302

    def test_counts_from_the_start_after_a_log_in(self, person):
        for _ in range(4):
            attempt(person.username)
        attempt(person.username, PASSWORD)

        assert attempt(person.username).status_code == 200

    @pytest.mark.parametrize("address", ["", "unix", "fe80::1%eth0", "::ffff:192.0.2.1"])
    def test_counts_wherever_it_comes_from(self, person, address):
        statuses = [
            Client(REMOTE_ADDR=address)
            .post("/login/", {"username": person.username, "password": "wrong"})
            .status_code
            for _ in range(5)
        ]

        assert statuses == [200, 200, 200, 200, 429]

    def test_says_no_name_in_the_log(self, person, caplog):
        caplog.set_level("DEBUG")

        lock(person.username)

        assert "AXES" in caplog.text
        assert person.username not in caplog.text

    def test_keeps_no_password(self, person):
        attempt(person.username, "a wrong password")

        kept = AccessAttempt.objects.get(username=person.username)
        assert "a wrong password" not in f"{kept.get_data}{kept.post_data}"


class TestLockOutOfTheApi:
    def ask(self, name, password="wrong"):
        pair = base64.b64encode(f"{name}:{password}".encode()).decode()
        client = Client(REMOTE_ADDR=here)
        return client.get("/fhir/Patient?_count=1", headers={"Authorization": f"Basic {pair}"}, secure=True)

    def test_answers_429_with_the_fifth_failure(self, person):
        responses = [self.ask(person.username) for _ in range(5)]

        assert [response.status_code for response in responses] == [401] * 4 + [429]

    def test_refuses_the_right_password_too(self, person):
        for _ in range(5):
            self.ask(person.username)

        response = self.ask(person.username, PASSWORD)

        assert issue(response) == (429, "throttled", LOCKED)
        assert response["Retry-After"] == "900"
        assert response["Content-Type"].startswith("application/fhir+json")

    def test_counts_together_with_the_page(self, person):
        lock(person.username)

        assert self.ask(person.username, PASSWORD).status_code == 429

    def test_leaves_bearer_tokens_alone(self, person):
        token = make_token(person, label="script", days=1)
        lock(person.username)

        headers = {"Authorization": f"Bearer {token}"}

        assert Client(REMOTE_ADDR=here).get("/fhir/Patient?_count=1", headers=headers).status_code != 429

    @pytest.mark.parametrize("name", ["x" * 151, "x" * 5_000, "x\0", ""])
    def test_answers_401_to_what_can_be_no_name(self, name):
        assert self.ask(name).status_code == 401


class TestStrangers:
    """Who has no log-in here finds out nothing about who has."""

    def test_are_answered_as_who_is_known(self, person):
        known = [attempt(person.username) for _ in range(6)]
        name = f"nobody-{word(29)}"
        unknown = [attempt(name) for _ in range(6)]

        assert [one.status_code for one in unknown] == [one.status_code for one in known]
        assert [text_of(one).replace(name, "NAME") for one in unknown] == [
            text_of(one).replace(person.username, "NAME") for one in known
        ]

    @pytest.mark.parametrize("state", ["closed", "without password"])
    def test_are_answered_as_who_may_not(self, person, state):
        if state == "closed":
            person.is_active = False
        else:
            person.set_unusable_password()
        person.save()

        assert WRONG in text_of(attempt(person.username, PASSWORD))

    def test_wait_as_long_as_who_is_known(self, person):
        def seconds(name):
            began = time.perf_counter()
            attempt(name, address=elsewhere())
            return time.perf_counter() - began

        pairs = [(seconds(person.username), seconds(word())) for _ in range(4)]

        # Without the hash that Django makes for nobody's sake it would be a tenth.
        assert statistics.median(unknown / known for known, unknown in pairs) > 0.5

    @pytest.mark.parametrize("name", ["", " ", "\0", "x\0y", "x" * 151, "x" * 10_000, "’ OR 1=1"])
    def test_may_write_what_they_like(self, name):
        response = attempt(name)

        assert response.status_code == 200

    def test_are_not_remembered_by_what_they_typed(self):
        secret = f"a-password-in-the-wrong-field-{word()}"

        attempt(secret)

        assert not audit_records().filter(actor__contains=secret).exists()


class TestAudit:
    @pytest.fixture
    def entries(self, person):
        def read():
            rows = audit_records().filter(user_id=person.pk).order_by("id")
            return [(row.interaction, row.outcome) for row in rows]

        return read

    def test_has_log_ins_and_log_outs(self, person, entries, client):
        client.post("/logout/")

        assert entries() == [("login", 200), ("logout", 200)]

    def test_has_failures_and_the_lock(self, person, entries):
        lock(person.username)
        attempt(person.username, PASSWORD)

        assert sorted(entries()) == [("lock-out", 429)] * 2 + [("login", 401)] * 4

    def test_has_where_from(self, person, entries):
        attempt(person.username)

        row = audit_records().get(user_id=person.pk)
        assert (row.address, row.channel, row.resource_type) == (here, "session", "Session")
        assert row.request_id

    def test_has_a_new_password_and_the_end_of_all_sessions(self, client, entries):
        new = "battery staple horse"
        client.post(
            "/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        )
        client.post("/account/end-sessions/")

        assert entries() == [("login", 200), ("password", 200), ("end-sessions", 200), ("logout", 200)]

    @pytest.fixture
    def audit_that_cannot_be_written(self, tmp_path, monkeypatch):
        blocked = tmp_path / "blocked"
        blocked.touch()
        monkeypatch.setattr(recording, "_spool", Spool(blocked, key=b"key", sync="off"))

    def test_that_cannot_be_written_lets_nobody_in(self, person, audit_that_cannot_be_written):
        client = Client()

        response = client.post("/login/", {"username": person.username, "password": PASSWORD})

        assert response.status_code == 503
        assert client.get("/").status_code == 302


class TestAdmin:
    def test_has_no_door_of_its_own(self):
        response = Client().get("/admin/")

        assert Client().get(response["Location"])["Location"].startswith("/login/?next=")

    def test_takes_no_password_at_its_own_address(self, person):
        get_user_model().objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)

        response = Client().post("/admin/login/", {"username": person.username, "password": PASSWORD})

        assert response["Location"].startswith("/login/?next=")

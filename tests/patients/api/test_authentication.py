import base64
import ipaddress

import pytest
from django.test import Client

from patients.models import ApiToken
from patients.tokens import make_token
from tests.audited import audit_records
from tests.patients.api.conftest import PASSWORD
from tests.patients.api.messages import created, issue

LOG_IN = "Log in to use this service: send a bearer token, HTTP Basic over TLS, or the session of the pages."
CLEAR = "HTTP Basic is taken over TLS only; this password was sent in the clear, so change it."


def basic(user, password: str = PASSWORD) -> dict[str, str]:
    pair = base64.b64encode(f"{user.username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


class TestNobody:
    @pytest.mark.parametrize(
        "address",
        [
            "/fhir",
            "/fhir/Patient",
            "/fhir/Patient/1",
            "/fhir/Patient/1/_history",
            "/fhir/Patient/1/_history/1",
            "/fhir/Observation/1",
            "/fhir/nothing",
            "/api/patients",
            "/api/patients/1",
            "/api/nothing",
        ],
    )
    def test_is_answered_401(self, anonymous, address):
        response = anonymous.get(address)

        assert issue(response) == (401, "login", LOG_IN)
        assert response["WWW-Authenticate"] == 'Bearer realm="fhirsite"'

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
    def test_is_answered_401_by_every_method(self, anonymous, method):
        assert getattr(anonymous, method)("/fhir/Patient/1").status_code == 401

    def test_reads_metadata_and_health(self, anonymous):
        statuses = [anonymous.get(at).status_code for at in ("/fhir/metadata", "/livez", "/readyz")]

        assert statuses == [200, 200, 200]


class TestBearerToken:
    def test_answers_401_to_an_unknown_one(self, anonymous):
        response = anonymous.get("/fhir/Patient", headers={"Authorization": "Bearer fhs_x"})

        assert issue(response) == (401, "login", "The bearer token is unknown, revoked or expired.")
        assert response["WWW-Authenticate"] == 'Bearer realm="fhirsite", error="invalid_token"'

    def test_answers_401_to_a_revoked_one(self, anonymous, user):
        token = make_token(user, label="to be revoked", days=1)
        ApiToken.objects.filter(label="to be revoked").update(is_revoked=True)

        response = anonymous.get("/fhir/Patient", headers={"Authorization": f"Bearer {token}"})

        assert response.status_code == 401

    @pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer \xff", "bearer a b", "Digest x", "x"])
    def test_answers_401_to_malformed_ones(self, anonymous, header):
        response = anonymous.get("/fhir/Patient", headers={"Authorization": header})

        assert response.status_code == 401

    def test_names_the_user_in_the_audit(self, client, user):
        id = created(client)

        response = client.get(f"/fhir/Patient/{id}")

        record = audit_records().get(request_id=response["X-Request-Id"])
        assert (record.user_id, record.actor, record.channel) == (user.pk, user.username, "token")
        assert (record.interaction, record.resource_id, record.outcome) == ("read", id, 200)
        assert record.address == "127.0.0.1"


class TestBasic:
    def test_is_taken_over_tls(self, anonymous, user):
        response = anonymous.get(
            "/fhir/Patient?_count=1", headers=basic(user), secure=True, REMOTE_ADDR="192.0.2.7"
        )

        assert response.status_code == 200

    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
    def test_is_taken_from_this_machine(self, anonymous, user, address):
        response = anonymous.get("/fhir/Patient?_count=1", headers=basic(user), REMOTE_ADDR=address)

        assert response.status_code == 200

    @pytest.mark.parametrize("address", ["192.0.2.7", "::2", "", "unix"])
    def test_is_refused_where_it_can_be_overheard(self, anonymous, user, address):
        response = anonymous.get("/fhir/Patient", headers=basic(user), REMOTE_ADDR=address)

        assert issue(response) == (401, "login", CLEAR)

    @pytest.mark.parametrize("space", ["  ", "\t", " \t"])
    def test_is_refused_however_its_scheme_is_set_apart(self, anonymous, user, space):
        headers = {"Authorization": basic(user)["Authorization"].replace(" ", space)}

        response = anonymous.get("/fhir/Patient", headers=headers, REMOTE_ADDR="192.0.2.7")

        assert issue(response) == (401, "login", CLEAR)

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
    def test_is_refused_behind_a_proxy_without_tls(self, anonymous, user, header):
        response = anonymous.get("/fhir/Patient", headers={**basic(user), header: "for=192.0.2.7"})

        assert issue(response) == (401, "login", CLEAR)

    def test_is_refused_behind_a_named_proxy_without_tls(self, anonymous, user, settings):
        settings.TRUSTED_PROXIES = (ipaddress.ip_network("127.0.0.1"),)

        clear = anonymous.get("/fhir/Patient", headers=basic(user))
        safe = anonymous.get("/fhir/Patient?_count=1", headers={**basic(user), "X-Forwarded-Proto": "https"})

        assert issue(clear) == (401, "login", CLEAR)
        assert safe.status_code == 200

    def test_answers_401_to_a_wrong_password(self, anonymous, user):
        response = anonymous.get("/fhir/Patient", headers=basic(user, "wrong"))

        assert issue(response) == (401, "login", "The user name or the password is wrong.")

    def test_answers_401_to_a_name_that_the_database_cannot_hold(self, anonymous):
        pair = base64.b64encode(b"clin\0ician:x").decode()

        response = anonymous.get("/fhir/Patient", headers={"Authorization": f"Basic {pair}"})

        assert issue(response) == (401, "login", "The user name or the password is wrong.")


class TestSession:
    def test_reads(self, user):
        client = Client()
        client.force_login(user)

        assert client.get("/fhir/Patient?_count=1").status_code == 200

    def test_writes_with_the_csrf_token_only(self, user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        client.cookies["csrftoken"] = "x" * 32
        body, content_type = '{"resourceType":"Patient"}', "application/fhir+json"

        without = client.post("/fhir/Patient", body, content_type=content_type)
        with_it = client.post(
            "/fhir/Patient", body, content_type=content_type, headers={"X-CSRFToken": "x" * 32}
        )

        assert issue(without) == (403, "forbidden", "CSRF Failed: CSRF token missing.")
        assert with_it.status_code == 201
        assert audit_records().get(request_id=with_it["X-Request-Id"]).channel == "session"

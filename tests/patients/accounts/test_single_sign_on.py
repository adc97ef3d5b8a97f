"""Log-ins by an OpenID Connect provider that others wrote, run on loopback for these tests."""

import uuid
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from patients.models import Session
from tests.audited import audit_records
from tests.patients.pages.test_search import text_of

# Of libraries of the provider among each other.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")

LOG_IN = "/login/organisation/"


@pytest.fixture(scope="module")
def provider(database):
    """A provider whose log-in form takes anybody's word for who they are."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def _configured(provider, settings):
    configure(settings, provider)


def configure(settings, address: str, **overrides) -> None:
    settings.OIDC_ISSUER = address
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "organisation",
                    "name": "the hospital",
                    "client_id": "fhirsite",
                    "secret": "s3cret",
                    "settings": {"server_url": address, "openid_configuration_overrides": overrides},
                }
            ],
            "OAUTH_PKCE_ENABLED": True,
        }
    }


@pytest.fixture
def subject(provider):
    """Somebody whom the provider knows; call it to say what is said of them."""
    sub = f"sub-{uuid.uuid4()}"

    def say(**claims) -> str:
        httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()
        return sub

    return say


def go_to_provider(client: Client, **query: str) -> str:
    """Where the log-in page's link leads."""
    response = client.get(LOG_IN, query)
    assert response.status_code == 302, text_of(response)
    return response["Location"]


def come_back(client: Client, sub: str, **query: str):
    """The answer to who returns from the provider, where they said that they are `sub`."""
    answer = httpx.post(go_to_provider(client, **query), data={"sub": sub})
    location = urlsplit(answer.headers["Location"])
    return client.get(f"{location.path}?{location.query}")


def who(client: Client):
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_ties_no_account_of_the_organisation_to_who_has_logged_in(subject, person):
    client = Client()
    client.force_login(person)

    response = client.get(LOG_IN, {"process": "connect"})

    assert response.status_code == 404
    assert not SocialAccount.objects.filter(user=person).exists()


class TestLogIn:
    def test_is_offered_on_the_page(self, settings):
        settings.OIDC_NAME = "St Elsewhere"

        page = Client().get("/login/?next=/patients/1/").content.decode()

        assert "Log in with St Elsewhere" in page
        assert 'href="/login/organisation/?next=%2Fpatients%2F1%2F"' in page

    def test_makes_the_user_with_the_roles_of_the_claims(self, subject):
        name = f"ada-{uuid.uuid4()}"
        client = Client()

        response = come_back(
            client,
            subject(preferred_username=name, given_name="Ada", family_name="King", roles=["nurse", "boss"]),
        )

        assert response["Location"] == "/"
        user = who(client)
        assert (user.username, user.get_full_name()) == (name, "Ada King")
        assert [group.name for group in user.groups.all()] == ["nurse"]
        assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)

    def test_leads_on_to_the_page_that_was_asked_for(self, subject):
        response = come_back(Client(), subject(roles=["nurse"]), next="/patients/1/")

        assert response["Location"] == "/patients/1/"

    def test_leads_nowhere_else(self, subject):
        response = come_back(Client(), subject(roles=["nurse"]), next="https://elsewhere.example/")

        assert response["Location"] == "/"

    def test_finds_the_same_user_again(self, subject):
        sub = subject(roles=["nurse"])
        one, other = Client(), Client()

        come_back(one, sub)
        come_back(other, sub)

        assert who(one) == who(other)

    def test_uses_pkce_and_a_state(self):
        query = parse_qs(urlsplit(go_to_provider(Client())).query)

        assert query["code_challenge_method"] == ["S256"]
        assert query["state"]
        assert query["redirect_uri"] == ["http://testserver/login/organisation/return/"]

    def test_keeps_no_claims(self, subject):
        client = Client()

        come_back(client, subject(roles=["nurse"], email="ada@example.org", birthdate="1815-12-10"))

        account = SocialAccount.objects.get(user=who(client))
        assert account.extra_data == {}
        assert who(client).email == ""

    def test_is_in_the_audit(self, subject):
        client = Client()
        come_back(client, subject(roles=["clinician", "nurse"]))

        rows = audit_records().filter(user_id=who(client).pk).order_by("id")
        assert [(row.interaction, row.query, row.outcome) for row in rows] == [
            ("roles", "clinician, nurse", 200),
            ("login", None, 200),
        ]


class TestNames:
    def test_of_others_are_not_taken_over(self, subject, person):
        client = Client()

        come_back(client, subject(preferred_username=person.username, roles=["nurse"]))

        assert who(client) != person
        assert who(client).username == f"{person.username}@localhost"

    def test_of_others_are_not_taken_over_by_e_mail(self, subject, person):
        person.email = f"{uuid.uuid4()}@example.org"
        person.save()
        client = Client()

        come_back(client, subject(email=person.email, email_verified=True, roles=["nurse"]))

        assert who(client) != person

    @pytest.mark.parametrize("name", ["a b/c<d>", "x" * 5_000, "", "\x00", "Łucja Müller"])
    def test_may_be_any_text(self, subject, name):
        client = Client()

        come_back(client, subject(preferred_username=name, given_name=name, roles=["nurse"]))

        assert is_in(client)

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("preferred_username", 7),
            ("preferred_username", {"a": 1}),
            ("given_name", ["x"]),
            ("family_name", True),
            ("name", {"a": 1}),
            ("email", 7),
            ("email", "x" * 5_000),
        ],
    )
    def test_may_be_no_text_at_all(self, subject, claim, value):
        response = come_back(Client(), subject(roles=["nurse"], **{claim: value}))

        assert response.status_code in (302, 403)

    def test_that_are_too_long_to_be_kept_are_refused(self, provider):
        sub = "x" * 300
        httpx.put(f"{provider}/users/{sub}", json={"roles": ["nurse"]}).raise_for_status()

        assert come_back(Client(), sub).status_code == 403


class TestRoles:
    @pytest.mark.parametrize("roles", [None, [], "", "boss", ["boss"], [["nurse"]], {"nurse": True}, 7])
    def test_are_what_nobody_gets_in_without(self, subject, roles):
        client = Client()

        response = come_back(client, subject(roles=roles))

        assert response.status_code == 403
        assert "gives you no role here" in text_of(response)
        assert not is_in(client)

    def test_change_with_the_claims_at_the_next_log_in(self, subject):
        client = Client()
        come_back(client, subject(roles=["administrator"]))
        assert who(client).is_staff

        client = Client()
        come_back(client, subject(roles=["nurse"]))

        assert [group.name for group in who(client).groups.all()] == ["nurse"]
        assert not who(client).is_staff

    def test_that_are_gone_end_the_sessions_there_were(self, subject):
        before = Client()
        come_back(before, subject(roles=["nurse"]))
        user = who(before)

        come_back(Client(), subject(roles=[]))

        assert not user.groups.exists()
        assert not Session.objects.filter(user_id=user.pk).exists()
        assert not is_in(before)

    def test_are_read_where_the_settings_say(self, subject, settings):
        settings.OIDC_ROLES_CLAIM = "realm_access.roles"
        settings.OIDC_ROLES = {"gp": "clinician"}
        client = Client()

        come_back(client, subject(realm_access={"roles": ["gp", "nurse"]}))

        assert [group.name for group in who(client).groups.all()] == ["clinician"]

    def test_of_a_closed_log_in_open_nothing(self, subject):
        sub = subject(roles=["nurse"])
        client = Client()
        come_back(client, sub)
        get_user_model().objects.filter(pk=who(client).pk).update(is_active=False)

        response = come_back(Client(), sub)

        assert response.status_code == 403
        assert "This log-in is closed." in text_of(response)


class TestSecondFactor:
    def test_is_required_of_administrators_here_too(self, subject, settings):
        settings.MFA = "required"
        client = Client()

        come_back(client, subject(roles=["administrator"]))

        assert client.get("/")["Location"].startswith("/account/second-factor/set-up/")

    def test_is_asked_for_once_it_is_set_up(self, subject):
        from tests.patients.accounts.test_second_factor import set_up

        sub = subject(roles=["nurse"])
        client = Client()
        come_back(client, sub)
        set_up(client)

        response = come_back(Client(), sub)

        assert response["Location"] == "/login/code/"


class TestWhatCannotBeBelieved:
    RETURN = "/login/organisation/return/"

    @pytest.mark.parametrize(
        "query",
        ["", "code=x", "state=x", "code=x&state=x", "error=x", "code=%00&state=%00"],
    )
    def test_is_refused_without_a_log_in_that_was_begun(self, query):
        response = Client().get(f"{self.RETURN}?{query}")

        assert response.status_code == 403
        assert "Begin again." in text_of(response)

    def test_is_refused_with_a_code_that_was_made_up(self):
        client = Client()
        state = parse_qs(urlsplit(go_to_provider(client)).query)["state"][0]

        response = client.get(self.RETURN, {"code": "guessed", "state": state})

        assert response.status_code == 403
        assert not is_in(client)

    def test_is_refused_with_the_code_of_another_browser(self, subject):
        answer = httpx.post(go_to_provider(Client()), data={"sub": subject(roles=["nurse"])})
        location = urlsplit(answer.headers["Location"])
        victim = Client()

        response = victim.get(f"{location.path}?{location.query}")

        assert response.status_code == 403
        assert not is_in(victim)

    def test_is_refused_a_second_time(self, subject):
        client = Client()
        answer = httpx.post(go_to_provider(client), data={"sub": subject(roles=["nurse"])})
        location = urlsplit(answer.headers["Location"])
        address = f"{location.path}?{location.query}"
        client.get(address)

        assert client.get(address).status_code == 403

    def test_is_refused_signed_by_somebody_else(self, subject, provider, settings):
        with run_server_in_thread() as other:
            configure(settings, provider, jwks_uri=f"http://localhost:{other.server_port}/jwks")
            client = Client()

            response = come_back(client, subject(roles=["nurse"]))

        assert response.status_code == 403
        assert not is_in(client)

    def test_is_refused_from_another_issuer(self, subject, provider, settings):
        configure(settings, provider, issuer="https://elsewhere.example")

        assert come_back(Client(), subject(roles=["nurse"])).status_code == 403

    def test_leads_back_to_the_log_in_if_the_person_declines(self):
        client = Client()
        state = parse_qs(urlsplit(go_to_provider(client)).query)["state"][0]

        response = client.get(self.RETURN, {"error": "access_denied", "state": state})

        assert response["Location"] == "/login/"

    def test_is_said_in_words_while_the_provider_is_away(self, settings):
        configure(settings, "http://localhost:1")

        response = Client().get(LOG_IN)

        assert response.status_code == 503
        assert "does not answer" in text_of(response)

    def test_is_said_in_words_if_it_is_no_provider(self, provider, settings):
        configure(settings, f"{provider}/.well-known/nothing")

        assert Client().get(LOG_IN).status_code == 503

    def test_is_nowhere_without_a_provider(self, settings):
        settings.OIDC_ISSUER = ""

        assert Client().get(LOG_IN).status_code == 404
        assert Client().get(self.RETURN).status_code == 404
        assert "Log in with" not in text_of(Client().get("/login/"))

    def test_is_believed_without_the_cache(self, subject, settings):
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
        client = Client()

        come_back(client, subject(roles=["nurse"]))

        assert is_in(client)

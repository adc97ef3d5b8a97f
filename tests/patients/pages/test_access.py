import pytest
from django.test import Client, override_settings

from tests.patients.pages.test_search import text_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "report-uri /csp-report; report-to csp"
)


class TestLogIn:
    @pytest.mark.parametrize("address", ["/", "/patients/1/", "/patients/1/results/"])
    def test_comes_before_every_page(self, address):
        response = Client().get(address)

        assert (response.status_code, response["Location"]) == (302, f"/login/?next={address}")

    def test_opens_the_page_that_was_asked_for(self, clinician):
        clinician.set_password("correct horse battery")
        clinician.save()
        form = {"username": clinician.username, "password": "correct horse battery", "next": "/patients/1/"}

        assert Client().post("/login/", form)["Location"] == "/patients/1/"

    def test_goes_nowhere_else(self, clinician):
        clinician.set_password("correct horse battery")
        clinician.save()
        form = {
            "username": clinician.username,
            "password": "correct horse battery",
            "next": "https://elsewhere.example/",
        }

        assert Client().post("/login/", form)["Location"] == "/"

    @pytest.mark.parametrize("name", ["nobody", "{clinician}"])
    def test_does_not_say_what_was_wrong(self, clinician, name):
        form = {"username": name.format(clinician=clinician.username), "password": "wrong"}

        response = Client().post("/login/", form)

        assert response.status_code == 200
        assert "That name and password do not match." in text_of(response)

    def test_shows_the_log_ins_of_a_demo(self):
        with override_settings(DEMO=True):
            assert "Demo log-ins" in text_of(Client().get("/login/"))

    def test_shows_none_where_there_is_no_demo(self):
        assert "Demo log-ins" not in text_of(Client().get("/login/"))


class TestForms:
    def test_are_refused_in_words_without_their_token(self):
        response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})

        assert response.status_code == 403
        assert "This form has expired" in text_of(response)
        assert response["Content-Security-Policy"] == POLICY


class TestLogOut:
    def test_ends_the_session(self, client):
        response = client.post("/logout/")

        assert response["Location"] == "/login/"
        assert client.get("/").status_code == 302

    def test_is_no_link_that_a_page_elsewhere_could_hold(self, client):
        assert client.get("/logout/").status_code == 405


class TestHeaders:
    @pytest.mark.parametrize("address", ["/login/", "/", "/?q=smith", "/patients/none/", "/nothing"])
    def test_allow_nothing_but_our_own_files(self, client, address):
        response = client.get(address)

        assert response["Content-Security-Policy"] == POLICY
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in response["Permissions-Policy"]

    def test_keep_a_chart_out_of_every_cache(self, client, records):
        assert client.get(f"/patients/{records.patient()}/")["Cache-Control"] == "private, no-store"

    def test_allow_the_admin_one_style_by_its_hash(self, client):
        policy = client.get("/admin/login/")["Content-Security-Policy"]

        assert "style-src 'self' 'sha256-" in policy
        assert "unsafe" not in policy

    def test_let_an_answer_that_is_no_page_load_nothing(self, client):
        response = client.get("/fhir/metadata")

        assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert response["X-Content-Type-Options"] == "nosniff"

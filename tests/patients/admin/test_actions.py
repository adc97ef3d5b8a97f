"""What an administrator can do: refresh the view, make a token, revoke it."""

import re

from django.contrib.admin.models import LogEntry

from patients.models import ApiToken, PatientSummary, PatientSummaryDelta, SummaryRefresh
from patients.tokens import make_token, user_of
from tests import people
from tests.patients.admin.visitors import client_of, user

REFRESH = "/admin/patients/summaryrefresh/refresh/"


class TestRefresh:
    def test_refreshes_the_view_and_shows_the_verdict(self, client, administrator):
        id = people.created(name=[{"family": people.word()}])

        response = client.post(REFRESH, follow=True)

        assert PatientSummary.objects.filter(patient_id=id).exists()
        assert not PatientSummaryDelta.objects.filter(patient_id=id).exists()
        record = SummaryRefresh.objects.latest("id")
        assert (record.trigger, record.verdict) == ("admin", "refreshed")
        assert "Refreshed: " in response.content.decode()
        assert LogEntry.objects.filter(user=administrator, object_id=record.pk).exists()

    def test_is_not_done_by_a_link(self, client):
        assert client.get(REFRESH).status_code == 405

    def test_is_refused_to_staff_without_the_right(self):
        assert client_of(user(is_staff=True)).post(REFRESH).status_code == 403


class TestHome:
    def test_tells_how_the_site_stands(self, client):
        client.post(REFRESH)

        body = client.get("/admin/").content.decode()

        assert "Rows in the delta" in body
        assert "Standby" in body
        assert ">refreshed</a>" in body


class TestTokens:
    ADD = "/admin/patients/apitoken/add/"

    def test_makes_a_token_and_shows_it_once(self, client, administrator):
        response = client.post(self.ADD, {"user": administrator.pk, "label": "a script", "days": "7"})
        [token] = re.findall(r"fhs_[\w-]+", response.content.decode())

        assert user_of(token) == administrator
        assert token not in client.get("/admin/patients/apitoken/").content.decode()
        assert "no-store" in response["Cache-Control"]

    def test_revokes_the_selected(self, client, administrator):
        token = make_token(administrator, label="to revoke", days=1)
        row = ApiToken.objects.filter(user=administrator).latest("id")

        client.post("/admin/patients/apitoken/", {"action": "revoke", "_selected_action": [row.pk]})

        assert user_of(token) is None

    def test_revokes_on_its_page_and_never_gives_it_back(self, client, administrator):
        token = make_token(administrator, label="to revoke", days=1)
        row = ApiToken.objects.filter(user=administrator).latest("id")
        page = f"/admin/patients/apitoken/{row.pk}/change/"

        client.post(page, {"is_revoked": "on"})
        client.post(page, {})

        assert user_of(token) is None

    def test_lets_only_superusers_make_tokens_of_others(self, administrator):
        from django.contrib.auth.models import Permission

        staff = user(is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="add_apitoken"))

        response = client_of(staff).post(self.ADD, {"user": administrator.pk, "label": "x", "days": "7"})

        assert "fhs_" not in response.content.decode()
        assert not ApiToken.objects.filter(user=administrator, label="x").exists()


class TestSessions:
    def test_shows_who_is_logged_in_and_no_key(self, client, administrator):
        response = client.get("/admin/patients/session/")

        assert administrator.username in response.content.decode()
        assert client.session.session_key not in response.content.decode()
        assert client.get(f"/admin/patients/session/{client.session.session_key}/change/").status_code == 403

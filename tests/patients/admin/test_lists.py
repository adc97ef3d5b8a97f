"""Each list and page: who may see it, and what it costs the database."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.fhir.resource import from_value
from patients.models import (
    AuditRecord,
    FhirResource,
    PatientIndex,
    PatientSummary,
    PatientSummaryDelta,
    SearchToken,
    SummaryRefresh,
    summary_refresh,
)
from patients.models.writing import change_to, write_all
from tests import people
from tests.audited import audit_records
from tests.patients.admin.visitors import client_of, user

MODELS = (
    "apitoken",
    "auditrecord",
    "exportjob",
    "fhirresource",
    "patientindex",
    "patientsummary",
    "patientsummarydelta",
    "searchtoken",
    "summaryrefresh",
)
LISTS = [f"admin:patients_{model}_changelist" for model in (*MODELS, "session")]
OTHER_LISTS = ["admin:auth_user_changelist", "admin:auth_group_changelist", "admin:index"]
PREFIX = "adminlist-"
ROWS = 6_000


@pytest.fixture(scope="module")
def many(database):
    """So many resources that walking all of them would show in a plan; without names, to be quick."""
    resources = [
        from_value({"resourceType": "Basic", "id": f"{PREFIX}{number:05}", "code": {"text": "x"}})
        for number in range(ROWS)
    ]
    for start in range(0, ROWS, 1000):
        changes = [
            change_to(each, id=each.id, expected_version=0, method="PUT")
            for each in resources[start : start + 1000]
        ]
        write_all(changes)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE fhir_resources, audit_records")


def statements(client, address, **parameters):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, parameters)

    assert response.status_code == 200, response.content[:500]
    return response, [query["sql"] for query in captured]


def of_table(captured, table):
    return [sql for sql in captured if re.search(rf'FROM "?{table}"?', sql)]


def plan(sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%") if False else "EXPLAIN " + sql)
        return "\n".join(line for (line,) in cursor.fetchall())


class TestLists:
    @pytest.mark.parametrize("name", [*LISTS, *OTHER_LISTS])
    def test_answer_200_to_an_administrator(self, client, smith, name):
        assert client.get(reverse(name)).status_code == 200

    @pytest.mark.parametrize("name", LISTS)
    def test_answer_403_to_staff_without_the_right(self, name):
        assert client_of(user(is_staff=True)).get(reverse(name)).status_code == 403

    @pytest.mark.parametrize("name", [*LISTS, "admin:index"])
    def test_send_others_to_log_in(self, name):
        assert client_of(user()).get(reverse(name)).status_code == 302

    @pytest.mark.parametrize("name", [name for name in LISTS if "apitoken" not in name])
    def test_count_and_skip_nothing(self, client, smith, name):
        _, captured = statements(client, reverse(name))

        assert not [sql for sql in captured if re.search(r"COUNT\(|OFFSET [^0]", sql)]

    @pytest.mark.parametrize("name", [name for name in LISTS if "apitoken" not in name])
    def test_refuse_filters_that_no_index_serves(self, client, name):
        assert client.get(reverse(name), {"version_id__gt": "1"}).status_code == 400

    @pytest.mark.parametrize("model", [model for model in MODELS if model != "apitoken"])
    def test_offer_no_way_to_add_or_delete(self, client, model):
        assert client.get(reverse(f"admin:patients_{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:patients_{model}_delete", args=["1"])).status_code == 403

    def test_answer_200_to_staff_with_the_right_to_look(self):
        staff = user(is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="view_fhirresource"))

        assert client_of(staff).get(reverse("admin:patients_fhirresource_changelist")).status_code == 200


class TestPages:
    @pytest.mark.parametrize(
        "model",
        [FhirResource, PatientIndex, PatientSummaryDelta, SearchToken, AuditRecord],
    )
    def test_answer_200_to_an_administrator(self, client, smith, model):
        row = model.objects.latest("pk")

        assert client.get(_page(row)).status_code == 200

    def test_show_a_row_of_the_view_and_of_its_refreshes(self, client, smith):
        summary_refresh.refresh(trigger="command", is_forced=True)

        for row in (PatientSummary.objects.get(pk=smith.pk), SummaryRefresh.objects.latest("pk")):
            assert client.get(_page(row)).status_code == 200

    def test_cannot_be_changed(self, client, smith):
        response = client.post(_page(PatientIndex.objects.get(pk=smith.pk)), {"family_name": "x"})

        assert response.status_code == 403

    def test_answer_403_to_staff_without_the_right(self, smith):
        assert client_of(user(is_staff=True)).get(_page(smith)).status_code == 403


class TestResourceList:
    ADDRESS = "/admin/patients/fhirresource/"

    def test_reads_one_page_along_the_primary_key(self, client, many):
        _, captured = statements(client, self.ADDRESS)
        [sql] = of_table(captured, "fhir_resources")

        assert "resource_data" not in sql
        assert "Index Scan Backward using fhir_resources_pkey" in plan(sql)

    def test_reads_one_type_along_the_index_of_type_and_id(self, client, many):
        response, captured = statements(client, self.ADDRESS, type="Basic")
        [sql] = of_table(captured, "fhir_resources")
        ids = [row.fhir_id for row in response.context["cl"].result_list if row.fhir_id.startswith(PREFIX)]

        assert ids == sorted(ids)
        assert "using fhir_resources_type_and_fhir_id" in plan(sql)
        assert "Sort" not in plan(sql)

    def test_goes_through_all_pages_and_back(self, client, many):
        parameters = {"type": "Basic", "after": f"{PREFIX}00099"}
        first = client.get(self.ADDRESS, parameters).context["cl"]
        second = client.get(self.ADDRESS + first.next_page).context["cl"]
        back = client.get(self.ADDRESS + second.previous_page).context["cl"]

        assert [row.fhir_id for row in first.result_list] == [f"{PREFIX}{n:05}" for n in range(100, 150)]
        assert [row.fhir_id for row in second.result_list] == [f"{PREFIX}{n:05}" for n in range(150, 200)]
        assert [row.pk for row in back.result_list] == [row.pk for row in first.result_list]

    def test_ends(self, client, many):
        last = client.get(self.ADDRESS, {"type": "Basic", "after": f"{PREFIX}{ROWS - 3:05}"}).context["cl"]

        assert [row.fhir_id for row in last.result_list][:2] == [
            f"{PREFIX}{ROWS - 2:05}",
            f"{PREFIX}{ROWS - 1:05}",
        ]

    @pytest.mark.parametrize("cursor", ["x", "1~2", "", "9" * 40, "\x00"])
    def test_survives_a_cursor_of_somebody_elses_making(self, client, cursor):
        assert client.get(self.ADDRESS, {"after": cursor}).status_code in (200, 302)

    def test_finds_by_reference_id_name_and_identifier(self, client, smith):
        family = PatientIndex.objects.get(pk=smith.pk).family_name

        for term in (str(smith), smith.fhir_id, f"{family[:8]} anna", f"{family}7", f"urn:test|{family}7"):
            found = client.get(self.ADDRESS, {"q": term}).context["cl"].result_list
            assert [row.pk for row in found] == [smith.pk], term

    def test_links_a_patient_to_the_chart(self, client, smith):
        response = client.get(self.ADDRESS, {"q": str(smith)})

        assert f'href="/patients/{smith.fhir_id}/"' in response.content.decode()


class TestPatientSummaryList:
    ADDRESS = "/admin/patients/patientsummary/"

    def test_tells_which_rows_the_delta_has_overtaken(self, client):
        id = people.created(name=[{"family": people.word()}])
        summary_refresh.refresh(trigger="command", is_forced=True)
        fresh = client.get(self.ADDRESS, {"q": f"Patient/{id}"}).content.decode()

        people.updated(id, name=[{"family": people.word()}])
        stale = client.get(self.ADDRESS, {"q": f"Patient/{id}"}).content.decode()

        assert "current" in fresh
        assert "version 2 in the delta" in stale

    def test_records_whose_data_it_showed(self, client, administrator, smith):
        summary_refresh.refresh(trigger="command", is_forced=True)

        client.get(self.ADDRESS, {"q": str(smith)})

        row = audit_records().filter(actor=administrator.username).latest("id")
        assert (row.interaction, row.resource_type, row.channel) == ("search", "Patient", "session")
        assert row.patients == [smith.fhir_id]


class TestAuditList:
    ADDRESS = "/admin/patients/auditrecord/"

    def test_reads_along_the_index_on_the_time(self, client, many):
        _, captured = statements(client, self.ADDRESS, within="week")
        [sql] = of_table(captured, "audit_records")

        assert 'ORDER BY "audit_records"."recorded" DESC' in sql

    @pytest.mark.parametrize("by", ["reference", "id", "actor"])
    def test_finds_exactly(self, client, administrator, smith, by):
        client.get(_page(smith))
        term = {"reference": str(smith), "id": smith.fhir_id, "actor": administrator.username}[by]

        rows = client.get(self.ADDRESS, {"q": term}).context["cl"].result_list

        assert rows
        assert all(smith.fhir_id in row.patients or row.actor == administrator.username for row in rows)

    def test_leaves_a_record_of_whoever_looks(self, client, administrator):
        client.get(self.ADDRESS, {"q": "Patient/1"})

        row = audit_records().filter(actor=administrator.username).latest("id")
        assert (row.interaction, row.resource_type) == ("search", "AuditEvent")
        assert row.query == f"{self.ADDRESS}?q=Patient%2F1"

    def test_is_for_whom_the_policy_lets_see_it(self):
        without = client_of(people.user_with("clinician", is_staff=True, is_superuser=True))

        assert without.get(self.ADDRESS).status_code == 403


def _page(row):
    return reverse(f"admin:patients_{row._meta.model_name}_change", args=[row.pk])

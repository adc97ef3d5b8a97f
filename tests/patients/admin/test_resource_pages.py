import html
import re

import pytest
from django.urls import reverse

from patients import interactions
from patients.fhir.resource import parse
from patients.models import FhirResource
from tests import people
from tests.audited import audit_records


def text_of(response):
    [pre] = re.findall(r'<pre class="json"[^>]*>(.*?)</pre>', response.content.decode(), re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", pre)).rstrip("\n")


def audited(administrator, count):
    rows = audit_records().filter(actor=administrator.username).order_by("-id")
    columns = ("interaction", "resource_id", "version_id", "channel", "outcome")
    return list(rows.values_list(*columns)[:count])[::-1]


def page(resource):
    return reverse("admin:patients_fhirresource_change", args=[resource.pk])


class TestResourcePage:
    def test_shows_the_stored_text_letter_for_letter(self, client, actor):
        body = b'{"resourceType":"Observation","status":"final","code":{"text":"<b>&amp;</b> \\u00e9"},'
        body += b'"valueQuantity":{"value":1.0E2}}'
        written = interactions.create(actor=actor, resource=parse(body)).resource
        row = FhirResource.objects.get(resource_type="Observation", fhir_id=written.id)

        shown = text_of(client.get(page(row)))

        assert re.sub(r"\n *", "", shown).replace('": ', '":') == written.content

    def test_leaves_audit_rows(self, client, administrator, smith):
        client.get(page(smith))

        assert audited(administrator, 2) == [
            ("history", smith.fhir_id, None, "session", 200),
            ("read", smith.fhir_id, 3, "session", 200),
        ]

    def test_lists_versions_and_what_finds_it(self, client, smith):
        response = client.get(page(smith))

        assert [entry.version_id for entry in response.context["versions"]] == [3, 2, 1]
        assert {row.parameter for row in response.context["search_values"]["strings"]} == {
            "family",
            "given",
            "name",
            "phonetic",
        }
        assert [row.system for row in response.context["search_values"]["tokens"]] == ["urn:test"]

    def test_shows_a_deleted_one_with_its_versions(self, client, actor):
        id = people.created(actor, name=[{"family": people.word()}])
        interactions.delete(actor=actor, resource_type="Patient", id=id)
        row = FhirResource.objects.get(resource_type="Patient", fhir_id=id)

        response = client.get(page(row))

        assert response.status_code == 200
        assert "It is deleted" in response.content.decode()
        assert client.get(f"/admin/patients/fhirresource/{row.pk}/versions/1/").status_code == 200
        assert client.get(f"/admin/patients/fhirresource/{row.pk}/versions/2/").status_code == 410

    @pytest.mark.parametrize("key", ["0", "x", "99999999999999999999999"])
    def test_answers_404_to_an_unknown_key(self, client, key):
        assert client.get(f"/admin/patients/fhirresource/{key}/change/").status_code == 404

    def test_has_no_inline_script_or_style(self, client, smith):
        for address in (
            page(smith),
            "/admin/",
            "/admin/patients/fhirresource/",
            "/admin/patients/apitoken/add/",
        ):
            body = client.get(address).content.decode()
            assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", body), address


class TestVersionPage:
    def test_shows_that_version_and_leaves_an_audit_row(self, client, administrator, smith):
        response = client.get(f"/admin/patients/fhirresource/{smith.pk}/versions/2/")

        assert '"versionId": "2"' in text_of(response)
        assert audited(administrator, 1) == [("vread", smith.fhir_id, 2, "session", 200)]

    def test_answers_404_to_a_version_that_never_was(self, client, smith):
        assert client.get(f"/admin/patients/fhirresource/{smith.pk}/versions/9/").status_code == 404


class TestDifferencePage:
    def test_marks_removed_and_added_lines_by_class_and_sign(self, client, administrator, smith):
        response = client.get(
            f"/admin/patients/fhirresource/{smith.pk}/difference/", {"from": "3", "to": "2"}
        )
        changed = [(row.sign, str(row.line).strip()) for row in response.context["rows"] if row.sign]
        body = response.content.decode()

        assert (response.context["old"].version_id, response.context["new"].version_id) == (2, 3)
        assert ("+", '"gender": "female",') in changed or ("+", '"gender": "female"') in changed
        assert ("\N{MINUS SIGN}", '"versionId": "2",') in changed
        assert '<tr class="removed">' in body
        assert '<tr class="added">' in body
        assert audited(administrator, 2) == [
            ("vread", smith.fhir_id, 2, "session", 200),
            ("vread", smith.fhir_id, 3, "session", 200),
        ]

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
    def test_answers_400_to_what_is_no_version(self, client, smith, version):
        response = client.get(
            f"/admin/patients/fhirresource/{smith.pk}/difference/", {"from": version, "to": "2"}
        )

        assert response.status_code == 400
        assert "Choose two versions to compare; &#x27;from&#x27; names none." in response.content.decode()

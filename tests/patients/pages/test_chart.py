import re

import pytest
from django.test import override_settings
from django.utils import timezone

from patients import interactions
from patients.fhir.outcomes import Unavailable
from tests.patients.pages.test_search import text_of
from tests.people import word

SECTIONS = ("problems", "medications", "results", "vitals", "encounters", "allergies", "immunisations")


@pytest.fixture
def patient(records):
    return records.patient(
        name=[{"use": "official", "family": word(), "given": ["Reena"], "prefix": ["Mrs."]}],
        gender="female",
        birthDate="1961-04-14",
    )


def chart(client, id):
    return client.get(f"/patients/{id}/")


def failing(monkeypatch, resource_type):
    """Let the store be unable to answer for one type; it cannot be stopped for one request."""
    answer = interactions.compartment

    def compartment(**arguments):
        if arguments["resource_type"] == resource_type:
            raise Unavailable("The database does not answer.")
        return answer(**arguments)

    monkeypatch.setattr("patients.pages.chart.interactions.compartment", compartment)


class TestChart:
    def test_shows_who_it_is(self, client, records):
        family = word()
        id = records.patient(
            name=[{"family": family, "given": ["Reena"], "prefix": ["Mrs."]}],
            gender="female",
            birthDate="1961-04-14",
            identifier=[{"type": {"coding": [{"code": "SS"}]}, "value": "999-93-5595"}],
        )

        shown = text_of(chart(client, id))

        assert f"{family.upper()}, Reena (Mrs)" in shown
        assert "Born 14-Apr-1961 (" in shown
        assert "Sex Female" in shown
        assert "SSN 999-93-5595" in shown

    def test_shows_age_at_death_and_no_present_age(self, client, records):
        id = records.patient(birthDate="1929-03-21", deceasedDateTime="2020-03-25")

        shown = text_of(chart(client, id))

        assert "Died 25-Mar-2020" in shown
        assert "Age at Death 91y" in shown
        assert "Born 21-Mar-1929 Died" in shown

    def test_shows_a_death_of_which_no_date_is_known(self, client, records):
        shown = text_of(chart(client, records.patient(birthDate="1929", deceasedBoolean=True)))

        assert "Died date not recorded" in shown
        assert "Age at Death" not in shown

    def test_shows_a_value_at_its_recorded_precision(self, client, patient, records):
        records.observation(patient, "72.50", category="laboratory")

        assert "72.50 mmol/L" in text_of(chart(client, patient))

    def test_shows_times_in_the_zone_of_the_site_and_the_recorded_one_beside(self, client, patient, records):
        records.observation(patient, "5", category="laboratory")

        with override_settings(TIME_ZONE="Europe/Dublin"), timezone.override("Europe/Dublin"):
            page = chart(client, patient)

        assert "02-Jul-2026 04:30" in text_of(page)
        assert 'title="Recorded as 2026-07-01T23:30:00-04:00"' in page.content.decode()

    def test_names_a_medication_by_the_resource_it_refers_to(self, client, patient, records):
        medicine = records.stored({"resourceType": "Medication", "code": {"text": "Enoxaparin"}})
        records.medication_request(patient, medicationReference={"reference": f"Medication/{medicine}"})

        assert "Enoxaparin" in text_of(chart(client, patient))

    def test_says_so_if_a_medication_is_not_there(self, client, patient, records):
        records.medication_request(patient, medicationReference={"reference": "Medication/gone"})

        assert "Medication could not be read (Medication/gone)" in text_of(chart(client, patient))

    def test_shows_stored_text_as_text(self, client, patient, records):
        records.condition(patient, "<b onclick=x>Anemia</b>")

        assert "&lt;b onclick=x&gt;Anemia" in chart(client, patient).content.decode()

    def test_shows_no_narrative(self, client, records):
        narrative = '<div xmlns="http://www.w3.org/1999/xhtml">never shown</div>'
        id = records.patient(text={"status": "generated", "div": narrative})

        assert "never shown" not in text_of(chart(client, id))

    def test_links_a_merged_record_to_the_one_that_counts(self, client, patient, records):
        id = records.patient(link=[{"type": "replaced-by", "other": {"reference": f"Patient/{patient}"}}])

        assert f'href="/patients/{patient}/"' in chart(client, id).content.decode()


class TestAllergies:
    def state(self, client, patient):
        return re.findall(r'class="alg alg-(\w+)"', chart(client, patient).content.decode())

    def test_are_not_recorded_until_somebody_says_something(self, client, patient):
        assert self.state(client, patient) == ["blank"]

    def test_are_none_when_somebody_says_so(self, client, patient, records):
        records.allergy(patient, "No known allergy", code="716186003")

        assert self.state(client, patient) == ["none"]

    def test_are_known_when_there_is_one(self, client, patient, records):
        records.allergy(patient, "Latex")

        assert self.state(client, patient) == ["known"]

    def test_are_unavailable_when_they_cannot_be_read(self, client, patient, monkeypatch, records):
        records.allergy(patient, "No known allergy", code="716186003")
        failing(monkeypatch, "AllergyIntolerance")

        response = chart(client, patient)

        assert response.status_code == 200
        assert self.state(client, patient) == ["un"]
        assert "There may be some. Ask the patient." in text_of(response)
        assert "No known" not in text_of(response)

    @pytest.mark.parametrize("section", SECTIONS)
    def test_stand_on_every_page_of_a_patient(self, client, patient, section, records):
        records.allergy(patient, "Latex")

        assert 'class="alg alg-known"' in client.get(f"/patients/{patient}/{section}/").content.decode()


class TestSection:
    @pytest.mark.parametrize(
        ("resource_type", "title"),
        [
            ("Condition", "Problems"),
            ("MedicationRequest", "Medications"),
            ("Observation", "Results"),
            ("Observation", "Vital signs"),
            ("Encounter", "Encounters"),
            ("Immunization", "Immunisations"),
        ],
    )
    def test_fails_on_its_own(self, client, patient, monkeypatch, resource_type, title, records):
        records.allergy(patient, "Latex")
        failing(monkeypatch, resource_type)

        response = chart(client, patient)

        assert response.status_code == 200
        assert f"{title} unavailable." in text_of(response)
        assert "This does not mean there are none." in text_of(response)
        assert "Latex" in text_of(response)

    def test_pages_through_everything(self, client, patient, records):
        for day in range(1, 53):
            start = f"2026-{1 + day // 28:02}-{1 + day % 28:02}"
            records.encounter(patient, start, f"Visit {day:02}")
        address, found = f"/patients/{patient}/encounters/", []

        while address:
            page = client.get(address).content.decode()
            found += re.findall(r"Visit \d\d", page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = following and following.group(1)

        assert found == [f"Visit {day:02}" for day in range(52, 0, -1)]

    def test_says_on_the_chart_that_there_are_more_than_it_read(self, client, patient, records):
        for day in range(1, 29):
            records.encounter(patient, f"2026-01-{day:02}", "Visit")
            records.encounter(patient, f"2026-02-{day:02}", "Visit")

        shown = text_of(chart(client, patient))

        assert "56 in all" in shown
        assert "newest 50 entries say; there are more." in shown

    def test_answers_404_to_a_section_that_is_none(self, client, patient):
        assert client.get(f"/patients/{patient}/documents/").status_code == 404

    def test_answers_400_to_a_cursor_that_is_not_ours(self, client, patient):
        response = client.get(f"/patients/{patient}/encounters/", {"cursor": "made-up"})

        assert response.status_code == 400
        assert "was not given by this server" in text_of(response)


class TestFailures:
    @pytest.mark.parametrize("id", ["%00", "a%00b", "a_b", "x" * 65, "Ren%C3%A9e"])
    def test_answer_404_to_what_is_no_id(self, client, id):
        assert client.get(f"/patients/{id}/").status_code == 404
        assert client.get(f"/patients/{id}/results/").status_code == 404

    def test_answer_404_to_an_unknown_patient(self, client):
        response = chart(client, "nobody")

        assert response.status_code == 404
        assert "Patient/nobody is not known." in text_of(response)

    def test_answer_410_to_a_deleted_patient(self, client, patient, records):
        records.deleted(patient)

        response = chart(client, patient)

        assert response.status_code == 410
        assert "This record was deleted" in text_of(response)

    def test_answer_503_when_the_patient_cannot_be_read(self, client, patient, monkeypatch):
        def down(**_arguments):
            raise Unavailable("The database does not answer.")

        monkeypatch.setattr("patients.pages.chart.interactions.read", down)

        response = chart(client, patient)

        assert response.status_code == 503
        assert "The records cannot be read just now" in text_of(response)

    def test_answer_500_without_asking_who_it_is(self, client, patient, monkeypatch):
        def defect(**_arguments):
            raise RuntimeError

        monkeypatch.setattr("patients.pages.chart.interactions.read", defect)
        client.raise_request_exception = False

        response = chart(client, patient)

        assert response.status_code == 500
        assert response["X-Request-Id"] in text_of(response)
        assert "Log out" not in text_of(response)

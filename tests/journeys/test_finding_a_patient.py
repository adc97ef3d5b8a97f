"""A clinician looks for a patient and reads the chart."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import log_in, watch
from tests.people import word

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def patient(records):
    family = word()
    id = records.patient(
        name=[{"family": family, "given": ["Reena"], "prefix": ["Mrs."]}],
        birthDate="1961-04-14",
        gender="female",
        identifier=[{"type": {"coding": [{"code": "MR"}]}, "value": f"M{family}12345"}],
    )
    records.allergy(id, "Latex")
    records.observation(id, "72.50", category="laboratory")
    return id, family


def search(page, text):
    page.get_by_role("searchbox", name="Find a patient").fill(text)
    page.get_by_role("button", name="Search").click()


class TestFindingAPatient:
    def test_by_name_leads_to_the_chart_with_its_allergies(self, logged_in, patient):
        _, family = patient

        search(logged_in, f"reena {family}")
        logged_in.get_by_role("link", name=f"{family.upper()}, Reena (Mrs)").click()

        expect(logged_in.get_by_role("heading", level=1)).to_have_text(f"{family.upper()}, Reena (Mrs)")
        expect(logged_in.get_by_role("group", name="Allergies")).to_contain_text("Known allergies")
        expect(logged_in.get_by_role("region", name="Results")).to_contain_text("72.50")

    @pytest.mark.parametrize("typed", ["M{family}12345", "{family} 14-Apr-1961", "14/4/1961 {family}"])
    def test_by_identifier_and_by_date_of_birth(self, logged_in, patient, typed):
        id, family = patient

        search(logged_in, typed.format(family=family))

        expect(logged_in.locator(".rows .pt")).to_have_attribute("href", f"/patients/{id}/")

    def test_says_who_was_not_found_and_how_it_was_understood(self, logged_in):
        search(logged_in, f"{word()} 1961")

        expect(logged_in.get_by_role("status")).to_contain_text("No patient matches")
        expect(logged_in.get_by_role("status")).to_contain_text("Born 1961")

    def test_shows_who_it_is_however_long_the_name_is(self, logged_in, records):
        family = word()
        id = records.patient(
            name=[
                {"family": family + "x" * 50_000, "given": ["Reena"]},
                {"use": "old", "family": "y" * 5_000},
            ],
            birthDate="1961-04-14",
            identifier=[{"type": {"coding": [{"code": "MR"}]}, "value": "M" * 500}],
        )
        search(logged_in, family)
        expect(logged_in.get_by_role("cell", name="14-Apr-1961")).to_be_in_viewport(ratio=1)

        logged_in.goto(f"/patients/{id}/")

        banner = logged_in.get_by_role("region", name="Patient")
        for shown in ("14-Apr-1961", "Not recorded", "Allergies not recorded", "MRN"):
            expect(banner.get_by_text(shown).first).to_be_in_viewport(ratio=1)
        expect(logged_in.get_by_role("region", name="Problems")).to_be_in_viewport()

    def test_needs_no_mouse(self, logged_in, patient):
        id, family = patient
        expect(logged_in.get_by_role("searchbox")).to_be_focused()

        logged_in.keyboard.type(family)
        logged_in.keyboard.press("Enter")
        logged_in.wait_for_url("**/?q=*")
        logged_in.get_by_role("searchbox").focus()
        logged_in.keyboard.press("ArrowDown")
        expect(logged_in.locator(".rows .pt")).to_be_focused()
        logged_in.keyboard.press("Escape")
        expect(logged_in.get_by_role("searchbox")).to_be_focused()
        logged_in.keyboard.press("ArrowDown")
        logged_in.keyboard.press("Enter")

        logged_in.wait_for_url(f"**/patients/{id}/")

    def test_needs_no_script(self, chromium, site, clinician, patient, complaints):
        _, family = patient
        context = chromium.new_context(base_url=site.http, java_script_enabled=False)
        page = context.new_page()
        watch(page, complaints)

        log_in(page, clinician)
        search(page, family)
        page.locator(".rows .pt").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text(family.upper())
        page.get_by_role("link", name="All Results").click()
        expect(page.get_by_role("region", name="Results")).to_contain_text("72.50")
        assert complaints == []
        context.close()


class TestLeaving:
    def test_shows_nothing_to_who_comes_next_and_goes_back(self, logged_in, patient):
        id, family = patient
        logged_in.goto(f"/patients/{id}/")
        logged_in.get_by_role("button", name="Log out").click()
        expect(logged_in.get_by_role("heading", level=1)).to_have_text("Log in")

        logged_in.go_back()

        expect(logged_in.get_by_role("heading", level=1)).to_have_text("Log in")
        assert family.upper() not in logged_in.content()

    def test_refuses_a_wrong_password_in_words(self, page, clinician):
        page.goto("/")
        page.get_by_label("User name").fill(clinician.name)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()

        expect(page.get_by_role("alert")).to_contain_text("That name and password do not match.")

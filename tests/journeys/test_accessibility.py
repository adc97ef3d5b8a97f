"""No page has anything that axe finds fault with, by day or by night, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import log_in, watch
from tests.people import word

pytestmark = pytest.mark.browser

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SECTIONS = ("problems", "medications", "results", "vitals", "encounters", "allergies", "immunisations")


@pytest.fixture(scope="module")
def patients(records):
    """A full chart, one of somebody who died, and an empty one of somebody with a very long name."""
    family = word()
    full = records.patient(
        name=[{"family": family, "given": ["Reena"]}], birthDate="1961-04-14", gender="female"
    )
    records.allergy(full, "Latex", criticality="high")
    records.condition(full, "Anemia")
    records.medication_request(full, medicationCodeableConcept={"text": "Lisinopril"})
    records.medication_request(full, status="stopped", medicationCodeableConcept={"text": "Amoxicillin"})
    records.encounter(full, "2026-11-22", "Check-up")
    records.observation(full, "72.50", category="laboratory")
    records.observation(full, "37.5", category="vital-signs")
    died = records.patient(name=[{"family": family}], birthDate="1929-03-21", deceasedDateTime="2020-03-25")
    long_name = {"family": "Wolfeschlegelsteinhausenbergerdorff" * 2, "given": ["Hubert"] * 9}
    empty = records.patient(name=[long_name], active=False)
    return family, full, died, empty


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault(chromium, site, clinician, patients, complaints, scheme, viewport):
    family, full, died, empty = patients
    context = chromium.new_context(base_url=site.http, color_scheme=scheme, viewport=viewport)
    page = context.new_page()
    watch(page, complaints)
    page.goto("/login/")
    faults = look_at(page)
    log_in(page, clinician)

    charts = [f"/patients/{id}/" for id in (full, died, empty)]
    sections = [f"/patients/{full}/{section}/" for section in SECTIONS]
    searches = ["/", f"/?q={family}", "/?q=wolfeschlegelsteinhausen", f"/?q={word()}", f"/?q={'x' * 201}"]
    for address in (*searches, *charts, *sections, "/patients/nobody/", "/nothing"):
        page.goto(address)
        faults += look_at(page)

    assert faults == []
    assert complaints == []
    context.close()


def look_at(page) -> list[str]:
    """What is wrong with the page: axe's findings, and anything that makes it scroll sideways."""
    found = Axe().run(page).response
    assert found["passes"], "axe looked at nothing"
    faults = [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"{page.url}: scrolls sideways")
    return faults

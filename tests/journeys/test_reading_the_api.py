"""A developer reads the description of the API, and asks something from there."""

import pytest

pytestmark = pytest.mark.browser


def test_the_description_is_shown_and_answers_a_question(logged_in):
    logged_in.goto("/api/docs")

    logged_in.get_by_text("/fhir/Patient/{id}/$everything").first.wait_for()
    logged_in.locator("#operations-metadata-get_fhir_metadata button").first.click()
    logged_in.get_by_role("button", name="Try it out").click()
    logged_in.get_by_role("button", name="Execute").click()

    # Nearly a megabyte, which the reader colours word by word.
    logged_in.get_by_text('"resourceType": "CapabilityStatement"').first.wait_for(timeout=40_000)

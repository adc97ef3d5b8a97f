"""The audit row of a search names each Patient whose data is disclosed; a compartment holds no others."""

from patients import interactions
from patients.fhir.search_request import parse
from tests.audited import audit_records
from tests.people import TESTER, word
from tests.records import Records

RECORDS = Records(TESTER)


def test_names_the_patients_and_stays_in_the_compartment():
    text = word()
    first, second = RECORDS.patient(), RECORDS.patient()
    ids = [RECORDS.observation(each, "4.1", category=text) for each in (first, second)]
    request = parse("Observation", [("category", text)])

    page = interactions.search(actor=TESTER, request=request)
    assert {entry.id for entry in page.entries} == set(ids)
    record = audit_records().filter(interaction="search", query__contains=text).latest("id")
    assert set(record.patients) == {first, second}

    page = interactions.search(actor=TESTER, request=request, compartment=first)
    assert [entry.id for entry in page.entries] == ids[:1]
    record = audit_records().filter(interaction="search", query__contains=text).latest("id")
    assert record.patients == [first]

"""Orders that cannot be taken, and what was never ordered."""

import uuid

import pytest

from tests.patients.api.export.orders import ASYNC
from tests.patients.api.messages import issue


class TestRefusals:
    def test_it_is_answered_later_only(self, client):
        assert issue(client.get("/fhir/$export")) == (
            400,
            "invalid",
            "$export is answered later only; ask for that with 'Prefer: respond-async'.",
        )

    @pytest.mark.parametrize(
        ("address", "code", "sentence"),
        [
            (
                "$export?_outputFormat=csv",
                "value",
                "Parameter '_outputFormat' takes application/fhir+ndjson only.",
            ),
            (
                "$export?includeAssociatedData=x",
                "not-supported",
                "Unknown parameter 'includeAssociatedData';"
                " $export takes _elements, _outputFormat, _since, _type, _typeFilter.",
            ),
            ("$export?_elements=cake", "value", "Parameter '_elements' names 'cake', which is no element."),
            (
                "$export?_type=Group&_elements=Patient.name",
                "value",
                "Parameter '_elements' names elements of 'Patient', not exported.",
            ),
            (
                "$export?_elements=" + ",".join(["id"] * 101),
                "value",
                "Parameter '_elements' names 101 elements; 100 may be.",
            ),
            (
                "$export?_type=Group&_typeFilter=Patient%3Factive%3Dtrue",
                "value",
                "Parameter '_typeFilter' takes searches of types that are exported, not 'Patient'.",
            ),
            (
                "$export?_typeFilter=active%3Dtrue",
                "value",
                "Parameter '_typeFilter' takes searches of types that are exported, not 'active=true'.",
            ),
            (
                "$export?_typeFilter=Patient%3F_sort%3Dname",
                "value",
                "Parameter '_typeFilter': the search of Patient must have criteria, and say nothing else.",
            ),
            (
                "$export?_typeFilter=Patient%3Factive%3Dtrue%26_include%3DPatient%3Alink",
                "value",
                "Parameter '_typeFilter': the search of Patient must have criteria, and say nothing else.",
            ),
            (
                "$export?_typeFilter=Patient%3Fcake%3D1",
                "value",
                "Parameter '_typeFilter': Patient: Unknown search parameter 'cake'.",
            ),
            (
                "$export?_typeFilter=Patient%3Fname%3D%25ff",
                "value",
                "Parameter '_typeFilter': the search of Patient is not percent-encoded UTF-8.",
            ),
            (
                "$export?" + "&".join(["_typeFilter=Patient%3Factive%3Dtrue"] * 21),
                "value",
                "Parameter '_typeFilter' has 21 filters; 20 may be given.",
            ),
            (
                "$export?_typeFilter=Patient%3Fname%3D" + "x" * 40_000,
                "value",
                "Parameter '_typeFilter': Patient: A search may be at most 65536 characters long.",
            ),
            ("$export?_type=Nothing", "value", "Parameter '_type' names 'Nothing', which R4 has not."),
            (
                "Patient/$export?_type=Practitioner",
                "value",
                "Parameter '_type' names Practitioner, which is in no Patient's compartment.",
            ),
            (
                "$export?_since=yesterday",
                "value",
                "Parameter '_since' has a date that is not written like 2026, 2026-07, 2026-07-15 or"
                " 2026-07-15T09:30:00Z.",
            ),
            ("$export?_since=2026&_since=2025", "value", "Parameter '_since' is given more than once."),
        ],
    )
    def test_a_parameter_that_cannot_be_honoured_is_named(self, client, address, code, sentence):
        assert issue(client.get(f"/fhir/{address}", headers=ASYNC)) == (400, code, sentence)

    @pytest.mark.parametrize(
        "address",
        [
            "_export/none",
            f"_export/{uuid.uuid4()}/..%2f..%2finstance.json",
            "_export/../instance.json",
            f"_export/{uuid.uuid4()}",
            f"_export/{uuid.uuid4()}/{uuid.uuid4()}",
        ],
    )
    def test_what_was_never_ordered_is_404(self, client, address):
        assert client.get(f"/fhir/{address}").status_code == 404

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
                "$export?_typeFilter=Patient%3Factive",
                "not-supported",
                "Unknown parameter '_typeFilter'; $export takes _outputFormat, _since, _type.",
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

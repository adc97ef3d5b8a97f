"""Transactions that want each other's resources: in the end all have what they asked for."""

from tests.patients.api.bundle_requests import bundle, entry, put, sent, statuses
from tests.patients.api.concurrency.writers import at_once
from tests.patients.api.messages import created
from tests.patients.api.test_patches_in_bundles import ACTIVE, binary


class TestPatches:
    def test_that_wait_for_each_other_in_a_circle_are_tried_again(self, client):
        """Each has updated what the other is about to patch."""
        ids = [created(client), created(client)]

        def run(at: int) -> list[str]:
            written = put({"resourceType": "Patient", "id": ids[at], "gender": "female"})
            patch = entry("PATCH", f"Patient/{ids[1 - at]}", binary(ACTIVE))
            return statuses(sent(client, bundle("transaction", written, patch)))

        for _ in range(8):
            assert at_once(2, run) == [["200 OK", "200 OK"]] * 2
        versions = [client.get(f"/fhir/Patient/{id}").json()["meta"]["versionId"] for id in ids]
        assert versions == ["17", "17"]

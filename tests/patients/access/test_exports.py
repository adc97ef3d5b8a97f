"""An export holds what whoever ordered it may see, as the policy is when it is written."""

import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from patients.models import ExportJob, Grant
from patients.tokens import make_token
from tests.patients.access.test_hidden import RESTRICTED
from tests.patients.api.export.orders import ASYNC, manifest_of
from tests.people import TESTER, created, user_with, word
from tests.records import Records


@pytest.fixture(autouse=True)
def from_the_primary(settings):
    settings.REPLICA_ENABLED = False
    ExportJob.objects.all().delete()


@pytest.fixture(scope="module")
def role(database) -> str:
    role = Group.objects.create(name=word())
    types = ["Patient", "AllergyIntolerance"]
    Grant.objects.create(role=role, resource_types=types, interactions=["export", "search"])
    return role.name


@pytest.fixture
def client(role) -> Client:
    token = make_token(user_with(role), label="test", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"})


def _exported(client: Client, query: str) -> set[str]:
    """The ids of the resources in the files."""
    manifest = manifest_of(client, f"/fhir/$export?{query}")
    return {
        json.loads(line)["id"]
        for output in manifest["output"]
        for line in b"".join(client.get(output["url"])).splitlines()
    }


class TestExports:
    def test_hold_nothing_hidden(self, client):
        records = Records(TESTER)
        hidden, seen = created(**RESTRICTED), created()
        of_hidden, of_seen = records.allergy(hidden, word()), records.allergy(seen, word())
        labelled = records.allergy(seen, word(), **RESTRICTED)

        found = _exported(client, "_type=Patient,AllergyIntolerance")

        assert {seen, of_seen} <= found
        assert not {hidden, of_hidden, labelled} & found

    def test_hold_only_types_that_are_granted(self, client):
        practitioner = Records(TESTER).stored({"resourceType": "Practitioner"})
        patient = created()

        found = _exported(client, "_type=Patient,Practitioner")

        assert patient in found
        assert practitioner not in found

    def test_of_types_that_are_not_granted_are_refused(self, client):
        assert client.get("/fhir/$export?_type=Observation", headers=ASYNC).status_code == 403

    def test_are_filtered_by_nothing_hidden(self, client):
        records = Records(TESTER)
        family = word()
        hidden = created(name=[{"family": family}], **RESTRICTED)
        linked = created(link=[{"other": {"reference": f"Patient/{hidden}"}, "type": "seealso"}])
        seen = created(name=[{"family": family}])
        allergy = records.allergy(seen, word())

        query = f"_type=AllergyIntolerance&_typeFilter=AllergyIntolerance%3Fpatient.family%3D{family}"
        assert _exported(client, query) == {allergy}
        query = f"_type=Patient&_typeFilter=Patient%3Flink%3APatient.family%3D{family}"
        assert linked not in _exported(client, query)

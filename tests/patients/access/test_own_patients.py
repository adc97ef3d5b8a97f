"""Grants that reach a user's own patients: those on their lists, or managed by their organisations."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from patients import access
from patients.models import Affiliation, Grant, PatientList
from patients.tokens import make_token
from tests.patients.admin.visitors import client_of
from tests.patients.admin.visitors import user as visitor
from tests.people import TESTER, created, user_with, word
from tests.records import Records

TYPES = ["Patient", "AllergyIntolerance", "Organization"]
INTERACTIONS = ["read", "vread", "history", "search", "everything", "create", "update"]


@pytest.fixture(autouse=True)
def from_the_primary(settings):
    settings.REPLICA_ENABLED = False


class World:
    """Two Patients of two organisations, and a user who works for the first or has the first on a list."""

    def __init__(self, reach: str) -> None:
        records = Records(TESTER)
        self.role = Group.objects.create(name=word())
        Grant.objects.create(role=self.role, resource_types=TYPES, interactions=INTERACTIONS, reach=reach)
        self.user = user_with(self.role.name)
        self.organisation = records.stored({"resourceType": "Organization", "name": word()})
        manager = {"managingOrganization": {"reference": f"Organization/{self.organisation}"}}
        self.family = word()
        self.own = created(name=[{"family": self.family}], **manager)
        self.other = created(name=[{"family": self.family}])
        self.allergies = [records.allergy(id, word()) for id in (self.own, self.other)]
        token = make_token(self.user, label="test", days=1)
        self.client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)

    def make_own(self) -> None:
        Affiliation.objects.create(user=self.user, organisation_id=self.organisation)
        patients = PatientList.objects.create(name=word())
        patients.users.add(self.user)
        patients.entries.create(patient_id=self.own)
        access.forget()

    def found(self, query: str) -> set[str]:
        answer = self.client.get(f"/fhir/{query}")
        assert answer.status_code == 200, answer.content
        return {entry["resource"]["id"] for entry in answer.json().get("entry", [])}


@pytest.fixture(params=["lists", "organisations"])
def world(request, database) -> World:
    return World(request.param)


def test_grant_nothing_to_whom_nobody_belongs(world):
    assert world.client.get(f"/fhir/Patient/{world.own}").status_code == 403


def test_reach_own_patients_and_no_others(world):
    world.make_own()
    own_allergy, other_allergy = world.allergies

    assert world.client.get(f"/fhir/Patient/{world.own}").status_code == 200
    assert world.client.get(f"/fhir/Patient/{world.other}").status_code == 404
    assert world.client.get(f"/fhir/AllergyIntolerance/{own_allergy}").status_code == 200
    assert world.client.get(f"/fhir/AllergyIntolerance/{other_allergy}/_history").status_code == 404
    assert world.found(f"Patient?family={world.family}") == {world.own}
    assert world.found(f"AllergyIntolerance?patient.family={world.family}") == {own_allergy}
    assert world.found(
        f"Patient?family={world.family}&_has:AllergyIntolerance:patient:code:missing=false"
    ) == {world.own}
    assert world.found(f"Organization?_id={world.organisation}") == {world.organisation}
    assert own_allergy in world.found(f"Patient/{world.own}/$everything")


def test_let_nothing_be_written_of_others(world):
    world.make_own()
    own_allergy, other_allergy = world.allergies
    body = world.client.get(f"/fhir/AllergyIntolerance/{own_allergy}").json()
    of_other = {**body, "id": other_allergy, "patient": {"reference": f"Patient/{world.other}"}}

    def put(value: dict) -> int:
        address = f"/fhir/AllergyIntolerance/{value['id']}"
        return world.client.put(address, value, content_type="application/fhir+json").status_code

    assert put(body) == 200
    assert put(of_other) == 403
    assert put({**body, "patient": of_other["patient"]}) == 403


def test_a_patient_who_is_taken_off_the_list_is_gone_at_once_where_it_was_told(database):
    world = World("lists")
    world.make_own()
    administrator = client_of(visitor(is_staff=True, is_superuser=True))
    patients = world.user.patient_lists.get()
    entry = patients.entries.get()
    assert world.client.get(f"/fhir/Patient/{world.own}").status_code == 200

    answer = administrator.post(
        reverse("admin:patients_patientlist_change", args=[patients.pk]),
        {
            "name": patients.name,
            "users": [world.user.pk],
            "entries-TOTAL_FORMS": "1",
            "entries-INITIAL_FORMS": "1",
            "entries-0-id": str(entry.pk),
            "entries-0-list": str(patients.pk),
            "entries-0-patient_id": word(),
        },
    )

    assert answer.status_code == 302
    assert world.client.get(f"/fhir/Patient/{world.own}").status_code == 404

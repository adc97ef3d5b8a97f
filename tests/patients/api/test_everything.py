"""$everything of a Patient: all of its records, each once, against a naive reading of what was loaded."""

import bz2
import json
import uuid
from pathlib import Path

import pytest
from django.test import Client

from patients import demo
from perf.database import observed
from tests.audited import audit_records
from tests.patients.api.messages import FHIR, issue, sent
from tests.patients.interactions.load.loads import load
from tests.records import Records

BUNDLES = Path(demo.__file__).parent / "bundles"
# Small, and its practitioners and organisations lie in bundles of their own.
SYNTHEA_ID = "9b6fa8e6-e618-17c5-28a8-1095559fd19b"
NAME = f"{SYNTHEA_ID}.json.bz2"


def _references(value) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


@pytest.fixture(scope="module")
def patient_id(user, tmp_path_factory) -> str:
    from patients.models import FhirResource, writing

    folder = tmp_path_factory.mktemp("bundles")
    others = sorted(BUNDLES.glob("0-*.json.bz2"))
    for source in (*others, BUNDLES / NAME):
        (folder / source.name.removesuffix(".bz2")).write_bytes(bz2.decompress(source.read_bytes()))
    assert load(folder).exit_code == 0
    writing.remember_commit(f"user:{user.pk}")  # who asks sees it, as if it were their own
    [patient] = FhirResource.objects.filter(
        resource_type="Patient", resource_data__identifier__contains=[{"value": SYNTHEA_ID}]
    )
    return patient.fhir_id


@pytest.fixture
def records(user) -> Records:
    from patients.access import actor_for

    return Records(actor_for(user, channel="token", request_id="", address=""))


def _entries(client: Client, address: str) -> list[dict]:
    """All pages, by their links."""
    entries = []
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.content
        bundle = sent(response)
        entries += [each["resource"] for each in bundle.get("entry", [])]
        address = next((each["url"] for each in bundle["link"] if each["relation"] == "next"), "")
    return entries


def _keys(entries: list[dict]) -> list[str]:
    return [f"{each['resourceType']}/{each['id']}" for each in entries]


class TestEverything:
    def test_is_all_that_was_loaded_of_the_patient_and_what_that_refers_to(self, client, patient_id):
        found = _keys(_entries(client, f"/fhir/Patient/{patient_id}/$everything"))

        assert found[0] == f"Patient/{patient_id}"
        assert len(found) == len(set(found))
        assert set(found) == _naive(patient_id)

    @pytest.mark.parametrize("count", [1, 7, 100])
    def test_is_the_same_in_pages(self, client, patient_id, count):
        whole = _keys(_entries(client, f"/fhir/Patient/{patient_id}/$everything"))

        paged = _keys(_entries(client, f"/fhir/Patient/{patient_id}/$everything?_count={count}"))

        assert paged == whole

    def test_is_ordered_by_type(self, client, patient_id):
        entries = _entries(client, f"/fhir/Patient/{patient_id}/$everything")

        shared = ("Organization", "Practitioner", "Location", "Medication", "Device")
        own = [each["resourceType"] for each in entries[1:] if each["resourceType"] not in shared]
        assert own == sorted(own)

    def test_of_some_types_leaves_out_the_others(self, client, patient_id):
        whole = _entries(client, f"/fhir/Patient/{patient_id}/$everything")

        some = _entries(
            client, f"/fhir/Patient/{patient_id}/$everything?_type=Encounter,Practitioner&_count=5"
        )

        wanted = ("Encounter", "Practitioner")
        assert _keys(some) == [
            key for key in _keys(whole) if key.startswith(tuple(f"{type}/" for type in wanted))
        ]
        assert {each["resourceType"] for each in some} == set(wanted)

    def test_may_be_asked_for_by_post(self, client, patient_id):
        body = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "_type", "valueCode": "Encounter"},
                {"name": "_count", "valueInteger": 1000},
            ],
        }

        response = client.post(f"/fhir/Patient/{patient_id}/$everything", json.dumps(body), content_type=FHIR)

        assert {each["resource"]["resourceType"] for each in response.json()["entry"]} == {"Encounter"}


class TestReferences:
    @pytest.mark.parametrize("query", ["", "?_count=10"])
    def test_by_the_address_of_this_service_are_followed(self, client, records, query):
        id = records.patient()
        practitioner, other = (records.stored({"resourceType": "Practitioner"}) for _ in range(2))
        records.stored(
            {
                "resourceType": "Flag",
                "status": "active",
                "code": {"text": "Fall risk"},
                "subject": {"reference": f"Patient/{id}"},
                "author": {"reference": f"http://testserver/fhir/Practitioner/{practitioner}"},
                "encounter": {"reference": f"https://elsewhere.example/fhir/Practitioner/{other}"},
            }
        )

        found = _keys(_entries(client, f"/fhir/Patient/{id}/$everything{query}"))

        assert found[0] == f"Patient/{id}"
        assert found[1].startswith("Flag/")
        assert found[2:] == [f"Practitioner/{practitioner}"]


class TestDates:
    def test_choose_by_clinical_date_and_keep_what_has_none(self, client, records):
        id = records.patient()
        before = records.encounter(id, "2019-12-31T23:59:59Z", "before")
        first = records.encounter(id, "2020-01-01T00:00:00Z", "first")
        last = records.encounter(id, "2020-02-29T23:59:59Z", "last")
        after = records.encounter(id, "2020-03-01T00:00:00Z", "after")
        undated = records.allergy(id, "Penicillin")

        ids = [
            each["id"] for each in _entries(client, f"/fhir/Patient/{id}/$everything?start=2020&end=2020-02")
        ]

        assert set(ids) == {id, first, last, undated}
        assert {before, after}.isdisjoint(ids)

    def test_since_leaves_out_what_did_not_change(self, client, records):
        id = records.patient()
        records.encounter(id, "2020-01-01", "old")
        [_, old] = _entries(client, f"/fhir/Patient/{id}/$everything")
        new = records.encounter(id, "2020-01-02", "new")

        entries = _entries(
            client, f"/fhir/Patient/{id}/$everything?_since={old['meta']['lastUpdated']}&_count=1"
        )

        assert [each["id"] for each in entries] == [id, new]


class TestCost:
    def test_a_page_takes_four_queries(self, client, patient_id):
        names = []

        with observed(lambda execution: names.append(execution.name)):
            client.get(f"/fhir/Patient/{patient_id}/$everything?_count=1000")

        assert names == [
            "resource",
            "everything: patient",
            "everything: compartment",
            "everything: references",
        ]

    def test_a_full_page_does_not_look_for_what_is_referred_to(self, client, patient_id):
        names = []

        with observed(lambda execution: names.append(execution.name)):
            client.get(f"/fhir/Patient/{patient_id}/$everything?_count=5")

        assert names == ["resource", "everything: patient", "everything: compartment"]


class TestAudit:
    def test_names_the_patient_and_what_was_asked(self, client, records, user):
        id = records.patient()

        client.get(f"/fhir/Patient/{id}/$everything?_type=Condition")

        row = audit_records().filter(actor=user.get_username()).latest("id")
        assert (row.interaction, row.resource_id, row.patients, row.outcome) == ("everything", id, [id], 200)
        assert row.query == f"Patient/{id}/$everything?_type=Condition"


class TestRefusals:
    def test_an_unknown_patient_is_404(self, client):
        assert issue(client.get("/fhir/Patient/nobody/$everything")) == (
            404,
            "not-found",
            "Patient/nobody is not known.",
        )

    def test_a_deleted_patient_is_410(self, client, records):
        id = records.patient()
        records.deleted(id)

        status, code, _ = issue(client.get(f"/fhir/Patient/{id}/$everything"))

        assert (status, code) == (410, "deleted")

    @pytest.mark.parametrize(
        ("query", "status", "code", "sentence"),
        [
            (
                "_types=Encounter",
                400,
                "not-supported",
                "Unknown parameter '_types'; $everything takes _count, _cursor, _since, _type, end, start.",
            ),
            ("_type=Nothing", 400, "value", "Parameter '_type' names 'Nothing', which R4 has not."),
            ("_type=", 400, "value", "Parameter '_type' has no value that can be understood."),
            ("_count=0", 400, "value", "Parameter '_count' takes a number from 1 to 1000 here."),
            ("_count=1001", 400, "value", "Parameter '_count' takes a number from 1 to 1000 here."),
            ("_count=1&_count=2", 400, "value", "Parameter '_count' is given more than once."),
            (
                "start=2020-02-30",
                400,
                "value",
                "Parameter 'start' has a date that does not exist in the calendar.",
            ),
            (
                "_cursor=made-up",
                400,
                "value",
                "This '_cursor' was not given by this server; begin with the first page.",
            ),
            ("_type=%00", 400, "value", "Parameter '_type' has no value that can be understood."),
        ],
    )
    def test_a_parameter_that_cannot_be_honoured_is_named(
        self, client, records, query, status, code, sentence
    ):
        id = records.patient()

        assert issue(client.get(f"/fhir/Patient/{id}/$everything?{query}")) == (status, code, sentence)

    def test_a_cursor_is_good_for_its_own_patient_only(self, client, records):
        id, other = records.patient(), records.patient()
        records.condition(id, "Cough")
        bundle = client.get(f"/fhir/Patient/{id}/$everything?_count=1").json()
        [address] = [each["url"] for each in bundle["link"] if each["relation"] == "next"]

        response = client.get(address.replace(id, other))

        assert issue(response) == (
            400,
            "value",
            "This '_cursor' belongs to another request; begin with the first page.",
        )

    @pytest.mark.parametrize(
        "body",
        [
            {"resourceType": "Patient"},
            {"resourceType": "Parameters", "parameter": {"name": "_count"}},
            {"resourceType": "Parameters", "parameter": [{"name": "_count"}]},
            {"resourceType": "Parameters", "parameter": [{"name": "_count", "valueCoding": {}}]},
            {"resourceType": "Parameters", "parameter": ["_count"]},
        ],
    )
    def test_a_body_that_is_not_simple_parameters_is_400(self, client, body):
        response = client.post(
            f"/fhir/Patient/{uuid.uuid4()}/$everything", json.dumps(body), content_type=FHIR
        )

        assert issue(response)[:2] == (400, "invalid")


def _naive(patient_id: str) -> set[str]:
    """By reading all of the current resources: those of the bundle's patient, and theirs."""
    from patients.fhir.compartments import compartment_patients
    from patients.models import FhirResource

    current = {
        f"{each.resource_type}/{each.fhir_id}": each for each in FhirResource.objects.filter(deleted=False)
    }
    patients = {
        key: compartment_patients(each.resource_type, each.resource_data) for key, each in current.items()
    }
    own = {f"Patient/{patient_id}"} | {key for key, ids in patients.items() if patient_id in ids}
    named = set().union(*(_references(current[key].resource_data) for key in own))
    shared = {key for key in named & current.keys() if not patients[key] and not key.startswith("Patient/")}
    return own | shared

"""What an actor may not see answers as what does not exist, by every way that leads to it."""

import pytest
from django.test import Client

from patients.access.vocabulary import CONFIDENTIALITY
from patients.tokens import make_token
from tests.people import TESTER, created, user_with, word
from tests.records import CLINICAL, Records

RESTRICTED = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
TYPE = "application/fhir+json"


@pytest.fixture(autouse=True)
def from_the_primary(settings):
    """What somebody else has just written is seen at once."""
    settings.REPLICA_ENABLED = False


@pytest.fixture(scope="module")
def client(database) -> Client:
    """A clinician who states no purpose; labelled R they see nothing."""
    token = make_token(user_with("clinician"), label="test", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


class Hidden:
    """A Patient labelled R, with a record, and one who is not, with a record that is."""

    def __init__(self) -> None:
        records = Records(TESTER)
        self.family = word()
        self.patient = created(name=[{"family": self.family}], birthDate="1950-07-01", **RESTRICTED)
        self.allergy = records.allergy(self.patient, word(), code=word())
        self.seen = created(name=[{"family": self.family}])
        self.seen_allergy = records.allergy(self.seen, word())
        self.labelled_allergy = records.allergy(self.seen, word(), **RESTRICTED)
        self.gone = records.allergy(self.patient, word())
        interactions_delete(self.gone)


def interactions_delete(id: str) -> None:
    from patients import interactions

    interactions.delete(actor=TESTER, resource_type="AllergyIntolerance", id=id)


@pytest.fixture(scope="module")
def hidden(database) -> Hidden:
    return Hidden()


def _ids(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {entry["resource"]["id"] for entry in answer.json().get("entry", [])}


def _anonymous(answer, id: str) -> tuple[int, bytes]:
    return answer.status_code, answer.content.replace(id.encode(), b"ID")


class TestReading:
    @pytest.mark.parametrize("which", ["allergy", "labelled_allergy", "gone"])
    @pytest.mark.parametrize(
        "address",
        [
            "/fhir/AllergyIntolerance/{id}",
            "/fhir/AllergyIntolerance/{id}/_history/1",
            "/fhir/AllergyIntolerance/{id}/_history",
            "/fhir/AllergyIntolerance/{id}/$meta",
            "/fhir/AllergyIntolerance?_id={id}",
        ],
    )
    def test_answers_as_of_what_is_not_there(self, client, hidden, which, address):
        id, unknown = getattr(hidden, which), word(36)
        found, nothing = (client.get(address.format(id=each)) for each in (id, unknown))

        if "?" in address:
            assert _ids(found) == set()
        else:
            assert found.status_code == 404
            assert _anonymous(found, id) == _anonymous(nothing, unknown)

    @pytest.mark.parametrize(
        "address",
        [
            "/fhir/Patient/{id}",
            "/fhir/Patient/{id}/_history/1",
            "/fhir/Patient/{id}/_history",
            "/fhir/Patient/{id}/$everything",
            "/api/patients/{id}",
        ],
    )
    def test_answers_so_of_a_patient(self, client, hidden, address):
        unknown = word(36)
        found, nothing = (client.get(address.format(id=each)) for each in (hidden.patient, unknown))

        assert found.status_code == 404
        assert _anonymous(found, hidden.patient) == _anonymous(nothing, unknown)

    def test_answers_304_to_nobody_who_may_not_read(self, client, hidden):
        answer = client.get(f"/fhir/Patient/{hidden.patient}", headers={"If-None-Match": 'W/"1"'})

        assert answer.status_code == 404

    def test_hides_a_version_that_was_labelled_when_the_resource_no_longer_is(self, client):
        id = created(**RESTRICTED)
        Records(TESTER).changed(id, active=True)

        assert client.get(f"/fhir/Patient/{id}").status_code == 200
        assert client.get(f"/fhir/Patient/{id}/_history/2").status_code == 200
        assert client.get(f"/fhir/Patient/{id}/_history/1").status_code == 404
        assert len(client.get(f"/fhir/Patient/{id}/_history").json()["entry"]) == 1

    def test_hides_a_version_of_before_it_was_labelled(self, client):
        id = created(active=True)
        assert client.get(f"/fhir/Patient/{id}/_history/1").status_code == 200

        Records(TESTER).changed(id, **RESTRICTED)

        assert client.get(f"/fhir/Patient/{id}/_history/1").status_code == 404


class TestPurpose:
    @pytest.mark.parametrize(
        ("label", "purpose", "status"),
        [("R", "TREAT", 200), ("R", "", 404), ("V", "TREAT", 404), ("R", "CURIOSITY", 400)],
    )
    def test_opens_what_the_role_reaches_for_one(self, client, label, purpose, status):
        id = created(meta={"security": [{"system": CONFIDENTIALITY, "code": label}]})
        allergy = Records(TESTER).allergy(id, word())
        headers = {"X-Purpose-Of-Use": purpose} if purpose else {}

        for address in (f"Patient/{id}", f"Patient/{id}/_history/1", f"AllergyIntolerance/{allergy}"):
            assert client.get(f"/fhir/{address}", headers=headers).status_code == status

    @pytest.mark.parametrize("kind", ["batch", "transaction"])
    def test_is_that_of_the_entries_of_a_bundle(self, client, kind):
        id = created(**RESTRICTED)
        entry = {"request": {"method": "GET", "url": f"Patient/{id}"}}
        bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}

        answer = client.post("/fhir", bundle, content_type=TYPE, headers={"X-Purpose-Of-Use": "TREAT"})

        assert answer.status_code == 200
        assert answer.json()["entry"][0]["resource"]["id"] == id


class TestSearching:
    @pytest.mark.parametrize(
        "query",
        [
            "Patient?family={family}",
            "Patient?family={family}&_sort=birthdate",
            "Patient?family={family}&_total=accurate",
            "Patient?family={family}&gender:missing=true&general-practitioner:missing=true",
            "Patient?_id={patient},{seen}",
        ],
    )
    def test_finds_patients_who_are_seen_alone(self, client, hidden, query):
        answer = client.get(f"/fhir/{query}".format(**vars(hidden)))

        assert _ids(answer) == {hidden.seen}
        assert answer.json().get("total", 1) == 1

    @pytest.mark.parametrize(
        "query",
        [
            "AllergyIntolerance?patient={patient},{seen}",
            "AllergyIntolerance?patient={patient},{seen}&clinical-status=active",
            "AllergyIntolerance?patient={patient},{seen}&_sort=_lastUpdated",
            "AllergyIntolerance?_id={allergy},{seen_allergy},{labelled_allergy},{gone}",
            "AllergyIntolerance?patient.family={family}",
            "AllergyIntolerance?patient={patient},{seen}&_total=accurate",
        ],
    )
    def test_finds_records_that_are_seen_alone(self, client, hidden, query):
        answer = client.get(f"/fhir/{query}".format(**vars(hidden)))

        assert _ids(answer) == {hidden.seen_allergy}
        assert answer.json().get("total", 1) == 1

    def test_finds_nothing_in_the_compartment_of_a_hidden_patient(self, client, hidden):
        assert _ids(client.get(f"/fhir/Patient/{hidden.patient}/AllergyIntolerance")) == set()
        assert _ids(client.get(f"/fhir/Patient/{hidden.seen}/AllergyIntolerance")) == {hidden.seen_allergy}

    def test_includes_nothing_hidden(self, client, hidden):
        included = client.get(f"/fhir/Patient?_id={hidden.seen}&_revinclude=AllergyIntolerance:patient")

        assert _ids(included) == {hidden.seen, hidden.seen_allergy}

    def test_includes_no_hidden_patient_of_a_record_that_is_seen(self, client, hidden):
        records = Records(TESTER)
        slot = {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": {"reference": f"Patient/{hidden.seen}"},
            "reasonReference": [{"reference": f"Condition/{records.condition(hidden.patient, 'x')}"}],
        }
        request = records.stored(slot)

        answer = client.get(f"/fhir/ServiceRequest?_id={request}&_include=*")

        assert _ids(answer) == {request, hidden.seen}

    @pytest.mark.parametrize("query", ["/api/patients?family={family}", "/?q={family}"])
    def test_shows_no_hidden_patient_in_lists(self, client, hidden, query):
        if query.startswith("/?"):
            client = Client()
            client.force_login(user_with("clinician"))
        text = client.get(query.format(family=hidden.family)).content.decode()

        assert hidden.seen in text
        assert hidden.patient not in text

    def test_has_tells_nothing_of_hidden_records(self, client):
        """The hole of another server: halving the range of a value that may not be read, by `_has`."""
        records = Records(TESTER)
        value = 137
        patient = created()
        text = (
            '{"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "meta": {"security":'
            f' [{{"system": "{CONFIDENTIALITY}", "code": "R"}}]}}, "subject": {{"reference":'
            f' "Patient/{patient}"}}, "valueQuantity": {{"value": {value}}}}}'
        )
        records.stored(text)
        answers = [
            _ids(
                client.get(
                    f"/fhir/Patient?_id={patient}&_has:Observation:patient:value-quantity={prefix}{bound}"
                )
            )
            for bound in (0, 64, 128, 136, 137, 138, 256)
            for prefix in ("gt", "lt", "")
        ]

        assert answers == [set()] * 21

    def test_chains_tell_nothing_of_hidden_patients(self, client, hidden):
        records = Records(TESTER)
        group = records.stored(
            {
                "resourceType": "RelatedPerson",
                "patient": {"reference": f"Patient/{hidden.seen}"},
                "name": [{"family": word()}],
            }
        )
        assert _ids(client.get(f"/fhir/RelatedPerson?_id={group}&patient.family={hidden.family}")) == {group}
        link = [{"other": {"reference": f"Patient/{hidden.patient}"}, "type": "seealso"}]
        linking = created(link=link)

        found = client.get(f"/fhir/Patient?_id={linking}&link:Patient.birthdate=1950-07-01")

        assert _ids(found) == set()

    def test_list_tells_nothing_by_a_hidden_list(self, client, hidden):
        records = Records(TESTER)
        listed = {
            "resourceType": "List",
            "status": "current",
            "mode": "working",
            "entry": [{"item": {"reference": f"Patient/{hidden.seen}"}}],
        }
        open_list, closed_list = records.stored(listed), records.stored({**listed, **RESTRICTED})

        assert _ids(client.get(f"/fhir/Patient?_list={open_list}")) == {hidden.seen}
        assert _ids(client.get(f"/fhir/Patient?_list={closed_list}")) == set()

    @pytest.mark.parametrize(
        "query",
        [
            "Encounter?account.identifier=1",
            "Patient?_has:Claim:patient:created=gt2020",
            "Patient?_has:Observation:patient:_has:AuditEvent:entity:date=gt2020",
        ],
    )
    def test_refuses_to_look_at_types_that_may_not_be_searched(self, client, query):
        answer = client.get(f"/fhir/{query}")

        assert answer.status_code == 403

    def test_includes_no_types_that_may_not_be_searched(self, client, hidden):
        claim = {
            "resourceType": "Coverage",
            "status": "active",
            "beneficiary": {"reference": f"Patient/{hidden.seen}"},
            "payor": [{"reference": f"Patient/{hidden.seen}"}],
        }
        Records(TESTER).stored(claim)

        answer = client.get(f"/fhir/Patient?_id={hidden.seen}&_revinclude=Coverage:beneficiary")

        assert _ids(answer) == {hidden.seen}


class TestCharts:
    @pytest.fixture
    def chart(self, database) -> Client:
        chart = Client(raise_request_exception=False)
        chart.force_login(user_with("clinician"))
        return chart

    def test_show_what_is_seen_of_a_patient_who_is(self, chart, hidden):
        records = Records(TESTER)
        told, untold = word(), word()
        records.allergy(hidden.seen, told)
        records.allergy(hidden.seen, untold, **RESTRICTED)

        for address in (f"/patients/{hidden.seen}/", f"/patients/{hidden.seen}/allergies/"):
            text = chart.get(address).content.decode()
            assert told in text
            assert untold not in text

    @pytest.mark.parametrize("address", ["/patients/{id}/", "/patients/{id}/allergies/"])
    def test_answer_as_of_nobody_of_a_patient_who_is_not(self, chart, hidden, address):
        assert chart.get(address.format(id=hidden.patient)).status_code == 404

    @pytest.mark.parametrize("query", ["", "?_count=50"])
    def test_everything_leaves_out_what_is_hidden_and_what_only_that_refers_to(self, client, hidden, query):
        records = Records(TESTER)
        organisation = records.stored({"resourceType": "Organization", "name": word()})
        coverage = {
            "resourceType": "Coverage",
            "status": "active",
            "beneficiary": {"reference": f"Patient/{hidden.seen}"},
            "payor": [{"reference": f"Organization/{organisation}"}],
        }
        coverage_id = records.stored(coverage)

        found = _ids(client.get(f"/fhir/Patient/{hidden.seen}/$everything{query}"))

        assert {hidden.seen, hidden.seen_allergy} <= found
        assert not {hidden.labelled_allergy, coverage_id, organisation} & found


class TestHistories:
    @pytest.mark.parametrize("address", ["/fhir/AllergyIntolerance/_history?_count=1000"])
    def test_of_a_type_tell_what_is_seen_alone(self, client, hidden, address):
        found = _ids_of_history(client.get(address))

        assert hidden.seen_allergy in found
        assert not {hidden.allergy, hidden.labelled_allergy, hidden.gone} & found


def _ids_of_history(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {entry["fullUrl"].rpartition("/")[2] for entry in answer.json().get("entry", [])}


class TestWriting:
    def _bodies(self, hidden) -> dict:
        return {
            "resourceType": "AllergyIntolerance",
            "id": hidden.allergy,
            "patient": {"reference": f"Patient/{hidden.seen}"},
            "code": {"text": "x"},
            "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        }

    @pytest.mark.parametrize(
        ("method", "options"),
        [
            ("put", {}),
            ("put", {"headers": {"If-Match": 'W/"1"'}}),
            ("put", {"headers": {"If-Match": 'W/"7"'}}),
            ("put", {"headers": {"If-None-Match": "*"}}),
        ],
    )
    def test_answers_403_without_detail(self, client, hidden, method, options):
        answer = getattr(client, method)(
            f"/fhir/AllergyIntolerance/{hidden.allergy}",
            self._bodies(hidden),
            content_type=TYPE,
            **options,
        )

        assert answer.status_code == 403
        assert answer.json()["issue"][0]["diagnostics"] == "You may not do this."

    def test_answers_so_to_a_patch(self, client, hidden):
        answer = client.patch(
            f"/fhir/AllergyIntolerance/{hidden.allergy}",
            [{"op": "test", "path": "/code/text", "value": "x"}],
            content_type="application/json-patch+json",
        )

        assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (403, "You may not do this.")

    def test_records_nothing_of_a_hidden_patient(self, client, hidden):
        body = {**self._bodies(hidden), "patient": {"reference": f"Patient/{hidden.patient}"}}
        del body["id"]

        answer = client.post("/fhir/AllergyIntolerance", body, content_type=TYPE)

        assert (answer.status_code, answer.json()["issue"][0]["diagnostics"]) == (403, "You may not do this.")

    def test_moves_nothing_to_a_hidden_patient(self, client, hidden):
        body = {
            **self._bodies(hidden),
            "id": hidden.seen_allergy,
            "patient": {"reference": f"Patient/{hidden.patient}"},
        }

        answer = client.put(f"/fhir/AllergyIntolerance/{hidden.seen_allergy}", body, content_type=TYPE)

        assert answer.status_code == 403

    @pytest.mark.parametrize("place", ["hidden", "recorded of a hidden patient"])
    def test_answers_so_in_a_transaction(self, client, hidden, place):
        body = self._bodies(hidden)
        if place != "hidden":
            body = {**body, "id": word(), "patient": {"reference": f"Patient/{hidden.patient}"}}
        entry = {
            "resource": body,
            "request": {"method": "PUT", "url": f"AllergyIntolerance/{body['id']}"},
        }
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}

        answer = client.post("/fhir", bundle, content_type=TYPE)

        assert answer.status_code == 403
        assert "You may not do this." in answer.json()["issue"][0]["diagnostics"]

    def test_may_restrict_what_it_sees(self, client):
        id = created(active=True)
        body = {"resourceType": "Patient", "id": id, "active": True, **RESTRICTED}

        assert client.put(f"/fhir/Patient/{id}", body, content_type=TYPE).status_code == 200
        assert client.get(f"/fhir/Patient/{id}").status_code == 404
        assert client.put(f"/fhir/Patient/{id}", body, content_type=TYPE).status_code == 403

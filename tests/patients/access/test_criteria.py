"""Criteria in place of ids tell nothing of what may not be seen, by what is found or by what is not."""

import pytest
from django.test import Client

from patients.access.vocabulary import CONFIDENTIALITY
from patients.tokens import make_token
from tests.people import TESTER, created, user_with, word
from tests.records import Records

RESTRICTED = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
TYPE = "application/fhir+json"


@pytest.fixture(autouse=True)
def from_the_primary(settings):
    """What somebody else has just written is seen at once."""
    settings.REPLICA_ENABLED = False


def _client(role: str) -> Client:
    token = make_token(user_with(role), label="test", days=1)
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


@pytest.fixture(scope="module")
def client(database) -> Client:
    """A clinician who states no purpose; labelled R they see nothing."""
    return _client("clinician")


@pytest.fixture(scope="module")
def reception(database) -> Client:
    """Who may write Patients and see nothing clinical."""
    return _client("reception")


def _transaction(client: Client, *resources: dict, **request):
    entries = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"], **request}}
        for each in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return client.post("/fhir", bundle, content_type=TYPE)


def _anonymous(answer, text: str) -> tuple[int, bytes]:
    return answer.status_code, answer.content.replace(text.encode(), b"ID")


@pytest.fixture(scope="module")
def diagnosed(database) -> str:
    """A Patient who is seen, of whom a code is recorded that is not."""
    id = created()
    Records(TESTER).allergy(id, word(), code="86406008", **RESTRICTED)
    return id


HAS = "_id={id}&_has:AllergyIntolerance:patient:code={code}"


class TestHas:
    """`_has` of a record that is hidden: as if there were none, whatever is written by it."""

    def _told(self, ask, diagnosed: str) -> list[tuple[int, bool]]:
        answers = [ask(HAS.format(id=diagnosed, code=code)) for code in ("86406008", "1")]
        return [(each.status_code, diagnosed in each.content.decode()) for each in answers]

    def test_in_a_conditional_create(self, client, diagnosed):
        def ask(criteria):
            body = {"resourceType": "Patient"}
            return client.post("/fhir/Patient", body, content_type=TYPE, headers={"If-None-Exist": criteria})

        assert self._told(ask, diagnosed) == [(201, False)] * 2

    def test_in_a_conditional_patch(self, client, diagnosed):
        patch = [{"op": "add", "path": "/active", "value": True}]

        def ask(criteria):
            return client.patch(
                f"/fhir/Patient?{criteria}", patch, content_type="application/json-patch+json"
            )

        assert self._told(ask, diagnosed) == [(404, False)] * 2

    def test_in_a_transaction(self, client, diagnosed):
        def ask(criteria):
            return _transaction(client, {"resourceType": "Patient"}, ifNoneExist=criteria)

        assert self._told(ask, diagnosed) == [(200, False)] * 2

    def test_in_a_reference(self, client, diagnosed):
        def ask(criteria):
            relative = {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient?{criteria}"}}
            return _transaction(client, relative)

        assert self._told(ask, diagnosed) == [(412, False)] * 2


class TestValues:
    def test_of_what_is_hidden_are_not_halved_by_a_patch(self, client):
        id = created(birthDate="1950-07-01", **RESTRICTED)
        patch = [{"op": "add", "path": "/active", "value": True}]

        told = {
            client.patch(
                f"/fhir/Patient?_id={id}&birthdate={prefix}1950-07-01",
                patch,
                content_type="application/json-patch+json",
            ).status_code
            for prefix in ("", "gt", "lt")
        }

        assert told == {404}

    def test_of_an_identifier_still_keep_a_second_from_being_created(self, client):
        value = word()
        created(identifier=[{"system": "urn:test", "value": value}], **RESTRICTED)
        headers = {"If-None-Exist": f"identifier=urn:test|{value}"}

        answer = client.post("/fhir/Patient", {"resourceType": "Patient"}, content_type=TYPE, headers=headers)

        assert answer.status_code == 403
        assert answer.json()["issue"][0]["diagnostics"] == "You may not do this."


class TestReferences:
    @pytest.mark.parametrize("criterion", ["identifier=urn:test|{}", "name={}"])
    def test_do_not_find_what_is_hidden(self, client, criterion):
        name, unknown = word(), word()
        named = {"name": [{"family": name}], "identifier": [{"system": "urn:test", "value": name}]}
        hidden = Records(TESTER).stored({"resourceType": "Practitioner", **named, **RESTRICTED})

        answers = [
            _transaction(
                client,
                {
                    "resourceType": "Patient",
                    "generalPractitioner": [{"reference": f"Practitioner?{criterion.format(each)}"}],
                },
            )
            for each in (name, unknown)
        ]

        assert hidden not in answers[0].content.decode()
        assert _anonymous(answers[0], name) == _anonymous(answers[1], unknown)
        assert answers[0].status_code == 412

    def test_do_not_look_at_types_that_may_not_be_searched(self, reception, diagnosed):
        told = [
            _transaction(
                reception,
                {
                    "resourceType": "Patient",
                    "link": [
                        {
                            "type": "seealso",
                            "other": {"reference": f"Patient?{HAS.format(id=diagnosed, code=code)}"},
                        }
                    ],
                },
            ).status_code
            for code in ("86406008", "1")
        ]

        assert told == [412, 412]

    def test_criteria_of_a_transaction_are_refused_as_elsewhere(self, reception, diagnosed):
        criteria = HAS.format(id=diagnosed, code="86406008")

        answer = _transaction(reception, {"resourceType": "Patient"}, ifNoneExist=criteria)

        assert answer.status_code == 403

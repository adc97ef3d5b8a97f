"""Many clients change one resource at once, through the real web server: no change is lost."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.patients.api.concurrency.writers import at_once
from tests.patients.api.messages import FHIR

CLIENTS = 100


@pytest.fixture
def connect(site, token) -> Callable[[], httpx.Client]:
    """A client of its own, with a connection of its own."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR}
    # Without a look at certificates, which plain HTTP has no use for and which costs more than the request.
    return lambda: httpx.Client(base_url=site.http, headers=headers, timeout=120, verify=False)


def _body(id: str, number: int) -> str:
    patient: dict[str, Any] = {"resourceType": "Patient", "id": id, "multipleBirthInteger": number}
    return json.dumps(patient)


def _number(response: httpx.Response) -> int:
    return response.json()["multipleBirthInteger"]


class TestUpdatesWithIfMatch:
    @pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.long)])
    def test_of_a_hundred_at_once_have_one_winner_a_version(self, connect, rounds):
        id = str(uuid.uuid4())
        address = f"/fhir/Patient/{id}"
        with connect() as first:
            first.put(address, content=_body(id, 1000))
        winners = [1000]

        def update(version: int) -> Callable[[int], tuple[int, int, str]]:
            def send(at: int) -> tuple[int, int, str]:
                with connect() as client:
                    answer = client.put(
                        address, content=_body(id, at), headers={"If-Match": f'W/"{version}"'}
                    )
                diagnostics = answer.json()["issue"][0]["diagnostics"] if answer.is_error else ""
                return answer.status_code, at, diagnostics

            return send

        for version in range(1, rounds + 1):
            answers = at_once(CLIENTS, update(version))
            assert sorted(status for status, _, _ in answers) == [200] + [412] * (CLIENTS - 1)
            sentence = f'Patient/{id} is at version {version + 1}, not W/"{version}".'
            assert {text for status, _, text in answers if status == 412} == {sentence}
            winners += [at for status, at, _ in answers if status == 200]

        with connect() as reader:
            stored = [reader.get(f"{address}/_history/{version}") for version in range(1, rounds + 2)]
            current = reader.get(address)
        assert [_number(each) for each in stored] == winners
        assert (current.headers["ETag"], _number(current)) == (f'W/"{rounds + 1}"', winners[-1])

    @pytest.mark.parametrize("clients", [10, pytest.param(CLIENTS, marks=pytest.mark.long)])
    def test_that_are_tried_until_they_are_taken_lose_none(self, connect, clients):
        id = str(uuid.uuid4())
        address = f"/fhir/Patient/{id}"
        with connect() as first:
            first.put(address, content=_body(id, 0))

        def count_up(_: int) -> int:
            with connect() as client:
                while True:
                    current = client.get(address)
                    answer = client.put(
                        address,
                        content=_body(id, _number(current) + 1),
                        headers={"If-Match": current.headers["ETag"]},
                    )
                    if answer.status_code == 200:
                        return _number(answer)
                    assert answer.status_code == 412

        taken = at_once(clients, count_up)

        assert sorted(taken) == list(range(1, clients + 1))
        with connect() as reader:
            assert _number(reader.get(address)) == clients


class TestUpdatesWithout:
    def test_that_are_not_answered_409_all_make_a_version(self, connect):
        id = str(uuid.uuid4())
        address = f"/fhir/Patient/{id}"

        def update(at: int) -> int:
            with connect() as client:
                return client.put(address, content=_body(id, at)).status_code

        answers = at_once(20, update)

        assert set(answers) <= {200, 201, 409}
        assert answers.count(201) == 1
        with connect() as reader:
            history = reader.get(f"{address}/_history").json()
        assert history["total"] == answers.count(200) + 1


class TestConditionalCreates:
    @pytest.mark.long
    def test_of_fifty_at_once_have_one_winner(self, connect):
        """test_conditional.py does so once, within one process."""
        for _ in range(10):
            statuses, identified = _created(connect, conditional=50, plain=0)
            assert sorted(statuses["conditional"]) == [200] * 49 + [201]
            assert identified == 1

    @pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.long)])
    def test_among_plain_ones_make_one_more_at_most(self, connect, rounds):
        """Once others have made two, the criteria are met by several: 412."""
        for _ in range(rounds):
            statuses, identified = _created(connect, conditional=10, plain=3)
            assert statuses["plain"] == [201] * 3
            assert set(statuses["conditional"]) <= {200, 201, 412}
            made = statuses["conditional"].count(201)
            assert made <= 1
            assert identified == 3 + made


def _created(
    connect: Callable[[], httpx.Client], *, conditional: int, plain: int
) -> tuple[dict[str, list[int]], int]:
    """The statuses of creates of one identifier at once, and how many have it then."""
    value = str(uuid.uuid4())
    criteria = f"identifier=urn:test:once|{value}"
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:test:once", "value": value}]}

    def create(at: int) -> tuple[str, int]:
        kind = "plain" if at % (conditional + plain) < plain else "conditional"
        headers = {"If-None-Exist": criteria} if kind == "conditional" else {}
        with connect() as client:
            return kind, client.post("/fhir/Patient", content=json.dumps(body), headers=headers).status_code

    statuses: dict[str, list[int]] = {"plain": [], "conditional": []}
    for kind, status in at_once(conditional + plain, create):
        statuses[kind].append(status)
    with connect() as reader:
        return statuses, reader.get(
            "/fhir/Patient", params={"identifier": f"urn:test:once|{value}", "_count": "0"}
        ).json()["total"]

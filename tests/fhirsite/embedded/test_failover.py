"""A killed standby: every request goes on being answered, and reads return to it when it is back."""

import os
import signal
import threading

import httpx
import pytest

from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.servers import superuser
from tests.fhirsite.embedded.test_site import status, wait_for

_READER = """
from django.contrib.auth.models import Group, User
User.objects.get_or_create(username="reader")[0].groups.add(Group.objects.get(name="clinician"))
"""

_SEARCHES = (
    "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%patient_summary_delta%'"
)


@pytest.fixture(scope="module")
def started(manage):
    manage("up", "--detach")
    yield
    manage("down")


@pytest.fixture(scope="module")
def client(manage, started):
    """Somebody who may read, over plain HTTP on loopback."""
    manage("shell", "--command", _READER)
    token = manage("token", "reader").stdout.strip()
    with httpx.Client(
        base_url=f"http://127.0.0.1:{status(manage)['ports']['http']}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as http:
        yield http


def _searches_on_standby(data) -> int:
    """Since it was started: what it has counted is lost with it."""
    instance = instances.load(data)
    with superuser.connect(
        instance, port=instances.REPLICA_PORT, database=instances.DATABASE_NAME
    ) as connection:
        return int(connection.execute(_SEARCHES).fetchone()[0])


class Reader(threading.Thread):
    """Reads until it is told to stop."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client
        self._is_over = threading.Event()
        self.codes: list[int] = []

    def run(self) -> None:
        while not self._is_over.is_set():
            self.codes.append(self._client.get("/fhir/Patient", params={"family": "nobody"}).status_code)

    def end(self) -> None:
        self._is_over.set()
        self.join()


class TestKilledStandby:
    def test_fails_no_request_and_is_read_from_again(self, manage, client, data):
        client.get("/fhir/Patient", params={"family": "nobody"})
        wait_for(lambda: _has_searched(client, data))
        [pid] = [part["pid"] for part in status(manage)["parts"] if part["name"] == "standby"]
        reader = Reader(client)
        reader.start()

        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: status(manage)["is_healthy"] and _pid_of_standby(manage) != pid)
        wait_for(lambda: _searches_on_standby(data) > 0)
        reader.end()

        assert set(reader.codes) == {200}
        assert len(reader.codes) > 20


def _pid_of_standby(manage) -> int:
    return next(part["pid"] for part in status(manage)["parts"] if part["name"] == "standby")


def _has_searched(client, data) -> bool:
    client.get("/fhir/Patient", params={"family": "nobody"})
    return _searches_on_standby(data) > 0

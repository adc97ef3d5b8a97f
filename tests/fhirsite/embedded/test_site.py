"""The whole site by its commands: up, status, down, and what is killed in between."""

import json
import os
import signal
import socket
import ssl
import time

import httpx
import psutil
import pytest

from fhirsite.embedded.files import certificates

PARTS = ["primary", "standby", "cache", "https", "http", "worker", "beat"]


@pytest.fixture(scope="module")
def taken_port():
    """A stranger on the port that the site is to have."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 18100))
        stranger.listen()
        yield 18100


@pytest.fixture(scope="module")
def started(manage, taken_port):
    return manage("up", "--detach")


@pytest.fixture
def up(manage, started):
    """A running site, whatever the test before did to it."""
    if not status(manage)["is_running"]:
        manage("up", "--detach")


def status(manage):
    return json.loads(manage("status", "--json").stdout)


def wait_for(condition, *, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def processes_of(data):
    """Every process of the site, by its environment or, for the servers, their folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and _is_of(process, data):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def _is_of(process, data):
    return process.environ().get("FHIRSITE_DATA") == str(data) or process.cwd().startswith(str(data))


class TestUp:
    def test_waits_until_everything_is_ready(self, manage, started):
        report = status(manage)

        assert (started.returncode, started.stderr) == (0, "")
        assert [part["name"] for part in report["parts"]] == PARTS
        assert report["is_healthy"]

    def test_says_that_a_port_is_taken_and_uses_another(self, manage, started, taken_port):
        port = status(manage)["ports"]["http"]

        assert port > taken_port
        assert f"HTTP port {taken_port} is taken, using {port}" in started.stdout

    def test_ends_with_the_addresses(self, manage, started):
        ports = status(manage)["ports"]

        assert f"https://localhost:{ports['https']}/" in started.stdout
        assert f"http://localhost:{ports['http']}/" in started.stdout

    def test_refuses_to_run_twice_on_the_same_data(self, manage, up, data):
        second = manage("up")

        assert second.returncode == 1
        assert second.stderr == (
            f"CommandError: The site in {data} is running already; `manage.py status` tells more.\n"
        )

    def test_speaks_http_2_over_tls(self, manage, up, data):
        context = ssl.create_default_context(cafile=certificates.certificate_files(data).certificate)
        port = status(manage)["ports"]["https"]

        with httpx.Client(http2=True, verify=context) as client:
            response = client.get(f"https://localhost:{port}/livez")

        assert (response.http_version, response.status_code) == ("HTTP/2", 200)

    def test_keeps_its_files_from_other_users(self, up, data):
        opened = [
            path
            for path in data.rglob("*")
            if path.name in {"instance.json", "state.json", "key.pem"} and path.stat().st_mode & 0o077
        ]

        assert opened == []
        assert (data / "servers").stat().st_mode & 0o077 == 0
        assert (data / "logs").stat().st_mode & 0o077 == 0


class TestKilledParts:
    def test_each_comes_back(self, manage, up):
        before = {part["name"]: part["pid"] for part in status(manage)["parts"]}

        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: all(part["restarts"] == 1 for part in status(manage)["parts"]))
        wait_for(lambda: status(manage)["is_healthy"])

        after = {part["name"]: part["pid"] for part in status(manage)["parts"]}
        assert set(before.values()).isdisjoint(after.values())

    def test_a_web_worker_comes_back(self, manage, up):
        [master] = [part["pid"] for part in status(manage)["parts"] if part["name"] == "http"]
        [worker] = _web_workers(master)
        worker.kill()

        wait_for(lambda: [new.pid for new in _web_workers(master)] not in ([], [worker.pid]))
        wait_for(lambda: status(manage)["is_healthy"])


def _web_workers(master):
    return [child for child in psutil.Process(master).children() if _is_web_worker(child)]


def _is_web_worker(process):
    try:
        return "resource_tracker" not in " ".join(process.cmdline())
    except psutil.ZombieProcess:
        return False


class TestKilledSupervisor:
    def test_leaves_no_orphan(self, manage, up, data):
        os.kill(status(manage)["pid"], signal.SIGKILL)

        wait_for(lambda: processes_of(data) == [])
        assert manage("status").returncode == 3

    @pytest.mark.long
    def test_leaves_no_orphan_if_the_web_masters_are_killed_too(self, manage, up, data):
        report = status(manage)
        masters = [part["pid"] for part in report["parts"] if part["name"] in {"https", "http", "worker"}]
        for pid in (report["pid"], *masters):
            os.kill(pid, signal.SIGKILL)

        wait_for(lambda: processes_of(data) == [])


class TestDown:
    def test_stops_everything_in_order(self, manage, up, data):
        stopped = manage("down")

        assert (stopped.returncode, stopped.stdout) == (0, f"The site in {data} has stopped.\n")
        # The supervisor has let go of its lock, and may need a moment to be gone.
        wait_for(lambda: not processes_of(data))
        lines = (data / "logs" / "up.log").read_text().rpartition("stopping")[2].splitlines()
        order = [line.split()[2] for line in lines if " stopped (" in line]
        assert order == ["https", "http", "worker", "beat", "cache", "standby", "primary"]

    def test_says_that_nothing_runs(self, manage, data):
        manage("down")

        assert manage("down").stdout == f"No site runs in {data}.\n"
        assert manage("status").returncode == 3

"""The supervisor on small real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.processes.part import Part, Task
from fhirsite.embedded.supervision.managed import ManagedPart, State
from fhirsite.embedded.supervision.supervisor import Supervisor

_ENVIRONMENT = {"PATH": os.defpath}


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(said):
    supervisor = Supervisor(say=lambda part, line: said.append(f"{part}: {line}"), on_change=lambda: None)
    yield supervisor
    supervisor.stop()


def part(name, script, **hooks):
    return Part(
        name=name,
        command=("sh", "-c", script),
        environment=_ENVIRONMENT,
        is_ready=hooks.pop("is_ready", lambda: True),
        stop_seconds=hooks.pop("stop_seconds", 5),
        **hooks,
    )


def wait_for(condition, *, each=lambda: None, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        each()
        time.sleep(0.02)


class TestStart:
    def test_waits_until_a_part_is_ready(self, supervisor, tmp_path):
        ready = tmp_path / "ready"

        supervisor.start([part("web", f"sleep 0.3; touch {ready}; sleep 60", is_ready=ready.exists)])

        assert ready.exists()
        assert [managed.state for managed in supervisor.parts] == [State.READY]

    def test_passes_on_what_a_part_says(self, supervisor, said):
        supervisor.start([part("web", "echo hello; sleep 60")])

        wait_for(lambda: "web: hello" in said)

    def test_gives_up_on_a_part_that_always_ends(self, supervisor):
        with pytest.raises(EmbeddedError, match=r"web does not start\.\nno such module"):
            supervisor.start([part("web", "echo no such module; exit 3", is_ready=lambda: False)])

    def test_gives_up_on_a_part_that_can_not_be_prepared(self, supervisor):
        def prepare():
            raise EmbeddedError("the disk is full")

        with pytest.raises(EmbeddedError, match="the disk is full"):
            supervisor.start([part("web", "sleep 60", before_start=prepare)])

    def test_does_a_task_to_its_end(self, supervisor, tmp_path):
        done = []

        supervisor.start(
            Task(
                name="migrate",
                command=("touch", str(tmp_path / "table")),
                environment=_ENVIRONMENT,
                afterwards=lambda: done.append("noted"),
            )
        )

        assert (tmp_path / "table").exists()
        assert done == ["noted"]

    def test_says_why_a_task_failed(self, supervisor):
        task = Task(name="migrate", command=("sh", "-c", "echo no room; exit 2"), environment=_ENVIRONMENT)

        with pytest.raises(EmbeddedError, match=r"migrate failed \(2\).\nno room"):
            supervisor.start(task)


class TestWatch:
    def test_starts_a_killed_part_again(self, supervisor, said):
        supervisor.start([part("web", "sleep 60")])
        [managed] = supervisor.parts
        killed = managed.process.pid
        os.kill(killed, signal.SIGKILL)

        wait_for(lambda: managed.restarts == 1 and managed.state is State.READY, each=managed.tick)

        assert managed.process.pid != killed
        assert "up: web ended (-9); another start in 0.2 s" in said

    def test_waits_longer_each_time(self, said):
        with ThreadPoolExecutor() as executor:
            managed = ManagedPart(
                part("web", "exit 1", is_ready=lambda: False),
                executor=executor,
                say=lambda _, line: said.append(line),
            )

            wait_for(lambda: managed.failures == 3, each=managed.tick)

        assert said == [f"web ended (1); another start in {delay} s" for delay in ("0.2", "0.4", "0.8")]

    def test_ends_the_workers_of_a_killed_master(self, supervisor, tmp_path):
        worker = tmp_path / "worker"
        supervisor.start(
            [
                part(
                    "web",
                    f"sleep 60 & echo $! > {worker}.new; mv {worker}.new {worker}; wait",
                    is_ready=worker.exists,
                )
            ]
        )
        [managed] = supervisor.parts
        pid = int(worker.read_text())
        os.kill(managed.process.pid, signal.SIGKILL)

        wait_for(lambda: managed.restarts == 1, each=managed.tick)

        wait_for(lambda: not _runs(pid))

    def test_repairs_a_part_that_fails_again_and_again(self, supervisor, tmp_path):
        whole = tmp_path / "whole"

        supervisor.start(
            [part("standby", f"test -e {whole} && sleep 60", is_ready=whole.exists, repair=whole.touch)]
        )

        assert supervisor.parts[0].failures == 2

    def test_does_not_repair_a_part_that_was_killed(self, supervisor, tmp_path):
        repaired = tmp_path / "repaired"
        supervisor.start([part("standby", "exec sleep 60", repair=repaired.touch)])
        [managed] = supervisor.parts

        for restarts in (1, 2, 3):
            os.kill(managed.process.pid, signal.SIGKILL)
            wait_for(
                lambda restarts=restarts: managed.restarts == restarts and managed.state is State.READY,
                each=managed.tick,
            )

        assert not repaired.exists()

    def test_starts_a_lost_part_again(self, supervisor, monkeypatch):
        monkeypatch.setattr("fhirsite.embedded.supervision.managed._LOST_CHECK_SECONDS", 0.1)
        supervisor.start([part("standby", "exec sleep 60", is_lost=lambda: True)])
        [managed] = supervisor.parts

        wait_for(lambda: managed.restarts == 1, each=managed.tick)


class TestStop:
    def test_is_in_the_other_order(self, supervisor, said):
        for name in ("primary", "standby", "web"):
            supervisor.start([part(name, "exec sleep 60")])

        supervisor.stop()

        stopped = [line.split()[1] for line in said if "stopped" in line]
        assert stopped == ["web", "standby", "primary"]

    def test_kills_what_does_not_listen(self, supervisor, tmp_path):
        deaf = tmp_path / "deaf"
        supervisor.start(
            [
                part(
                    "web",
                    f"trap '' TERM; touch {deaf}; sleep 60 & wait; wait",
                    is_ready=deaf.exists,
                    stop_seconds=0.2,
                )
            ]
        )
        pid = supervisor.parts[0].process.pid

        supervisor.stop()

        assert not _runs(pid)

    def test_gives_less_time_to_what_is_not_ready(self, supervisor, tmp_path):
        deaf = tmp_path / "deaf"
        with ThreadPoolExecutor() as executor:
            managed = ManagedPart(
                part(
                    "web",
                    f"trap '' TERM; touch {deaf}; sleep 60 & wait; wait",
                    is_ready=lambda: False,
                    stop_seconds=3600,
                    stop_seconds_unready=0.2,
                ),
                executor=executor,
                say=lambda *_: None,
            )
            wait_for(deaf.exists, each=managed.tick)
            pid = managed.process.pid

            managed.stop()

        assert not _runs(pid)

    def test_follows_a_signal(self, supervisor):
        supervisor.start([part("web", "exec sleep 60")])
        handlers = {
            number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        supervisor.listen_to_signals()
        try:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
            supervisor.watch()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

        assert supervisor.parts[0].state is State.READY


def test_children_end_with_a_killed_parent(tmp_path):
    pids = tmp_path / "pids"
    script = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[4])!r})
import pathlib, time
from fhirsite.embedded.processes import children
child = children.start(("sleep", "60"), environment={_ENVIRONMENT!r})
time.sleep(0.5)
pathlib.Path({str(pids)!r}).write_text(str(child.pid))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    wait_for(lambda: pids.exists() and pids.read_text())
    child = int(pids.read_text())
    assert _runs(child)

    parent.kill()
    parent.wait()

    wait_for(lambda: not _runs(child))


def _runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

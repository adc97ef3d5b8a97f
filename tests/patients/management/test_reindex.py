"""The command `manage.py reindex`: what it prints, how it ends, and how it goes on after a kill."""

import io
import json
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from patients.fhir.resource import from_value
from patients.models import FhirResource, SearchIndexState, writing
from patients.models.summary_refresh import _connect

ROOT = Path(__file__).parents[3]
TYPE = "Linkage"
SIZE = 450


@pytest.fixture
def partial():
    """Ids of all Linkages, which are to be reindexed; all other types are complete."""
    _run()
    value = {"resourceType": TYPE, "item": [{"type": "source", "resource": {"reference": "Patient/1"}}]}
    ids = [str(uuid.uuid4()) for _ in range(SIZE)]
    with transaction.atomic():
        writing.write_all(
            [
                writing.change_to(from_value({**value, "id": id}), id=id, expected_version=0, method="PUT")
                for id in ids
            ]
        )
    owner = _connect(connections.settings["owner"])
    owner.execute("DELETE FROM search_resources WHERE resource_type = %s", (TYPE,))
    owner.execute(
        "UPDATE search_index_state SET is_complete = false, last_resource_id = '' WHERE resource_type = %s",
        (TYPE,),
    )
    live = FhirResource.objects.filter(resource_type=TYPE, deleted=False)
    yield list(live.values_list("fhir_id", flat=True))
    for id in ids:
        writing.write(writing.deletion_of(TYPE, id=id, expected_version=1))
    owner.close()


def _run(*args: str) -> str:
    output = io.StringIO()
    call_command("reindex", *args, stdout=output)
    return output.getvalue()


def _state() -> SearchIndexState:
    return SearchIndexState.objects.get(resource_type=TYPE)


class TestOutput:
    def test_tells_what_was_done(self, partial):
        output = _run()

        first, *lines = output.splitlines()
        assert first.startswith(f"{len(partial):,} resources reindexed in ")
        assert lines == [f"  {TYPE:<32}{len(partial):>10,}"]

    def test_tells_that_nothing_is_to_do(self):
        assert _run() == "nothing to reindex: every type is complete\n"

    def test_tells_programs_in_json(self, partial):
        summary = json.loads(_run("--json"))

        assert summary.pop("seconds") > 0
        assert summary == {"reindexed": len(partial), "by_type": {TYPE: len(partial)}}

    def test_does_a_complete_type_if_told_so(self, partial):
        _run()

        assert json.loads(_run("--json", "--type", TYPE))["reindexed"] == len(partial)


class TestRefusals:
    def test_of_an_unknown_type(self):
        with pytest.raises(CommandError, match=r"--type Patience: there is no such resource type\."):
            _run("--type", "Patience")

    @pytest.mark.parametrize("throttle", ["0", "-1", "nan"])
    def test_of_a_throttle_that_would_stand_still(self, throttle):
        with pytest.raises(CommandError, match=r"--throttle takes a number above 0\."):
            _run("--throttle", throttle)


class TestAfterAKill:
    def test_the_next_run_goes_on(self, partial):
        command = [sys.executable, "manage.py", "reindex", "--throttle", "20"]
        first = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 60
        while not _state().last_resource_id and time.monotonic() < deadline:
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        first.wait()
        stopped = _state()
        expected = len([id for id in partial if id > stopped.last_resource_id])

        summary = json.loads(_run("--json"))

        assert 0 < expected < len(partial)
        assert not stopped.is_complete
        assert summary["by_type"] == {TYPE: expected}
        assert _state().is_complete

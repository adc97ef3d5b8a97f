"""Parts without a supervisor: for tests and benchmarks; `site.py` runs the whole."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.files import folders
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.processes import children
from fhirsite.embedded.processes.logs import Logs
from fhirsite.embedded.processes.part import Part, Process, Task
from fhirsite.embedded.servers.cache import cache
from fhirsite.embedded.servers.postgres import PostgresPair


@contextmanager
def running(instance: Instance) -> Iterator[dict[str, Process]]:
    """Start primary, standby and cache, give their processes by name, stop them in order."""
    user = folders.prepare(instance)
    pair = PostgresPair(instance, user)
    logs = Logs(instance.logs)
    with ExitStack() as stack:
        parts = (pair.primary(), pair.standby(), cache(instance, user))
        yield {part.name: stack.enter_context(running_part(part, logs)) for part in parts}


@contextmanager
def running_part(part: Part, logs: Logs) -> Iterator[Process]:
    """Start one part, wait until it is ready, stop it at the end."""
    part.before_start()
    process = Process(part, say=logs.write)
    try:
        _wait_until_ready(part, process, logs)
        part.after_ready()
        yield process
    finally:
        process.stop()


def run_task(task: Task) -> None:
    """Do one task to its end.

    :raises EmbeddedError: if it fails, with what it said.
    """
    children.run(task.command, user=task.user, environment=task.environment, folder=task.folder)
    task.afterwards()


def _wait_until_ready(part: Part, process: Process, logs: Logs) -> None:
    deadline = time.monotonic() + part.ready_seconds
    while not part.is_ready():
        if not process.is_running or time.monotonic() > deadline:
            raise EmbeddedError(f"{part.name} did not start; what it said is in {logs.path(part.name)}.")
        time.sleep(0.02)

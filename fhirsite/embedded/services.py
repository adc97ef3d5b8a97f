"""The servers that the application needs, without the application: the pair and the cache.

For tests and benchmarks; `supervisor.py` runs the whole site.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fhirsite.embedded import folders
from fhirsite.embedded.cache import cache
from fhirsite.embedded.failures import EmbeddedError
from fhirsite.embedded.instance import Instance
from fhirsite.embedded.logs import Logs
from fhirsite.embedded.part import Part, Process
from fhirsite.embedded.postgres import PostgresPair


@contextmanager
def running(instance: Instance) -> Iterator[dict[str, Process]]:
    """Start primary, standby and cache, give their processes by name, stop them in order."""
    user = folders.prepare(instance)
    pair = PostgresPair(instance, user)
    logs = Logs(instance.logs)
    with ExitStack() as stack:
        parts = (pair.primary(), pair.standby(), cache(instance, user))
        yield {part.name: stack.enter_context(_running(part, logs)) for part in parts}


@contextmanager
def _running(part: Part, logs: Logs) -> Iterator[Process]:
    part.before_start()
    process = Process(part, say=logs.write)
    try:
        _wait_until_ready(part, process, logs)
        part.after_ready()
        yield process
    finally:
        process.stop()


def _wait_until_ready(part: Part, process: Process, logs: Logs) -> None:
    deadline = time.monotonic() + part.ready_seconds
    while not part.is_ready():
        if not process.is_running or time.monotonic() > deadline:
            raise EmbeddedError(f"{part.name} did not start; what it said is in {logs.path(part.name)}.")
        time.sleep(0.02)

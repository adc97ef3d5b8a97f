"""The servers that the application needs, without the application: the pair and the cache.

For tests and benchmarks; `supervisor.py` runs the whole site.
"""

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
        primary = stack.enter_context(_running(pair.primary(), logs))
        standby = stack.enter_context(_running(pair.standby(), logs))
        cache_process = stack.enter_context(_running(cache(instance, user), logs))
        yield {process.part.name: process for process in (primary, standby, cache_process)}


@contextmanager
def _running(part: Part, logs: Logs) -> Iterator[Process]:
    part.before_start()
    process = Process(part, say=logs.write)
    try:
        if not process.wait_until_ready():
            raise EmbeddedError(f"{part.name} did not start; its words are in {logs.path(part.name)}.")
        part.after_ready()
        yield process
    finally:
        process.stop()

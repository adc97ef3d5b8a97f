"""Whether the processes of this host can ever ask for more connections than there are."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connections

from fhirsite.doctor.findings import Finding, wrong
from fhirsite.doctor.primary import value
from fhirsite.embedded import options
from fhirsite.embedded.servers.application import PLAIN_THREADS, PLAIN_WORKERS, WORKER_PROCESSES

# Each process watches the standby, and asks the primary how far that should be, on connections of its own.
_WATCHING = 1


def check_connections() -> Iterator[Finding]:
    configured = options.from_environment()
    web_threads = configured.web_workers * configured.web_threads + PLAIN_WORKERS * PLAIN_THREADS
    processes = configured.web_workers + PLAIN_WORKERS + WORKER_PROCESSES
    for what, limit, setting in (
        ("reads", settings.READ_CONNECTIONS, "FHIRSITE_READ_CONNECTIONS"),
        ("writes", settings.WRITE_CONNECTIONS, "FHIRSITE_WRITE_CONNECTIONS"),
    ):
        says = f"{web_threads} threads of the web server for {what}, the limit is {limit}"
        if web_threads > limit:
            mend = f"Lower FHIRSITE_WEB_WORKERS or FHIRSITE_WEB_THREADS, or raise {setting}."
            yield wrong("connections", says, mend)
        else:
            yield Finding("connections", says)
    yield from _check_server(web_threads + WORKER_PROCESSES + processes * _WATCHING)


def _check_server(needed: int) -> Iterator[Finding]:
    try:
        highest = int(value(connections["default"], "SHOW max_connections"))
        reserved = int(value(connections["default"], "SHOW superuser_reserved_connections"))
    except DatabaseError:
        return  # the primary's own check has said it
    says = f"this host may ask the primary for {needed}, which takes {highest - reserved}"
    if needed > highest - reserved:
        yield wrong("connections", says, "Raise max_connections of the primary and its standby.")
    else:
        yield Finding("connections", says)

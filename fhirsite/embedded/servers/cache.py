"""The embedded cache and broker: Valkey on a Unix socket, nothing kept on disk."""

import os
import signal

import redis

from fhirsite.embedded.files import distribution
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.processes.part import Part
from fhirsite.embedded.processes.service_user import ServiceUser

CACHE = "cache"

# Cache entries carry a time to live and go when memory is short; Celery's queues have none and stay.
_OPTIONS = {
    "--port": "0",
    "--unixsocketperm": "700",
    "--save": "",
    "--appendonly": "no",
    "--maxmemory": "256mb",
    "--maxmemory-policy": "volatile-lru",
    "--loglevel": "warning",
}


def cache(instance: Instance, user: ServiceUser) -> Part:
    options = {**_OPTIONS, "--unixsocket": str(instance.cache_socket), "--dir": str(instance.servers)}
    return Part(
        name=CACHE,
        command=(str(distribution.cache_program()), *(word for option in options.items() for word in option)),
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "FHIRSITE_DATA": str(instance.data)},
        user=user,
        is_ready=lambda: _answers(instance),
        stop_signal=signal.SIGTERM,
    )


def _answers(instance: Instance) -> bool:
    try:
        with redis.Redis.from_url(instance.redis_url(), socket_timeout=1) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False

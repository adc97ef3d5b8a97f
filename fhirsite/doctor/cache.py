"""The cache and broker: reached, and of a kind that never throws a queue away."""

from collections.abc import Iterator

import redis
from django.conf import settings

from fhirsite.doctor.findings import Finding, warning, wrong
from fhirsite.doctor.primary import is_reached


def check_cache() -> Iterator[Finding]:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        ) as connection:
            server = connection.info()
    except redis.RedisError as failure:
        meanwhile = "Pages are answered without it, tasks wait. " if is_reached() else ""
        mend = f"{meanwhile}Start the site (`manage.py up`), or see to REDIS_URL."
        yield wrong("cache", f"it can't be reached: {failure}", mend)
        return
    name = "Valkey" if "valkey_version" in server else "Redis"
    version = server.get("valkey_version") or server["redis_version"]
    yield Finding("cache", f"{name} {version}, {server['used_memory_human']} used")
    policy = server.get("maxmemory_policy", "")
    if policy.startswith("allkeys"):
        mend = "Set maxmemory-policy to volatile-lru: queues have no time to live and must stay."
        yield warning("cache", f"its maxmemory-policy is {policy}", mend)

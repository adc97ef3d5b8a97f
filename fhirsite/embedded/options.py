"""What the environment says of the embedded default (`docs/operations.md` has a row for each)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from fhirsite.embedded.failures import EmbeddedError


@dataclass(frozen=True, slots=True)
class Options:
    database_url: str
    replica_url: str
    redis_url: str
    bind: str
    http_port: int
    https_port: int
    web_workers: int
    web_threads: int
    is_demo: bool

    @property
    def embeds_primary(self) -> bool:
        return not self.database_url

    @property
    def embeds_standby(self) -> bool:
        return self.embeds_primary and not self.replica_url

    @property
    def embeds_cache(self) -> bool:
        return not self.redis_url


def from_environment(environment: Mapping[str, str] = os.environ) -> Options:
    """:raises EmbeddedError: if a number is none."""

    def number(name: str, default: int) -> int:
        text = environment.get(name, "") or str(default)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise EmbeddedError(f"{name} must be a number from 1 to 65535, not {text!r}.")
        return int(text)

    return Options(
        database_url=environment.get("DATABASE_URL", ""),
        replica_url=environment.get("REPLICA_URL", ""),
        redis_url=environment.get("REDIS_URL", ""),
        bind=environment.get("FHIRSITE_BIND", "") or "127.0.0.1",
        http_port=number("FHIRSITE_HTTP_PORT", 8000),
        https_port=number("FHIRSITE_HTTPS_PORT", 8443),
        web_workers=number("FHIRSITE_WEB_WORKERS", 2),
        web_threads=number("FHIRSITE_WEB_THREADS", 4),
        is_demo=_is_on(environment, "FHIRSITE_DEMO", default=not _is_on(environment, "FHIRSITE_PRODUCTION"))
        and not _is_on(environment, "FHIRSITE_PRODUCTION"),
    )


def _is_on(environment: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = environment.get(name, "")
    return text.lower() in {"1", "true", "yes", "y", "on", "ok"} if text else default

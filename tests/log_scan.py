"""What the logs of a test run must not hold, and the search for it.

`conftest.py` looks through all logs when the tests are over: of the tests' own process, of web servers,
workers, PostgreSQL and the cache, and of the instances that some tests make for themselves.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from fhirsite.embedded.files.instance import Instance
from perf.logs import PrivateFormatter
from tests import canaries

# Whatever the tests log in with, and every token of anybody.
_FORBIDDEN = {
    "a name": re.compile("|".join(canaries.NAMES), re.IGNORECASE),
    "a birth date": re.compile(canaries.BIRTH_DATE),
    "a password": re.compile(r"correct horse battery|" + re.escape(canaries.PASSWORD), re.IGNORECASE),
    "a token": re.compile(r"fhs_[\w-]{8,}"),
    "a log-in": re.compile(r"\b(?:Basic|Bearer) [\w+/=.~-]{8,}|\bsessionid\W{1,3}\w{16,}", re.IGNORECASE),
}
_LONGEST_SHOWN = 300
# Within the tests' process these ask the site; what they log is theirs.
_CLIENTS = ("httpx", "httpcore", "urllib3", "schemathesis", "hypothesis", "asyncio")

# Of instances that are gone when the tests are over.
kept: list[str] = []


def keep_own_log(instance: Instance) -> None:
    """Write what the tests' own process logs into the instance's folder, as a web server's would be."""
    console = next(
        each for each in logging.getLogger().handlers if isinstance(each.formatter, PrivateFormatter)
    )
    instance.logs.mkdir(mode=0o700, exist_ok=True)
    handler = logging.FileHandler(instance.logs / "tests.log")
    handler.setFormatter(console.formatter)
    for each in (*console.filters, _is_ours):
        handler.addFilter(each)
    logging.getLogger().addHandler(handler)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] not in _CLIENTS


def findings(folder: Path, instance: Instance) -> list[str]:
    """Each line of a log below the folder that has what it must not have."""
    forbidden = {**_FORBIDDEN, **_secrets(instance)}
    return [
        f"{path.name}: {what}: {line.strip()[:_LONGEST_SHOWN]}"
        for path in sorted(folder.rglob("*.log*"))
        if path.is_file()
        for line in _lines(path)
        for what, pattern in forbidden.items()
        if pattern.search(line)
    ]


def _secrets(instance: Instance) -> dict[str, re.Pattern[str]]:
    names = [name for name in Instance.__slots__ if name.endswith(("_password", "_key"))]
    return {name: re.compile(re.escape(value)) for name in names if (value := getattr(instance, name))}


def _lines(path: Path) -> Iterator[str]:
    with path.open(errors="replace") as log:
        yield from log

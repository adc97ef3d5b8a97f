"""How quickly a running site takes in transactions: the demo's bundles, sent by some clients at once.

What they refer to outside of themselves must be there: the organisations and practitioners of the demo.
"""

import bz2
import json
import os
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

from patients.demo import BUNDLES
from perf.benchmark.summaries import Summary, summary

_MOST_SHOWN = 200


class RefusedError(Exception):
    """The site did not do what a transaction asked, with what it said instead."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """The body of a request, and how many resources it makes."""

    body: bytes
    entries: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured; `transactions` are the times of each."""

    resources: int
    seconds: float
    transactions: Summary
    load_average: float

    @property
    def per_second(self) -> float:
        return self.resources / self.seconds


@dataclass(frozen=True, slots=True)
class Site:
    """Where transactions are sent, in whose name; `certificate` is trusted besides those of the machine."""

    address: SplitResult
    token: str = field(repr=False)
    certificate: Path | None = None

    def connection(self) -> HTTPConnection:
        host, port = self.address.hostname or "", self.address.port
        if self.address.scheme != "https":
            return HTTPConnection(host, port, timeout=600)
        context = ssl.create_default_context()
        if self.certificate:
            context.load_verify_locations(self.certificate)
        return HTTPSConnection(host, port, timeout=600, context=context)


def transactions(*, entries: int) -> list[Transaction]:
    """Return one for each patient with as many entries; all of them create something."""
    found = []
    for path in sorted(BUNDLES.glob("*.json.bz2")):
        bundle = json.loads(bz2.decompress(path.read_bytes()))
        # A Provenance refers to all of the patient's resources, the first of the others only to earlier ones.
        chosen = [it for it in bundle["entry"] if it["resource"]["resourceType"] != "Provenance"][:entries]
        if bundle["type"] == "transaction" and len(chosen) == entries:
            found.append(Transaction(json.dumps({**bundle, "entry": chosen}).encode(), entries))
    return found


def measure(site: Site, sent: list[Transaction], *, count: int, clients: int) -> Rate:
    """Send so many, each client one after another; those of all patients come in turn.

    :raises RefusedError: if one was not done.
    """
    waiting = islice(cycle(sent), count)
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        # A generator may be asked by one thread at a time.
        shares = [list(islice(waiting, count // clients + (at < count % clients))) for at in range(clients)]
        times = [each for share in pool.map(lambda share: list(_send(site, share)), shares) for each in share]
    seconds = time.perf_counter() - began
    resources = sum(each.entries for share in shares for each in share)
    return Rate(resources, seconds, summary(times), os.getloadavg()[0])


def _send(site: Site, share: list[Transaction]) -> Iterator[float]:
    connection = site.connection()
    headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {site.token}"}
    for transaction in share:
        began = time.perf_counter()
        try:
            connection.request("POST", f"{site.address.path.rstrip('/')}/fhir", transaction.body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException) as error:
            raise RefusedError(f"{site.address.geturl()} does not answer: {error}.") from error
        if response.status != 200:
            raise RefusedError(f"It answered {response.status}: {_diagnostics(answer)}")
        yield time.perf_counter() - began
    connection.close()


def _diagnostics(answer: bytes) -> str:
    try:
        issues: Any = json.loads(answer)["issue"]
        return str(issues[0]["diagnostics"])[:_MOST_SHOWN]
    except (ValueError, LookupError, TypeError):
        return answer[:_MOST_SHOWN].decode(errors="replace")

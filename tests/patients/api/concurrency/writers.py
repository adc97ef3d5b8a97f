"""Threads that write, each by connections of its own, while a test reads."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.test import Client

from tests.patients.api.messages import FHIR


@contextmanager
def writing(*works: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run each in a thread until it ends, or sees that the event is set; what fails there fails here."""
    is_over = threading.Event()
    failures: list[BaseException] = []

    def run(work: Callable[[threading.Event], None]) -> None:
        try:
            work(is_over)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What that many threads answer, all of which begin together."""
    answers: list[Any] = []
    start = threading.Barrier(number)

    def run(at: int) -> Callable[[threading.Event], None]:
        def begin(_: threading.Event) -> None:
            start.wait()
            answers.append(work(at))

        return begin

    with writing(*[run(at) for at in range(number)]):
        pass
    return answers


def put(client: Client, body: dict[str, Any], **options: Any) -> Any:
    """The answer to an update, or to a create under the id of the body."""
    return client.put(
        f"/fhir/{body['resourceType']}/{body['id']}", json.dumps(body), content_type=FHIR, **options
    )


def pages(client: Client, address: str) -> Iterator[dict[str, Any]]:
    """The bundles from this address on, by their links."""
    following: str | None = address
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content
        bundle = response.json()
        yield bundle
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        following = links.get("next")

"""Answers to HEAD: the headers of GET, and no body.

Over HTTP/2 the web server sends whatever body an application answers with, and clients take that for a
breach of the protocol; so it is taken away here.
"""

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class HeadRequests:
    """A WSGI application in front of another."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return answer
        if close := getattr(answer, "close", None):
            close()
        return []

"""Bodies that announce no length: chunked ones of HTTP/1.1, and those of HTTP/2 without Content-Length.

Django takes a body without a length for an empty one. Here such a body is read, up to one byte more than may
be read at all, and given its length; Django then refuses what is too long as it does any other.
"""

import io
from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "TRACE")


class UnsizedBodies:
    """A WSGI application in front of another."""

    def __init__(self, application: Application, *, longest: int) -> None:
        self.application = application
        self.longest = longest

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("CONTENT_LENGTH") and environ["REQUEST_METHOD"] not in _WITHOUT_BODY:
            self._read(environ)
        return self.application(environ, start_response)

    def _read(self, environ: Environ) -> None:
        # Only a server that ends the input with the body can be read from without knowing its length.
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(self.longest + 1)
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))

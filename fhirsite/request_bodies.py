"""Bodies of requests between the web server and Django.

Bodies that announce no length (chunked ones of HTTP/1.1, those of HTTP/2 without Content-Length): Django
takes them for empty. Here they are read, up to one byte more than may be read at all, and given their length;
Django then refuses what is too long as it does any other.

Bodies that were refused unread: if an answer overtakes the body, HTTP/2 resets the stream, and many clients
of HTTP/1.1 fail on sending, so that nobody learns why. Here the rest is read and thrown away, within a bound.
"""

import io
from collections.abc import Callable, Iterable
from typing import IO, Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

LONGEST_THROWN_AWAY = 64 * 1024 * 1024
_PORTION = 256 * 1024
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "TRACE")


class RequestBodies:
    """A WSGI application in front of another."""

    def __init__(self, application: Application, *, longest: int) -> None:
        self.application = application
        self.longest = longest

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Only of a server that ends the input with the body can be read without knowing its length.
        if environ["REQUEST_METHOD"] in _WITHOUT_BODY or not environ.get("wsgi.input_terminated"):
            return self.application(environ, start_response)
        body = environ["wsgi.input"]
        if not environ.get("CONTENT_LENGTH"):
            self._give_length(environ, body)
        answer = self.application(environ, start_response)
        # Who expects a word before sending (`Expect: 100-continue`) has sent nothing yet.
        if "HTTP_EXPECT" not in environ:
            _throw_away(body)
        return answer

    def _give_length(self, environ: Environ, body: IO[bytes]) -> None:
        beginning = body.read(self.longest + 1)
        environ["wsgi.input"] = io.BytesIO(beginning)
        environ["CONTENT_LENGTH"] = str(len(beginning))


def _throw_away(body: IO[bytes]) -> None:
    left = LONGEST_THROWN_AWAY
    while left > 0 and (portion := body.read(min(_PORTION, left))):
        left -= len(portion)

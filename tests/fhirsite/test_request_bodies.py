import io

import pytest

from fhirsite import request_bodies
from fhirsite.request_bodies import RequestBodies


def echo(environ, start_response):
    """An application that reads what it is told there is."""
    start_response("200 OK", [])
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]


def refuse(environ, start_response):
    """An application that reads nothing."""
    start_response("413 Content Too Large", [])
    return [b"no"]


def sent(application, body: io.BytesIO, *, longest: int = 10, **environ: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        **environ,
    }
    return b"".join(RequestBodies(application, longest=longest)(environ, lambda *_: None))


class TestUnsizedBody:
    def test_is_given_its_length(self):
        assert sent(echo, io.BytesIO(b"12345")) == b"12345"

    def test_is_read_one_byte_further_than_allowed(self):
        assert sent(echo, io.BytesIO(b"1234567890123")) == b"12345678901"

    def test_is_not_looked_for_where_there_is_none(self):
        assert sent(echo, io.BytesIO(b"12345"), REQUEST_METHOD="GET") == b""

    def test_is_left_alone_if_the_server_does_not_end_it(self):
        body = io.BytesIO(b"12345")

        assert sent(echo, body, **{"wsgi.input_terminated": False}) == b""
        assert body.tell() == 0


class TestSizedBody:
    def test_is_left_to_the_application(self):
        assert sent(echo, io.BytesIO(b"12345"), CONTENT_LENGTH="5") == b"12345"

    def test_that_was_not_read_is_thrown_away(self):
        body = io.BytesIO(b"12345")

        assert sent(refuse, body, CONTENT_LENGTH="5") == b"no"
        assert body.read() == b""

    def test_is_not_asked_for_after_the_answer(self):
        body = io.BytesIO(b"12345")

        sent(refuse, body, CONTENT_LENGTH="5", HTTP_EXPECT="100-continue")

        assert body.tell() == 0

    def test_is_thrown_away_within_a_bound(self, monkeypatch):
        monkeypatch.setattr(request_bodies, "LONGEST_THROWN_AWAY", 1_000)
        body = io.BytesIO(bytes(5_000))

        sent(refuse, body, CONTENT_LENGTH="5000")

        assert body.tell() == 1_000


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_methods_without_a_body_are_not_read(method):
    body = io.BytesIO(b"12345")

    sent(refuse, body, REQUEST_METHOD=method, CONTENT_LENGTH="5")

    assert body.tell() == 0

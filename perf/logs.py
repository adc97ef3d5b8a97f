"""What a log line must not hold: what people are called, and what was sent or stored.

Messages of exceptions quote values, and addresses may hold whatever somebody typed. So a failure is told by
its class and its places in the code, and a request by the pattern of its address; the request's id joins the
lines.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

_UNKNOWN = "an unknown address"


class PrivateFilter(logging.Filter):
    """Takes out of the lines of others what our own do not put in."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            # Of the operations that Django refuses as suspicious, their class.
            record.msg, record.args = _SECURITY.get(record.name, record.name.rpartition(".")[2]), ()
            # Where Django noticed it tells nothing: a Host that is not ours comes by the thousand.
            record.exc_info = None
        elif request := getattr(record, "request", None):
            record.args = tuple(_without_path(each, request) for each in record.args or ())
        elif record.name == "celery.app.trace" and isinstance(record.args, dict):
            record.args = {**record.args, **dict.fromkeys(_OF_A_TASK, "-")}
        return True


class PrivateFormatter(logging.Formatter):
    """Tells where a failure happened and of which class it was, not what its message says."""

    def format(self, record: logging.LogRecord) -> str:
        # What another formatter has put there tells the message.
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        return "".join(_told(ei[1], set())).rstrip("\n") if ei[1] else ""


_SECURITY = {"django.security.csrf": "a form was refused"}
_OF_A_TASK = ("exc", "traceback", "args", "kwargs", "return_value")


def _without_path(value: object, request: Any) -> object:
    # Django escapes what it logs.
    if value not in (request.path, request.path.encode("unicode_escape").decode("ascii")):
        return value
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else _UNKNOWN


def _told(failure: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(failure))
    before = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    if before is not None and id(before) not in seen:
        yield from _told(before, seen)
        yield "which led to:\n"
    yield from traceback.format_tb(failure.__traceback__)
    state = getattr(failure, "sqlstate", None)
    kind = type(failure)
    yield f"{kind.__module__}.{kind.__qualname__}{f' ({state})' if state else ''}\n"

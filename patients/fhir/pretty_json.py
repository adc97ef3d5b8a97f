"""JSON laid out for people: whitespace is all that changes, numbers and strings stay as written."""

import re

_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING = frozenset("{[")
_CLOSING = frozenset("}]")
_BEFORE_A_LINE = frozenset("{[,")
_INDENT = "  "


def indent(text: str) -> str:
    """Return the JSON text with a line for each member and item."""
    written: list[str] = []
    depth = 0
    previous = ""
    for mark in _MARKS.findall(text):
        if mark in _CLOSING:
            depth -= 1
        if _begins_line(previous, mark):
            written.append("\n" + _INDENT * depth)
        if mark in _OPENING:
            depth += 1
        written.append(": " if mark == ":" else mark)
        previous = mark
    return "".join(written) + "\n"


def _begins_line(previous: str, mark: str) -> bool:
    if mark in _CLOSING:
        return previous not in _OPENING
    return previous in _BEFORE_A_LINE

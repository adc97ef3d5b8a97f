"""JSON text made readable without being parsed: what is shown is what is stored, letter for letter.

Only white space between tokens is added, so `1.0E2` stays `1.0E2`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

Kind = Literal["key", "string", "reference", "number", "literal", "punctuation"]

# An empty object or array is one token: it stays on its line.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_REFERENCE = re.compile(r'"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"')
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line that is coloured in one way."""

    kind: Kind
    text: str

    @property
    def target(self) -> str:
        """`Patient/1` of a reference to it."""
        found = _REFERENCE.fullmatch(self.text) if self.kind == "reference" else None
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the readable text."""

    indent: str
    spans: tuple[Span, ...]

    def __str__(self) -> str:
        return self.indent + "".join(span.text for span in self.spans)


def lines(text: str) -> list[Line]:
    """Lay the text out: one line a member or element, empty objects and arrays on one."""
    return list(_Layout().lines(text))


@dataclass(slots=True)
class _Layout:
    """Where the layout has come to: no recursion, whatever the depth."""

    depth: int = 0
    spans: list[Span] = field(default_factory=list)

    def lines(self, text: str) -> Iterator[Line]:
        pieces = _TOKEN.findall(text)
        key = ""
        for piece, following in zip_longest(pieces, pieces[1:], fillvalue=""):
            if piece in ("}", "]"):
                yield self._end_line()
                self.depth -= 1
            kind = _kind(piece, following, key)
            self.spans.append(Span(kind, ": " if piece == ":" else piece))
            if kind == "key":
                key = piece
            elif piece in ("{", "["):
                yield self._end_line()
                self.depth += 1
            elif piece == ",":
                yield self._end_line()
        if self.spans:
            yield self._end_line()

    def _end_line(self) -> Line:
        line = Line(_INDENT * self.depth, tuple(self.spans))
        self.spans = []
        return line


def _kind(piece: str, following: str, key: str) -> Kind:
    if piece[0] in "{}[]:,":
        return "punctuation"
    if piece[0] == '"':
        if following == ":":
            return "key"
        return "reference" if key == '"reference"' and _REFERENCE.fullmatch(piece) else "string"
    return "literal" if piece in ("true", "false", "null") else "number"

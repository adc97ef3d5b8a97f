r"""The backslash of search values: `\,`, `\|`, `\$` and `\\` stand for the character itself.

Specification: https://hl7.org/fhir/R4/search.html#escaping
"""

from __future__ import annotations

import re

_ESCAPABLE = "\\,|$"
_ESCAPED_OR_STRAY = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPES_AND = {separator: re.compile(rf"\\.|{re.escape(separator)}", re.DOTALL) for separator in ",|$"}
_ESCAPING = str.maketrans({character: "\\" + character for character in _ESCAPABLE})


class EscapingError(ValueError):
    """A text with a backslash that escapes nothing."""


def escape(text: str) -> str:
    """Return the text with each character that search values treat specially escaped."""
    return text.translate(_ESCAPING)


def unescape(text: str) -> str:
    """Return the text that was escaped.

    :raises EscapingError: if a backslash stands before anything but a special character.
    """
    return _ESCAPED_OR_STRAY.sub(_escaped_character, text) if "\\" in text else text


def split(text: str, separator: str) -> list[str]:
    """Split a text, still escaped, where the separator stands unescaped."""
    if "\\" not in text:
        return text.split(separator)
    parts, start = [], 0
    for found in _ESCAPES_AND[separator].finditer(text):
        if found[0] == separator:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return parts


def _escaped_character(found: re.Match[str]) -> str:
    character = found[1]
    if not character or character not in _ESCAPABLE:
        raise EscapingError
    return character

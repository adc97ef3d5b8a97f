r"""Values as a query string has them: `\,`, `\|`, `\$` and `\\` are the characters themselves.

https://hl7.org/fhir/R4/search.html#escaping
"""

from __future__ import annotations


def split(text: str, separator: str) -> list[str]:
    """The parts between separators, still escaped."""
    parts, part, is_escaped = [], "", False
    for character in text:
        if character == separator and not is_escaped:
            parts.append(part)
            part = ""
            continue
        part += character
        is_escaped = character == "\\" and not is_escaped
    return [*parts, part]


def plain(text: str) -> str:
    """What is meant."""
    found, is_escaped = "", False
    for character in text:
        if character == "\\" and not is_escaped:
            is_escaped = True
            continue
        found += character
        is_escaped = False
    return found


def escaped(text: str) -> str:
    """What to write for it."""
    return "".join(f"\\{character}" if character in "\\,|$" else character for character in text)

"""Tokens as search sees them: a code or identifier, with or without the system it comes from.

Codes are compared without case; systems are URIs and are compared letter for letter.

Specification: https://hl7.org/fhir/R4/search.html#token
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

_PHONE_NUMBER = re.compile(r"(\+?)([0-9()\s./\-]+)")
_NO_DIGIT = re.compile(r"[^0-9]")
_FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class TokenValue:
    """A token to search for: system None is any and "" is none, code None is any code of the system."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class OfTypeValue:
    """An identifier to search for with `:of-type`: the system and code of its type, and its value."""

    system: str
    code: str
    value: str


def fold_code(code: str) -> str:
    """Return the code without case and surrounding spaces, as it is stored and looked for."""
    return code.strip().casefold()


def contact_codes(value: str) -> tuple[str, ...]:
    """Return the codes under which the value of a contact point is stored and looked for.

    The value itself, and if it looks like a telephone number also its digits after an initial plus, so that
    "(03) 5555 6473" is found as "03 5555-6473".
    """
    folded = fold_code(value)
    number = _PHONE_NUMBER.fullmatch(normalize("NFKC", value).strip())
    if number is None:
        return (folded,)
    digits = _NO_DIGIT.sub("", number[2])
    if len(digits) < _FEWEST_DIGITS:
        return (folded,)
    compact = number[1] + digits
    return (folded,) if compact == folded else (folded, compact)

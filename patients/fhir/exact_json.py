"""JSON that is read strictly and written back letter for letter.

Refused besides what https://www.rfc-editor.org/rfc/rfc8259 refuses: duplicate members, U+0000, lone
surrogates, NaN and Infinity, numbers beyond the limits of `exact_numbers`, and nesting beyond 200 levels.
Python's decoder does the work; why it refused a text, and at which element, is found out by a second reading
(`json_flaws`).
"""

import json
import re
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from patients.fhir import json_flaws
from patients.fhir.exact_numbers import exact_decimal, exact_integer
from patients.fhir.outcomes import InvalidJson

MAX_DEPTH = 200


class Member(NamedTuple):
    """A member of a JSON object: its text as written, and what it says."""

    written_name: str
    written_value: str
    name: str
    value: Any


def members(text: str) -> list[Member]:
    """Return the members of the one JSON object in the text.

    :raises InvalidJson: if the text is anything else, or could not be kept exactly.
    """
    _require_shallow(text)
    try:
        found = _members(text)
    except (ValueError, RecursionError) as error:
        raise json_flaws.diagnose(text) from error
    if _SUSPICIOUS_ESCAPE.search(text) and (flaw := json_flaws.find(text)):
        raise flaw
    return found


def decode(body: bytes) -> Any:
    """Return what a JSON text in UTF-8 says, whatever it is.

    :raises InvalidJson: if it is not JSON, or could not be kept exactly.
    """
    try:
        text = body.decode().removeprefix("\ufeff")
        _require_shallow(text)
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise InvalidJson("The body is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise json_flaws.diagnose(text) from error
    if _SUSPICIOUS_ESCAPE.search(text) and (flaw := json_flaws.find(text)):
        raise flaw
    return value


def encode(value: Any) -> str:
    """Return the value as JSON without whitespace, its numbers as they were written."""
    text = _ENCODER.encode(value)
    if _NUMBER_MARK in text:
        return text.replace(_NUMBER_BEGINS, "").replace(_NUMBER_ENDS, "")
    return text


def compact(text: str) -> str:
    """Return valid JSON without the whitespace between its tokens."""
    if "\\" in text:
        return "".join(_TOKENS.findall(text))
    # Without escapes every quotation mark begins or ends a string, and splitting is quicker.
    parts = text.split('"')
    if _WHITESPACE.search("".join(parts[::2])):
        parts[::2] = ["".join(part.split()) for part in parts[::2]]
    return '"'.join(parts)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate members")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    parse_float=exact_decimal,
    parse_int=exact_integer,
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)
# Strings with such an escape may hold U+0000 or half of a surrogate pair.
_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_WHITESPACE = re.compile(r"[ \t\n\r]")
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\n\r]+')

_SPACE = r"[ \t\n\r]*"
_NAME = rf'("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"){_SPACE}:{_SPACE}'
_FIRST_NAME = re.compile(rf"{_SPACE}\{{{_SPACE}{_NAME}")
_NEXT_NAME = re.compile(rf"{_SPACE},{_SPACE}{_NAME}")
_END = re.compile(rf"{_SPACE}\}}{_SPACE}")
_EMPTY = re.compile(rf"{_SPACE}\{{{_SPACE}\}}{_SPACE}")


def _members(text: str) -> list[Member]:
    found: list[Member] = []
    end = 0
    match = _FIRST_NAME.match(text)
    while match:
        start = match.end()
        value, end = _DECODER.raw_decode(text, start)
        found.append(Member(match[1], text[start:end], _string(match[1]), value))
        match = _NEXT_NAME.match(text, end)
    if not (_END if found else _EMPTY).fullmatch(text, end):
        raise ValueError("not an object, or not its end")
    if len({member.name for member in found}) != len(found):
        raise ValueError("duplicate members")
    return found


def _string(written: str) -> str:
    if "\\" not in written:
        return written[1:-1]
    text: str = json.loads(written)
    return text


_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = bytes.maketrans(b"[]{}", b"\x01\xff\x01\xff")


def _require_shallow(text: str) -> None:
    """Refuse deep nesting before the decoder, which recurses, sees it."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    outside_strings = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    brackets = outside_strings.encode(errors="replace").translate(_STEPS, _ALL_BUT_BRACKETS)
    # Each bracket as a signed byte: 1 opens, -1 closes.
    depths = accumulate(memoryview(brackets).cast("b"))
    if any(map(MAX_DEPTH.__lt__, depths)):
        raise InvalidJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


# No valid string holds half of a surrogate pair, so that what stands between two of them is a number.
_NUMBER_MARK = "\ud800"
_NUMBER_BEGINS, _NUMBER_ENDS = f'"{_NUMBER_MARK}', f'{_NUMBER_MARK}"'


def _mark_number(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    return f"{_NUMBER_MARK}{value!s}{_NUMBER_MARK}"


# A value that was read from JSON holds no circle.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=False,
    separators=(",", ":"),
    default=_mark_number,
)

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
    except (ValueError, IndexError, RecursionError) as error:
        raise json_flaws.diagnose(text) from error
    if _SUSPICIOUS_ESCAPE.search(text) and (flaw := json_flaws.find(text)):
        raise flaw
    return found


def encode(value: Any) -> str:
    """Return the value as JSON without whitespace, its numbers as they were written."""
    text = _ENCODER.encode(value)
    return _MARKED_NUMBER.sub(r"\1", text) if _NUMBER_MARK in text else text


def compact(text: str) -> str:
    """Return valid JSON without the whitespace between its tokens."""
    return "".join(_TOKENS.findall(text))


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
_NO_WHITESPACE = re.compile(r"[^ \t\n\r]")
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^" \t\n\r]+')


def _members(text: str) -> list[Member]:
    found: list[Member] = []
    position = _after("{", text, 0)
    while text[position] != "}":
        member, position = _member(text, _after(",", text, position) if found else position)
        found.append(member)
    if _skip_whitespace(text, position + 1) != len(text):
        raise ValueError("text after the object")
    if len({member.name for member in found}) != len(found):
        raise ValueError("duplicate members")
    return found


def _member(text: str, start: int) -> tuple[Member, int]:
    """Read the member at the position; return it and the position of what follows it."""
    name, name_end = _DECODER.raw_decode(text, start)
    value_start = _after(":", text, name_end)
    value, value_end = _DECODER.raw_decode(text, value_start)
    if not isinstance(name, str):
        raise ValueError("a name must be a string")
    member = Member(text[start:name_end], text[value_start:value_end], name, value)
    return member, _skip_whitespace(text, value_end)


def _after(mark: str, text: str, position: int) -> int:
    start = _skip_whitespace(text, position)
    if text[start] != mark:
        raise ValueError(f"{mark} expected")
    return _skip_whitespace(text, start + 1)


def _skip_whitespace(text: str, position: int) -> int:
    match = _NO_WHITESPACE.search(text, position)
    return match.start() if match else len(text)


_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = bytes.maketrans(b"[]{}", bytes([2, 0, 2, 0]))


def _require_shallow(text: str) -> None:
    """Refuse deep nesting before the decoder, which recurses, sees it."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    outside_strings = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    brackets = outside_strings.encode(errors="replace").translate(_STEPS, _ALL_BUT_BRACKETS)
    depths = accumulate(brackets, lambda depth, step: depth + step - 1, initial=0)
    if any(depth > MAX_DEPTH for depth in depths):
        raise InvalidJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


# No valid string holds half of a surrogate pair, so that what stands between two of them is a number.
_NUMBER_MARK = "\ud800"
_MARKED_NUMBER = re.compile(f'"{_NUMBER_MARK}([^"]*){_NUMBER_MARK}"')


def _mark_number(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    return f"{_NUMBER_MARK}{value!s}{_NUMBER_MARK}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_mark_number)

"""The primitive types: what their values look like (https://hl7.org/fhir/R4/datatypes.html#primitive).

Each check takes any JSON value. The sentences say what is expected and never repeat the value, which may be
a patient's.
"""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from patients.fhir import narrative
from patients.fhir.resource import ID_PATTERN

_MAX_INTEGER = 2**31 - 1
_MAX_STRING = 2**20


@dataclass(frozen=True, slots=True)
class Primitive:
    """A primitive type: the check of its values, and what a value must be in words."""

    is_valid: Callable[[Any], bool]
    expected: str


def _matching(pattern: str) -> Callable[[Any], bool]:
    fullmatch = re.compile(pattern).fullmatch

    def is_valid(value: Any) -> bool:
        return value.__class__ is str and fullmatch(value) is not None

    return is_valid


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _is_string(value: Any) -> bool:
    if value.__class__ is not str or not value or value.isspace() or len(value) > _MAX_STRING:
        return False
    # isprintable is quick and true for most; what it denies (NBSP, U+3000, line feeds) may still be a string.
    return value.isprintable() or _CONTROL.search(value) is None


def _is_boolean(value: Any) -> bool:
    return value.__class__ is bool


def _is_decimal(value: Any) -> bool:
    return value.__class__ is int or isinstance(value, Decimal)


def _integer_from(least: int) -> Callable[[Any], bool]:
    def is_valid(value: Any) -> bool:
        return value.__class__ is int and least <= value <= _MAX_INTEGER

    return is_valid


_YEAR = r"(?!0000)[0-9]{4}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = re.compile(rf"{_YEAR}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?")
_INSTANT = re.compile(rf"{_YEAR}-[01][0-9]-[0-3][0-9]T{_TIME}{_ZONE}")
_DAY_LENGTH = len("2000-02-29")


def _is_date(value: Any) -> bool:
    if value.__class__ is not str or _DATE.fullmatch(value) is None:
        return False
    return len(value) < _DAY_LENGTH or _is_day(value)


def _is_instant(value: Any) -> bool:
    return value.__class__ is str and _INSTANT.fullmatch(value) is not None and _is_day(value[:_DAY_LENGTH])


def _is_date_time(value: Any) -> bool:
    return _is_instant(value) or _is_date(value)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_WHITESPACE = re.compile(r"[ \t\r\n]+")


def _is_base64(value: Any) -> bool:
    if value.__class__ is not str or not value:
        return False
    try:
        return bool(binascii.a2b_base64(_WHITESPACE.sub("", value), strict_mode=True))
    except ValueError:
        return False


_OID = r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"
_UUID = r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_URI = rf"(?!urn:(oid|uuid):)\S+|{_OID}|{_UUID}"

_AN_URI = "a URI without spaces; urn:oid: and urn:uuid: must be followed by an OID or a UUID"
_A_STRING = "a string that is not blank, without control characters, of at most 1,048,576 characters"

PRIMITIVES: dict[str, Primitive] = {
    "base64Binary": Primitive(_is_base64, "base64 text"),
    "boolean": Primitive(_is_boolean, "true or false"),
    "canonical": Primitive(_matching(r"\S+"), "a URI without spaces"),
    "code": Primitive(_matching(r"[^\s]+(\s[^\s]+)*"), "a code: text without leading or double spaces"),
    "date": Primitive(_is_date, "a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": Primitive(
        _is_date_time,
        "a date that exists, as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone",
    ),
    "decimal": Primitive(_is_decimal, "a number"),
    "id": Primitive(_matching(ID_PATTERN), "1 to 64 letters, digits, hyphens and dots"),
    "instant": Primitive(_is_instant, "a moment that exists, as YYYY-MM-DDThh:mm:ss with a time zone"),
    "integer": Primitive(_integer_from(-_MAX_INTEGER - 1), "a whole number of 32 bits"),
    "markdown": Primitive(_is_string, _A_STRING),
    "oid": Primitive(_matching(_OID), "an OID, as urn:oid:1.2.3"),
    "positiveInt": Primitive(_integer_from(1), "a whole number from 1 to 2,147,483,647"),
    "string": Primitive(_is_string, _A_STRING),
    "System.String": Primitive(_is_string, _A_STRING),
    "System.Url": Primitive(_matching(_URI), _AN_URI),
    "time": Primitive(_matching(_TIME), "a time of day, as hh:mm:ss"),
    "unsignedInt": Primitive(_integer_from(0), "a whole number from 0 to 2,147,483,647"),
    "uri": Primitive(_matching(_URI), _AN_URI),
    "url": Primitive(_matching(_URI), _AN_URI),
    "uuid": Primitive(_matching(_UUID), "a UUID, as urn:uuid:…"),
    "xhtml": Primitive(narrative.is_safe, narrative.EXPECTED),
}

# The types of FHIRPath have no extensions, so no twin with an underscore.
WITHOUT_EXTENSIONS = frozenset({"System.String", "System.Url"})

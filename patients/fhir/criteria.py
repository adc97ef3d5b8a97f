"""One criterion of a search: a search parameter, perhaps with a modifier, and the values to look for.

Specification: https://hl7.org/fhir/R4/search.html#modifiers and https://hl7.org/fhir/R4/search.html#combining
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from patients.fhir.outcomes import InvalidSearchParameter, UnsupportedModifier
from patients.fhir.search_parameters import SearchParameter
from patients.fhir.values.dates import PREFIXES, DateError, DateValue, parse_date_value
from patients.fhir.values.escaping import EscapingError, escape, split, unescape
from patients.fhir.values.strings import StringValue, fold
from patients.fhir.values.tokens import TokenValue

Value = StringValue | TokenValue | DateValue | bool

LONGEST_NAME_SHOWN = 64

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SAFE_IN_QUERY = ":,/@"
_CHECKED_DATATYPES = ("boolean", "code", "id")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition on a search parameter, met when any of the values matches, or for `:not` when none does."""

    parameter: SearchParameter
    modifier: str | None
    values: tuple[Value, ...]

    def query(self) -> str:
        modifier = f":{self.modifier}" if self.modifier else ""
        return query_pair(self.parameter.name + modifier, ",".join(map(_written, self.values)))


def parse_criterion(parameter: SearchParameter, modifier: str | None, text: str) -> Criterion:
    """Parse what a query string gives for a search parameter.

    :raises UnsupportedModifier: if the parameter is not offered with the modifier.
    :raises InvalidSearchParameter: if a value cannot be understood, or makes no sense for the parameter.
    """
    name = parameter.name
    if modifier is not None and modifier not in parameter.modifiers:
        offered = ", ".join(f":{each}" for each in parameter.modifiers)
        shown = ":" + modifier[:LONGEST_NAME_SHOWN]
        raise UnsupportedModifier(
            f"Search parameter {name!r} does not take the modifier {shown!r}, only {offered}."
        )
    check_characters(name, text)
    texts = split(text, ",")
    if "" in texts:
        raise InvalidSearchParameter(
            f"Search parameter {name!r} has {'no value' if not text else 'an empty value in its list'}."
        )
    if modifier == "missing":
        return Criterion(parameter, modifier, (_missing_value(parameter, text),))
    return Criterion(
        parameter, modifier, tuple(_VALUES[parameter.type](parameter, modifier, each) for each in texts)
    )


def query_pair(name: str, text: str) -> str:
    """Return one percent-encoded pair of a query string."""
    return f"{name}={quote(text, safe=_SAFE_IN_QUERY)}"


def check_characters(name: str, text: str) -> None:
    """Refuse what neither JSON nor the database could hold.

    :raises InvalidSearchParameter: if there is a NUL or half of a surrogate pair.
    """
    if "\0" in text or _LONE_SURROGATE.search(text):
        raise InvalidSearchParameter(f"Search parameter {name!r} has a character that no text may have.")


def _missing_value(parameter: SearchParameter, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidSearchParameter(f"Search parameter '{parameter.name}:missing' takes true or false.")
    return text == "true"


def _string_value(parameter: SearchParameter, modifier: str | None, text: str) -> StringValue:
    text = _unescape(parameter, text)
    folded = fold(text)
    if not folded and modifier != "exact":
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} has no letters to search for.")
    return StringValue(text, folded)


def _date_value(parameter: SearchParameter, _: str | None, text: str) -> DateValue:
    try:
        value = parse_date_value(text)
    except DateError as error:
        raise InvalidSearchParameter(
            f"Search parameter {parameter.name!r} has a date that {error}{_date_hint(text)}."
        ) from None
    if parameter.datatype == "date" and value.has_time:
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} takes a day, not a time of day.")
    return value


def _date_hint(text: str) -> str:
    if text[:1].isalpha():
        return f", after a prefix if need be ({', '.join(PREFIXES)})"
    return "; the '+' of a time zone is sent as '%2B'" if " " in text else ""


def _token_value(parameter: SearchParameter, _: str | None, text: str) -> TokenValue:
    parts = [_unescape(parameter, part) for part in split(text, "|")]
    if len(parts) > 2:
        raise InvalidSearchParameter(
            f"Search parameter {parameter.name!r} has a value with more than one '|'; "
            r"a '|' that is part of a value is written '\|'."
        )
    system, code = parts if len(parts) == 2 else (None, parts[0])
    if not system and not code.strip():
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} has neither a system nor a code.")
    value = TokenValue(system, code if code.strip() else None)
    if parameter.datatype in _CHECKED_DATATYPES:
        _check_code(parameter, value)
    return value


_VALUES: dict[str, Callable[[SearchParameter, str | None, str], Value]] = {
    "date": _date_value,
    "string": _string_value,
    "token": _token_value,
}

_CHECKED_DATATYPES = ("boolean", "code", "id")


def _unescape(parameter: SearchParameter, text: str) -> str:
    try:
        return unescape(text)
    except EscapingError:
        raise InvalidSearchParameter(
            f"Search parameter {parameter.name!r} has a backslash that escapes nothing; "
            r"a backslash that is part of a value is written '\\'."
        ) from None


def _check_code(parameter: SearchParameter, value: TokenValue) -> None:
    """Refuse what a code with a fixed system, or with none, can't be asked."""
    if value.code is None:
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} needs a code after the '|'.")
    if value.system is not None and value.system != parameter.system:
        fitting = f"no system but {parameter.system!r}" if parameter.system else "no system"
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} takes {fitting}.")
    if parameter.datatype == "boolean" and value.code not in ("true", "false"):
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} takes true or false.")


def _written(value: Value) -> str:
    if isinstance(value, StringValue):
        return escape(value.text)
    if isinstance(value, DateValue):
        return (value.prefix if value.prefix != "eq" else "") + value.text
    if isinstance(value, TokenValue):
        system = "" if value.system is None else escape(value.system) + "|"
        return system + escape(value.code or "")
    return "true" if value else "false"

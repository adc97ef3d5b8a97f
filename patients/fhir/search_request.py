"""A search as the client asked for it: the query string, parsed once, strictly.

What cannot be honoured is refused with a sentence that names the parameter, never its value: names and birth
dates do not belong in messages. `SearchRequest.query` is the way back: the canonical query string.

Specification: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import quote

from patients.fhir.outcomes import (
    InvalidRequest,
    InvalidSearchParameter,
    TooLarge,
    UnknownResourceType,
    UnknownSearchParameter,
    UnsupportedModifier,
)
from patients.fhir.search_parameters import SEARCH_PARAMETERS, SearchParameter
from patients.fhir.values.dates import PREFIXES, DateError, DateValue, parse_date_value
from patients.fhir.values.escaping import EscapingError, escape, split, unescape
from patients.fhir.values.strings import StringValue, fold
from patients.fhir.values.tokens import TokenValue

DEFAULT_COUNT = 50
MAXIMUM_COUNT = 1_000
MAXIMUM_PARAMETERS = 100
MAXIMUM_VALUES = 1_000
MAXIMUM_LENGTH = 65_536

Total = Literal["none", "accurate", "estimate"]
Value = StringValue | TokenValue | DateValue | bool

TOTALS: tuple[Total, ...] = ("none", "accurate", "estimate")
RESULT_PARAMETERS = ("_count", "_cursor", "_sort", "_total")

_COUNT = re.compile(r"[0-9]{1,9}")
_SAFE_IN_QUERY = ":,/@"
_LONGEST_NAME_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition on one search parameter, met when any of the values matches (for `:not`, when none does)."""

    parameter: SearchParameter
    modifier: str | None
    values: tuple[Value, ...]

    def query(self) -> str:
        modifier = f":{self.modifier}" if self.modifier else ""
        return _pair(self.parameter.name + modifier, ",".join(map(_written, self.values)))


@dataclass(frozen=True, slots=True)
class SortKey:
    """The parameter by which results are ordered, and which way."""

    parameter: SearchParameter
    is_descending: bool

    def query(self) -> str:
        return _pair("_sort", ("-" if self.is_descending else "") + self.parameter.name)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search of one resource type: all criteria must be met."""

    resource_type: str
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[SortKey, ...] = ()
    count: int = DEFAULT_COUNT
    total: Total = "none"
    cursor: str | None = None

    def query(self, *, cursor: str | None = None) -> str:
        """Return the canonical query string, of the page at this cursor if one is given.

        Parsing it gives an equal request. What is as by default is left out.
        """
        pairs = [part.query() for part in (*self.criteria, *self.sort)]
        if self.count != DEFAULT_COUNT:
            pairs.append(_pair("_count", str(self.count)))
        if self.total != "none":
            pairs.append(_pair("_total", self.total))
        if cursor or self.cursor:
            pairs.append(_pair("_cursor", cursor or self.cursor or ""))
        return "&".join(pairs)


def parse(resource_type: str, parameters: Iterable[tuple[str, str]]) -> SearchRequest:
    """Parse the decoded pairs of a query string, in their order.

    :raises UnknownResourceType: if resources of this type cannot be searched.
    :raises UnknownSearchParameter: if the type has no such search parameter.
    :raises UnsupportedModifier: if the parameter is not offered with the modifier.
    :raises InvalidSearchParameter: if a value cannot be understood, or makes no sense for the parameter.
    :raises InvalidRequest: if there are too many parameters or values.
    :raises TooLarge: if the query is longer than 64 KiB.
    """
    known = SEARCH_PARAMETERS.get(resource_type)
    if known is None:
        raise UnknownResourceType(f"Resources of type {resource_type!r} cannot be searched here.")
    pairs = list(parameters)
    _check_size(pairs)
    criteria: list[Criterion] = []
    results: dict[str, str] = {}
    for key, text in pairs:
        name, colon, modifier = key.partition(":")
        if name in RESULT_PARAMETERS:
            _add_result_parameter(results, key, name, text)
        else:
            parameter = _parameter(known, name)
            criteria.append(_criterion(parameter, modifier if colon else None, text))
    if sum(len(criterion.values) for criterion in criteria) > MAXIMUM_VALUES:
        raise InvalidRequest(f"A search may look for at most {MAXIMUM_VALUES} values.")
    return SearchRequest(
        resource_type,
        tuple(criteria),
        sort=_sort(known, results.get("_sort")),
        count=_count(results.get("_count")),
        total=_total(results.get("_total")),
        cursor=results.get("_cursor"),
    )


def _check_size(pairs: list[tuple[str, str]]) -> None:
    if len(pairs) > MAXIMUM_PARAMETERS:
        raise InvalidRequest(f"A search may have at most {MAXIMUM_PARAMETERS} parameters.")
    if sum(len(key) + len(text) for key, text in pairs) > MAXIMUM_LENGTH:
        raise TooLarge(f"A search may be at most {MAXIMUM_LENGTH} characters long.")


def _parameter(known: dict[str, SearchParameter], name: str) -> SearchParameter:
    parameter = known.get(name)
    if parameter is None:
        raise UnknownSearchParameter(f"Unknown search parameter {name[:_LONGEST_NAME_SHOWN]!r}.")
    return parameter


def _add_result_parameter(results: dict[str, str], key: str, name: str, text: str) -> None:
    if key != name:
        raise UnsupportedModifier(f"Search parameter {name!r} takes no modifier.")
    if name in results:
        raise InvalidSearchParameter(f"Search parameter {name!r} is given more than once.")
    if not text:
        raise InvalidSearchParameter(f"Search parameter {name!r} has no value.")
    _check_characters(name, text)
    results[name] = text


def _criterion(parameter: SearchParameter, modifier: str | None, text: str) -> Criterion:
    name = parameter.name
    if modifier is not None and modifier not in parameter.modifiers:
        offered = ", ".join(f":{each}" for each in parameter.modifiers)
        shown = ":" + modifier[:_LONGEST_NAME_SHOWN]
        raise UnsupportedModifier(
            f"Search parameter {name!r} does not take the modifier {shown!r}, only {offered}."
        )
    _check_characters(name, text)
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


def _check_characters(name: str, text: str) -> None:
    if "\0" in text or not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
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
    if not system and not code:
        raise InvalidSearchParameter(f"Search parameter {parameter.name!r} has neither a system nor a code.")
    value = TokenValue(system, code or None)
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


def _sort(known: dict[str, SearchParameter], text: str | None) -> tuple[SortKey, ...]:
    if text is None:
        return ()
    if "," in text:
        raise InvalidSearchParameter(
            "Search parameter '_sort' takes one key; results are not sorted by more."
        )
    parameter = known.get(text.removeprefix("-"))
    if parameter is None or not parameter.is_sortable:
        sortable = ", ".join(each.name for each in known.values() if each.is_sortable)
        raise InvalidSearchParameter(
            f"Search parameter '_sort' takes one of {sortable}, each also after a '-'."
        )
    return (SortKey(parameter, text.startswith("-")),)


def _count(text: str | None) -> int:
    if text is None:
        return DEFAULT_COUNT
    if not _COUNT.fullmatch(text) or int(text) > MAXIMUM_COUNT:
        raise InvalidSearchParameter(f"Search parameter '_count' takes a number from 0 to {MAXIMUM_COUNT}.")
    return int(text)


def _total(text: str | None) -> Total:
    if text is None:
        return "none"
    if text not in TOTALS:
        raise InvalidSearchParameter(f"Search parameter '_total' takes one of {', '.join(TOTALS)}.")
    return cast(Total, text)


def _pair(name: str, text: str) -> str:
    return f"{name}={quote(text, safe=_SAFE_IN_QUERY)}"


def _written(value: Value) -> str:
    if isinstance(value, StringValue):
        return escape(value.text)
    if isinstance(value, DateValue):
        return (value.prefix if value.prefix != "eq" else "") + value.text
    if isinstance(value, TokenValue):
        system = "" if value.system is None else escape(value.system) + "|"
        return system + escape(value.code or "")
    return "true" if value else "false"

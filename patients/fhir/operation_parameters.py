"""What an operation is asked for: as pairs of name and text, from its address or from Parameters.

https://hl7.org/fhir/R4/operations.html
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import InvalidResource, InvalidSearchParameter, UnknownSearchParameter
from patients.fhir.resource import Resource
from patients.fhir.values.dates import DateError, date_range

Pairs = tuple[tuple[str, str], ...]

LONGEST_SHOWN = 64


def pairs_of(resource: Resource) -> Pairs:
    """Return the parameters of a Parameters resource that was posted, each value as text.

    :raises InvalidResource: if it is another resource, or a parameter has no simple value.
    """
    if resource.resource_type != "Parameters":
        raise InvalidResource(f"The resource is of type {resource.resource_type}; Parameters was expected.")
    given = resource.value.get("parameter", [])
    if not isinstance(given, list):
        raise InvalidResource("Parameters.parameter must be a list.", expression=("Parameters.parameter",))
    return tuple(_pair(each, at) for at, each in enumerate(given))


def grouped(pairs: Pairs, *, operation: str, offered: Iterable[str]) -> dict[str, list[str]]:
    """Return the texts by name.

    :raises UnknownSearchParameter: if the operation has no such parameter.
    :raises InvalidSearchParameter: if a text is empty.
    """
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in offered:
            shown = name[:LONGEST_SHOWN]
            raise UnknownSearchParameter(
                f"Unknown parameter {shown!r}; {operation} takes {', '.join(offered)}."
            )
        if not text or "\x00" in text:
            raise InvalidSearchParameter(f"Parameter {name!r} has no value that can be understood.")
        found.setdefault(name, []).append(text)
    return found


def only(given: dict[str, list[str]], name: str) -> str | None:
    """Return the text of a parameter that may be given once.

    :raises InvalidSearchParameter: if it is given more than once.
    """
    texts = given.get(name, [])
    if len(texts) > 1:
        raise InvalidSearchParameter(f"Parameter {name!r} is given more than once.")
    return texts[0] if texts else None


def types_in(given: dict[str, list[str]], name: str = "_type") -> tuple[str, ...]:
    """Return the resource types that are named, in order and each once; none if all are meant.

    :raises InvalidSearchParameter: if R4 has no such type.
    """
    named = {each for text in given.get(name, []) for each in text.split(",")}
    for each in sorted(named - set(RESOURCE_TYPES)):
        raise InvalidSearchParameter(f"Parameter {name!r} names {each[:LONGEST_SHOWN]!r}, which R4 has not.")
    return tuple(sorted(named))


def date_in(given: dict[str, list[str]], name: str) -> tuple[datetime, datetime] | None:
    """Return the range of time that a date means.

    :raises InvalidSearchParameter: if it is no date.
    """
    text = only(given, name)
    if text is None:
        return None
    try:
        # A plus that was not percent-encoded arrives as a space.
        return date_range(text.replace(" ", "+"))
    except DateError as error:
        raise InvalidSearchParameter(f"Parameter {name!r} has a date that {error}.") from None


def instant_in(given: dict[str, list[str]], name: str = "_since") -> datetime | None:
    """Return the instant of a parameter; a date or partial date is its first moment.

    :raises InvalidSearchParameter: if it is none.
    """
    found = date_in(given, name)
    return found[0] if found else None


def _pair(parameter: Any, at: int) -> tuple[str, str]:
    path = f"Parameters.parameter[{at}]"
    if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
        raise InvalidResource(f"{path} must have a name.", expression=(path,))
    values = [_simple(key, value) for key, value in parameter.items() if key.startswith("value")]
    if len(values) != 1 or isinstance(values[0], dict | list):
        raise InvalidResource(f"{path} must have one simple value.", expression=(path,))
    [value] = values
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return parameter["name"], text


def _simple(key: str, value: Any) -> Any:
    """A reference is as good as its text."""
    if key == "valueReference" and isinstance(value, dict) and isinstance(value.get("reference"), str):
        return value["reference"]
    return value

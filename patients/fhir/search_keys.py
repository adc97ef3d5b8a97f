"""The 128-bit keys of search values (docs/decisions/0007-ordered-lists-of-keys.md).

A key is a hash of what kind of value it is, of resource type, parameter and value, each with its length
before it. Those marked as listed have a list of their resources, ordered by date; the others only
tell whether a resource, found another way, has the value too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from patients.fhir.search_values import IndexValues

_MARKED_ABSENT = "\ue000"
# Characters of system and code: whatever is sent, what is remembered stays small.
_LONGEST_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a resource, as hexadecimal digits in order."""

    listed: tuple[str, ...]
    unlisted: tuple[str, ...]


def token_key(resource_type: str, parameter: str, code: str) -> UUID:
    """Listed: the code in any system. A composite is looked for in the list of its first component's code."""
    return key(resource_type, parameter, "token", code)


def coding_key(resource_type: str, parameter: str, system: str, code: str) -> UUID:
    """The code in this system; "" is none."""
    return key(resource_type, parameter, "coding", system, code)


def system_key(resource_type: str, parameter: str, system: str) -> UUID:
    """Any code in this system."""
    return key(resource_type, parameter, "system", system)


def present_key(resource_type: str, parameter: str) -> UUID:
    """Any value at all, for `:missing`."""
    return key(resource_type, parameter, "present")


def reference_key(resource_type: str, parameter: str, target_type: str, target_id: str) -> UUID:
    """Listed: a reference to this resource; `target_type` "": to this URL."""
    return key(resource_type, parameter, "reference", target_type, target_id)


def identifier_key(resource_type: str, parameter: str, system: str | None, value: str) -> UUID:
    """Listed: a reference with this identifier; `system` None: whatever the system."""
    return key(resource_type, parameter, "identifier", _MARKED_ABSENT if system is None else system, value)


def uri_key(resource_type: str, parameter: str, uri: str) -> UUID:
    """Listed: exactly this URI."""
    return key(resource_type, parameter, "uri", uri)


def key(resource_type: str, parameter: str, *parts: str) -> UUID:
    return UUID(hex=_digits(resource_type, parameter, *parts))


def coding_digits(resource_type: str, parameter: str, system: str, code: str) -> str:
    """The same key, as hexadecimal digits."""
    return _digits(resource_type, parameter, "coding", system, code)


def keys_of(resource_type: str, values: IndexValues) -> Keys:
    """Every key of a resource with these values."""
    listed = {_digits(resource_type, *parts) for parts in _others_listed(values)}
    unlisted = set(_present(resource_type, frozenset(parameters_of(values))))
    for parameter, system, code in values.tokens:
        is_short = len(system) + len(code) <= _LONGEST_REMEMBERED
        of_token = _remembered_token if is_short else _token
        own_listed, own_unlisted = of_token(resource_type, parameter, system, code)
        listed.update(own_listed)
        unlisted.update(own_unlisted)
    return Keys(tuple(sorted(listed)), tuple(sorted(unlisted)))


def parameters_of(values: IndexValues) -> set[str]:
    """The parameters that have a value."""
    return {
        row[0]
        for rows in (
            values.tokens,
            values.references,
            values.identifiers,
            values.uris,
            values.strings,
            values.texts,
            values.dates,
            values.quantities,
            values.composites,
        )
        for row in rows
    }


def _others_listed(values: IndexValues) -> Iterator[tuple[str, ...]]:
    """What is listed besides tokens."""
    for parameter, target_type, target_id in values.references:
        yield parameter, "reference", target_type, target_id
    for parameter, system, value in values.identifiers:
        yield parameter, "identifier", system, value
        yield parameter, "identifier", _MARKED_ABSENT, value
    for parameter, uri in values.uris:
        yield parameter, "uri", uri


def _token(
    resource_type: str, parameter: str, system: str, code: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of a token, listed and unlisted."""
    in_system = _worked_out(resource_type, parameter, "system", system)
    if not code:
        return (), (in_system,)
    coding = _worked_out(resource_type, parameter, "coding", system, code)
    return (_worked_out(resource_type, parameter, "token", code),), (in_system, coding)


@lru_cache(maxsize=4_096)
def _present(resource_type: str, parameters: frozenset[str]) -> tuple[str, ...]:
    return tuple(_worked_out(resource_type, parameter, "present") for parameter in parameters)


def _digits(*parts: str) -> str:
    is_short = len(parts[-1]) + len(parts[-2]) <= _LONGEST_REMEMBERED
    return _remembered(*parts) if is_short else _worked_out(*parts)


def _worked_out(*parts: str) -> str:
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(text.encode(), digest_size=16).hexdigest()


# The same codes, and references to the same patient, come again and again.
_remembered = lru_cache(maxsize=8_192)(_worked_out)
_remembered_token = lru_cache(maxsize=8_192)(_token)
